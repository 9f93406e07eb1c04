/**
 * Leaves the core to whoever waits for it, for a moment.
 *
 * A process in the middle of a message to everybody never sleeps, and a scheduler lets a process that runs go on for its
 * slice, whatever has woken up meanwhile and with whatever priority: on Linux until the next tick, which is 4 ms. A freeze
 * goes through eight hops from its request to its frame, and would wait so long at each of them.
 */
const never = new Int32Array(new SharedArrayBuffer(4))

/** The shortest sleep there is: the kernel makes about 60 µs of it. */
const waitMs = 0.01

export function giveWay(): void {
  Atomics.wait(never, 0, 0, waitMs)
}
