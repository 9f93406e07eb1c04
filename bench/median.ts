/** The median, which one outlier does not move: what is quoted of repeated measurements. */

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const high = Math.floor(sorted.length / 2)
  const low = sorted.length % 2 === 0 ? high - 1 : high
  return ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2
}
