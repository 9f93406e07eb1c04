/** Whole posts shared out: nothing lost, nothing unfair. */
import fc from 'fast-check'
import t from 'tap'
import { apportion } from '../../data/city/apportion.js'

t.test('shares add up to the total, respect the minimum, and miss the exact quota by less than one', async (t) => {
  const cases = fc.record({
    weights: fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 40 }),
    atLeast: fc.integer({ min: 0, max: 5 }),
    free: fc.integer({ min: 0, max: 100_000 }),
  })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(cases, ({ weights, atLeast, free }) => {
        const total = free + atLeast * weights.length
        const shares = apportion(total, weights, atLeast)
        const weightSum = weights.reduce((all, weight) => all + weight, 0)
        return (
          shares.reduce((all, share) => all + share, 0) === total &&
          shares.every((share, index) => {
            const exact = (free * (weights[index] ?? 0)) / weightSum
            return share >= atLeast && Math.abs(share - atLeast - exact) < 1
          })
        )
      }),
    ),
  )
})

t.test('equal remainders go to the earlier share', async (t) => {
  t.same(apportion(5, [1, 1, 1]), [2, 2, 1])
})

t.test('a weight of zero gets the minimum only', async (t) => {
  t.same(apportion(10, [0, 3], 2), [2, 8])
  t.same(apportion(0, [0, 0]), [0, 0])
})

t.test('a minimum that is more than the total is refused', async (t) => {
  t.throws(() => apportion(5, [1, 1], 3), /5 cannot be split over 2 shares of at least 3/)
  t.throws(() => apportion(5, [0, 0]), /cannot be split/)
})
