import fc from 'fast-check'
import t from 'tap'
import { latencyMs, merge, newHistogram, pack, percentileMs, Recorder, record } from '../../bench/histogram.js'

const packedOf = (values: readonly number[]): string => {
  const histogram = newHistogram()
  for (const value of values) record(histogram, value)
  return pack(histogram)
}

/** The independent oracle: the smallest value that at least `percentile` % of all values do not exceed. */
const sortedPercentile = (values: readonly number[], percentile: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? 0
}

t.test('merged percentiles are those of all values together, to 0.1 %', async (t) => {
  const values = fc.array(fc.integer({ min: 0, max: 60_000_000 }), { minLength: 1, maxLength: 200 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (processes) => {
        const merged = merge(processes.map(packedOf))
        const all = processes.flat()
        return (
          merged.totalCount === all.length &&
          [50, 90, 99, 99.9, 100].every((percentile) => {
            const wanted = sortedPercentile(all, percentile)
            return Math.abs(merged.getValueAtPercentile(percentile) - wanted) <= wanted * 0.002 + 1
          })
        )
      }),
    ),
  )
})

t.test('a slow process is not averaged away', async (t) => {
  const fast = packedOf(Array.from({ length: 9_000 }, () => 1_000))
  const slow = packedOf(Array.from({ length: 1_000 }, () => 100_000))
  const merged = merge([fast, slow])
  t.equal(percentileMs(merged, 50), 1)
  t.ok(Math.abs(percentileMs(merged, 99) - 100) < 0.2, 'the mean of the two p99 would be 50.5')
})

t.test('values outside the range are counted at its ends', async (t) => {
  const histogram = newHistogram()
  record(histogram, -5)
  record(histogram, 1e12)
  t.equal(histogram.totalCount, 2)
  t.equal(percentileMs(histogram, 50), 0)
  t.ok(latencyMs(histogram).max >= 120_000)
})

t.test('nothing merged is an empty histogram', async (t) => {
  t.strictSame(latencyMs(merge([])), { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 })
})

t.test('the recorder of the hot path packs to the same percentiles, to 0.1 %', async (t) => {
  const values = fc.array(fc.oneof(fc.integer({ min: -5, max: 5_000 }), fc.integer({ min: 0, max: 200_000_000 })), {
    minLength: 1,
    maxLength: 300,
  })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(values, (all) => {
        const recorder = new Recorder()
        for (const value of all) recorder.record(value)
        const merged = merge([recorder.pack()])
        const clamped = all.map((value) => Math.min(120e6, Math.max(0, value)))
        return (
          recorder.total === all.length &&
          merged.totalCount === all.length &&
          [0.1, 50, 99, 100].every((percentile) => {
            const wanted = sortedPercentile(clamped, percentile)
            return Math.abs(merged.getValueAtPercentile(percentile) - wanted) <= wanted * 0.002 + 1
          })
        )
      }),
    ),
  )
})

t.test('a recorder that was reset has counted nothing', async (t) => {
  const recorder = new Recorder()
  recorder.record(7)
  recorder.reset()
  t.equal(recorder.total, 0)
  t.equal(merge([recorder.pack()]).totalCount, 0)
})
