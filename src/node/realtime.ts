/**
 * Real-time priority for a thread on whose answer people wait (sched(7), SCHED_RR).
 *
 * A niceness does not put anybody first at once: whoever runs keeps the core until its slice is over, which the kernel
 * notices at its next tick, every 4 ms at 250 Hz. A thread of real-time priority runs as soon as it has something to do.
 */
import { spawnSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'

const priorityMax = 99

/**
 * Gives the calling thread this priority; 0 asks for nothing. False where the system does not permit it, or has no `chrt`
 * (util-linux): then its niceness stands.
 */
export function takeRealtime(priority: number): boolean {
  if (priority <= 0 || priority > priorityMax) return false
  try {
    // The only way to a thread's own id: `<process>/task/<thread>`.
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1) ?? ''
    return spawnSync('chrt', ['--rr', '--pid', String(priority), thread]).status === 0
  } catch {
    return false
  }
}
