/**
 * Lets a process of many sockets rest for a moment after each look at them, so that the next look finds more of them
 * ready at once.
 *
 * A frame that wakes its receiver by itself costs five times what it costs among others: the switch to the process, a
 * turn of its loop, a question to the kernel. Real clients are other machines and wake up elsewhere; here all of that
 * would be taken from the service's cores. What a frame waits meanwhile counts in its latency, for it is stamped when it
 * is read: the rest can only make the service look worse.
 */
const never = new Int32Array(new SharedArrayBuffer(4))

/** To be called at each read; the process rests for `ms` at the end of the loop's turn, once. */
export const gathering = (ms: number): (() => void) => {
  if (ms <= 0) return () => undefined
  let isDue = false
  const rest = (): void => {
    isDue = false
    Atomics.wait(never, 0, 0, ms)
  }
  return () => {
    if (isDue) return
    isDue = true
    setImmediate(rest)
  }
}
