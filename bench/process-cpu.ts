/**
 * CPU time of the processes of a process group, from /proc: which of them a run is short of.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** The kernel counts in ticks of 10 ms on every Linux that Node runs on (USER_HZ). */
const tickMs = 10

export interface ProcessCpu {
  readonly pid: number
  /** Its script, for example `push-process.js`. */
  readonly name: string
  readonly cpuMs: number
  readonly residentBytes: number
}

const pageBytes = 4096

/** The process, when it is there and belongs to the group, if one is asked for. */
export const readProcess = (pid: number, group?: number): ProcessCpu | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name in brackets may hold blanks, so the fields are counted from behind it: state is the first
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (group !== undefined && Number(fields[2]) !== group) return undefined
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return {
      pid,
      // A spare core has the command line of a core until it says that it waits.
      name: words.includes('spare') ? 'spare' : basename(words.find((word) => word.endsWith('.js')) ?? words[0] ?? ''),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
      residentBytes: Number(fields[21]) * pageBytes,
    }
  } catch {
    return undefined
  }
}

/** All processes of the group, by pid. Empty where there is no /proc. */
export const readGroup = (group: number): ProcessCpu[] => {
  try {
    return readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .flatMap((name) => readProcess(Number(name), group) ?? [])
      .sort((a, b) => a.pid - b.pid)
  } catch {
    return []
  }
}

/** Those of the processes that are there. */
export const readProcesses = (pids: readonly number[]): ProcessCpu[] => pids.flatMap((pid) => readProcess(pid) ?? [])

export interface ProcessShare {
  readonly name: string
  /** CPU time per wall time: 1 is one core. */
  readonly cores: number
  readonly residentBytes: number
}

/** What each process used between two readings. */
export const sharesBetween = (
  before: readonly ProcessCpu[],
  after: readonly ProcessCpu[],
  tookMs: number,
): ProcessShare[] =>
  after.map(({ pid, name, cpuMs, residentBytes }) => {
    const earlier = before.find((one) => one.pid === pid)
    return { name, cores: Math.round(((cpuMs - (earlier?.cpuMs ?? 0)) / tookMs) * 1e3) / 1e3, residentBytes }
  })
