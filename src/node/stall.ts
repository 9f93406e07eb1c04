/**
 * Control of the benches: the loop stands still once, as if a defect held it, and the bench must see it.
 */
import type { Logger } from 'pino'

// Late enough for a bench to have begun to measure, early enough to lie inside the shortest run.
const stallAfterMs = 10_000

export function stallOnce(stallMs: number, logger: Logger): void {
  setTimeout(() => {
    logger.warn({ stallMs }, 'stalls, as configured')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs)
  }, stallAfterMs)
}
