/**
 * The service's clock. With `system` it is the machine's; with `scenario` only `POST /v1/clock` moves it, and only
 * forward, so that a simulator plays years in minutes and every deadline follows.
 */
import { formatTime } from '../core/day.js'
import { QwError } from '../core/errors.js'
import type { UnixMs } from '../core/names.js'
import type { ClockKind } from './data-directory.js'

export class ServiceClock {
  readonly kind: ClockKind
  #scenarioMs: UnixMs

  /** `startMs`: where a scenario clock stands; the log's last batch, or the configured start of a new directory. */
  constructor(kind: ClockKind, startMs: UnixMs) {
    this.kind = kind
    this.#scenarioMs = startMs
  }

  nowMs = (): UnixMs => (this.kind === 'system' ? (Date.now() as UnixMs) : this.#scenarioMs)

  /** QW_CLOCK_KIND on a system clock, QW_CLOCK_BACKWARD for a moment before now. */
  moveTo(ms: UnixMs): void {
    if (this.kind === 'system') throw new QwError('QW_CLOCK_KIND', { clock: 'system', reason: 'nobody sets it' })
    if (ms < this.#scenarioMs) throw new QwError('QW_CLOCK_BACKWARD', { now: formatTime(this.#scenarioMs) })
    this.#scenarioMs = ms
  }
}

/** Microseconds of CLOCK_MONOTONIC: the same for every process of this host, so stamps can be subtracted. */
export const monotonicUs = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000)
}
