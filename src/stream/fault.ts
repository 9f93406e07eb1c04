/**
 * A fault on demand: which deliveries are left out. A bench that never failed has proved nothing, so it is run against
 * this and must notice.
 */

/** True for `ratio` of the calls, the same ones each time; undefined when none is wanted. */
export function faultOf(ratio: number): (() => boolean) | undefined {
  if (ratio <= 0) return undefined
  let calls = 0
  return () => {
    calls += 1
    return Math.floor(calls * ratio) > Math.floor((calls - 1) * ratio)
  }
}
