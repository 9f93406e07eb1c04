/**
 * How much of the machine others used while the bench measured: neighbours, a compiler, the hypervisor (steal).
 *
 * A ratio of two shots means nothing when a neighbour had half a core during one of them, so a run looks and says so.
 */
import { readFileSync } from 'node:fs'
import { type ProcessCpu, sharesBetween } from './process-cpu.js'

/** The kernel counts in ticks of 10 ms (USER_HZ). */
const tickMs = 10

/** CPU time that was not idle, of all cores, since the machine was started. */
const busyMs = (): number => {
  const text = readFileSync('/proc/stat', 'utf8')
  // cpu user nice system idle iowait irq softirq steal …
  const fields = text.slice(0, text.indexOf('\n')).split(/ +/).map(Number)
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields
  return (user + nice + system + irq + softirq + steal) * tickMs
}

export interface Shares {
  /** CPU time per wall time of the processes that were watched: 1 is one core. */
  readonly ownCores: number
  /** The rest of what was not idle; at least 0. */
  readonly foreignCores: number
}

const hundredth = (cores: number): number => Math.round(cores * 100) / 100

/** Begins to look; the returned function says what was used since. NaN where there is no /proc. */
export const watchMachine = (own: () => readonly ProcessCpu[]): (() => Shares) => {
  const read = () => {
    try {
      return { processes: own(), busy: busyMs(), atMs: performance.now() }
    } catch {
      return { processes: [], busy: Number.NaN, atMs: performance.now() }
    }
  }
  const before = read()
  return () => {
    const after = read()
    const tookMs = after.atMs - before.atMs
    const ownCores = sharesBetween(before.processes, after.processes, tookMs).reduce((sum, { cores }) => sum + cores, 0)
    const busyCores = (after.busy - before.busy) / tookMs
    return { ownCores: hundredth(ownCores), foreignCores: hundredth(Math.max(0, busyCores - ownCores)) }
  }
}
