/**
 * The one clock of the bench: microseconds of CLOCK_MONOTONIC, which all processes of a host share.
 *
 * So a client may subtract the generator's intended time from its own receive time, and the service's stamps from both.
 */

/** Microseconds since an arbitrary point that is the same for every process of this host. Exact to about 0.1 µs. */
export const nowUs = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}

/** The clock as an argument, so that the pacing can be tested without waiting. */
export type ClockUs = () => number
