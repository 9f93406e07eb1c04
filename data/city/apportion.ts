/**
 * Whole posts shared out by weight, so that the shares add up to the total exactly.
 *
 * Largest remainder (Hamilton) in integers: no rounding is left over and no order of addition matters.
 * Called by units.ts (posts to units) and staff.ts (contract staff to counties and units).
 */

/**
 * `total` split over `weights`, each share at least `atLeast`. What is left after the minimum follows the weights;
 * equal remainders go to the earlier one. Throws when the minimum alone is more than the total.
 */
export function apportion(total: number, weights: readonly number[], atLeast = 0): number[] {
  const free = total - atLeast * weights.length
  const sum = weights.reduce((all, weight) => all + weight, 0)
  if (free < 0 || (sum <= 0 && free > 0)) {
    throw new Error(`${total} cannot be split over ${weights.length} shares of at least ${atLeast}`)
  }
  const shares = weights.map((weight, index) => ({
    index,
    posts: sum === 0 ? 0 : Math.floor((free * weight) / sum),
    remainder: sum === 0 ? 0 : (free * weight) % sum,
  }))
  const missing = free - shares.reduce((all, share) => all + share.posts, 0)
  const byRemainder = [...shares].sort((x, y) => y.remainder - x.remainder || x.index - y.index)
  for (const share of byRemainder.slice(0, missing)) share.posts += 1
  return shares.map((share) => share.posts + atLeast)
}
