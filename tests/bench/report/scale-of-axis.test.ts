import fc from 'fast-check'
import t from 'tap'
import { type AxisKind, axisOf, niceStep, shortNumber } from '../../../bench/report/scale-of-axis.js'

const kinds = fc.constantFrom<AxisKind>('linear', 'log', 'percentile')
// Nothing is measured finer than a millionth.
const value = fc.integer({ min: 0, max: 99_999_900 }).map((millionths) => millionths / 1e6)
const values = fc.array(value, { minLength: 1, maxLength: 20 })

t.test('every value lies on the axis, in its order, and so does every tick', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(kinds, values, (kind, all) => {
        const axis = axisOf(kind, all, 5)
        const sorted = [...all].sort((a, b) => a - b).map(axis.at)
        const ticks = axis.ticks.map(({ value }) => axis.at(value))
        return (
          [...sorted, ...ticks].every((at) => at >= -1e-9 && at <= 1 + 1e-9) &&
          [sorted, ticks].every((one) => one.every((at, i) => i === 0 || at >= (one[i - 1] ?? 0))) &&
          ticks.length >= 1
        )
      }),
    ),
  )
})

t.test('a linear axis begins at 0 and has steps of 1, 2 or 5', async (t) => {
  t.strictSame(
    axisOf('linear', [37, 12], 5).ticks.map(({ label }) => label),
    ['0', '10', '20', '30', '40'],
  )
  for (const [span, step] of [
    [10, 2],
    [50, 10],
    [26, 10],
    [24, 5],
    [0.3, 0.1],
  ] as const)
    t.ok(Math.abs(niceStep(span, 5) - step) < 1e-9, `${span}`)
})

t.test('nines are evenly apart on the axis of percentiles', async (t) => {
  const { at } = axisOf('percentile', [99.9], 5)
  t.ok(Math.abs(at(90) - 1 / 3) < 1e-9)
  t.ok(Math.abs(at(99) - 2 / 3) < 1e-9)
  t.equal(at(0), 0)
})

t.test('numbers are written short', async (t) => {
  for (const [value, text] of [
    [0, '0'],
    [0.123456, '0.123'],
    [999, '999'],
    [12_345, '12.3k'],
    [2_500_000, '2.5M'],
  ] as const)
    t.equal(shortNumber(value), text)
})
