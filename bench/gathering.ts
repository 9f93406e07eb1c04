/**
 * How a process of many clients shares the cores with the service that it measures.
 *
 * A frame that wakes its receiver by itself costs several times what it costs among others: the switch to the process, a
 * turn of its loop, a question to the kernel. So the process rests after each look at its sockets, and the next look
 * finds more of them ready. And a scheduler lets a process that runs go on until its next tick (4 ms), whatever has woken
 * up meanwhile; so between two looks it gives way every few reads. Real clients are other machines, and take neither
 * from the service. What a frame waits meanwhile counts in its latency, for it is stamped when it is read: all of this
 * can only make the service look worse.
 */
const never = new Int32Array(new SharedArrayBuffer(4))

/** About half a millisecond of reading. */
const readsPerGo = 64
/** The kernel makes about 60 µs of it. */
const shortMs = 0.01

/** To be called at each read. `restMs`: the rest at the end of a turn of the loop; 0: none, but way is given. */
export const gathering = (restMs: number): (() => void) => {
  let reads = 0
  const rest = (): void => {
    reads = 0
    if (restMs > 0) Atomics.wait(never, 0, 0, restMs)
  }
  return () => {
    if (reads === 0) setImmediate(rest)
    reads += 1
    if (reads % readsPerGo === 0) Atomics.wait(never, 0, 0, shortMs)
  }
}
