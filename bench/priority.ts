/**
 * The scheduling priority of a bench process: the clients and the generator stand for other machines, which would not
 * wait for this one's cores.
 */
import { spawnSync } from 'node:child_process'
import { setPriority } from 'node:os'

/** Where the system does not permit it nothing happens: the lag of the process says what that costs. */
export const prioritise = (niceness: number): void => {
  try {
    setPriority(niceness)
  } catch {
    // as said
  }
}

/**
 * This process runs as soon as it has something to do, before all that has no real-time priority: as on a machine of its
 * own. A niceness does not do that: whoever runs keeps the core until its slice is over, which the kernel notices at its
 * next tick (every 4 ms at 250 Hz). False where `chrt` or the right to it is missing.
 */
export const runAtOnce = (): boolean => spawnSync('chrt', ['--fifo', '--pid', '1', String(process.pid)]).status === 0
