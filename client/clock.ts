/**
 * What the client knows of time, as an argument, so that a simulation can let a day of broken connections pass in a
 * second and a failure can be replayed.
 */
export interface Clock {
  /** Milliseconds since 1970, for "old since …". */
  nowMs(): number
  /** Calls `run` once, `delayMs` from now; the answer takes that back. */
  after(delayMs: number, run: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
