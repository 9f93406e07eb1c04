/**
 * The scheduling priority of a bench process: the clients and the generator stand for other machines, which would not
 * wait for this one's cores.
 */
import { setPriority } from 'node:os'

/** Where the system does not permit it nothing happens: the lag of the process says what that costs. */
export const prioritise = (niceness: number): void => {
  try {
    setPriority(niceness)
  } catch {
    // as said
  }
}
