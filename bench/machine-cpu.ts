/**
 * How much of the machine others used while the bench measured: neighbours, a compiler, the hypervisor (steal).
 *
 * A ratio of two shots means nothing when a neighbour had half a core during one of them, so a run looks and says so.
 */
import { readFileSync } from 'node:fs'
import { type ProcessCpu, sharesBetween } from './process-cpu.js'

/** The kernel counts in ticks of 10 ms (USER_HZ). */
const tickMs = 10

interface MachineMs {
  /** CPU time that was not idle, of all cores, since the machine was started; without the next. */
  readonly busy: number
  /** Interrupts of hardware and software: on loopback mostly the traffic itself, which no process is charged with. */
  readonly interrupts: number
}

const readMachine = (): MachineMs => {
  const text = readFileSync('/proc/stat', 'utf8')
  // cpu user nice system idle iowait irq softirq steal …
  const fields = text.slice(0, text.indexOf('\n')).split(/ +/).map(Number)
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields
  return { busy: (user + nice + system + steal) * tickMs, interrupts: (irq + softirq) * tickMs }
}

export interface Shares {
  /** CPU time per wall time of the processes that were watched: 1 is one core. */
  readonly ownCores: number
  /** Of the kernel's interrupts, whoever caused them. */
  readonly interruptCores: number
  /** The rest of what was not idle; at least 0. */
  readonly foreignCores: number
}

const hundredth = (cores: number): number => Math.round(cores * 100) / 100

/** Begins to look; the returned function says what was used since. NaN where there is no /proc. */
export const watchMachine = (own: () => readonly ProcessCpu[]): (() => Shares) => {
  const read = () => {
    try {
      return { processes: own(), ...readMachine(), atMs: performance.now() }
    } catch {
      return { processes: [], busy: Number.NaN, interrupts: Number.NaN, atMs: performance.now() }
    }
  }
  const before = read()
  return () => {
    const after = read()
    const tookMs = after.atMs - before.atMs
    const ownCores = sharesBetween(before.processes, after.processes, tookMs).reduce((sum, { cores }) => sum + cores, 0)
    const busyCores = (after.busy - before.busy) / tookMs
    return {
      ownCores: hundredth(ownCores),
      interruptCores: hundredth((after.interrupts - before.interrupts) / tookMs),
      foreignCores: hundredth(Math.max(0, busyCores - ownCores)),
    }
  }
}
