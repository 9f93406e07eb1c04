/**
 * Latencies in HDR histograms: one per process and stage, in whole microseconds, merged by adding counts.
 *
 * Percentiles are never averaged: the p99 of two processes is not the mean of their p99s, so a process hands over its
 * whole histogram (about 1 KB when packed) and the coordinator reads percentiles only off the sum.
 */
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'

export type { Histogram }

/** Two minutes: longer than any wait of the bench. What is later still is counted here, and seen in `max`. */
const highestUs = 120e6

/** `digits` 3: every figure is exact to 0.1 %. */
export const newHistogram = (digits: 2 | 3 = 3): Histogram =>
  build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestUs,
    numberOfSignificantValueDigits: digits,
  })

/** Records microseconds; below zero (a clock that disagrees) is clamped to 0 and above the top to the top. */
export const record = (histogram: Histogram, valueUs: number): void =>
  histogram.recordValue(Math.min(highestUs, Math.max(0, Math.round(valueUs))))

/** Values below 2^11 are counted one by one, greater ones by their first 11 bits: exact to 0.05 %. */
const wholeBits = 11
const halfRow = 2 ** (wholeBits - 1)

/**
 * Counts microseconds for the hot path: eight of these a frame cost less than one record of the library, which is made
 * for every precision there is. Packed, it is one of its histograms.
 */
export class Recorder {
  readonly #counts = new Uint32Array(2 * halfRow + (Math.ceil(Math.log2(highestUs)) - wholeBits) * halfRow)
  #total = 0

  get total(): number {
    return this.#total
  }

  record(valueUs: number): void {
    const value = valueUs < 0 ? 0 : valueUs > highestUs ? highestUs : Math.round(valueUs)
    const row = Math.max(0, 32 - wholeBits - Math.clz32(value))
    const index = row * halfRow + (value >>> row)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#total += 1
  }

  reset(): void {
    this.#counts.fill(0)
    this.#total = 0
  }

  pack(digits: 2 | 3 = 3): string {
    const histogram = newHistogram(digits)
    for (const [index, count] of this.#counts.entries())
      if (count > 0) histogram.recordValueWithCount(middleOf(index), count)
    return pack(histogram)
  }
}

/** The middle of what is counted at `index`. */
const middleOf = (index: number): number => {
  const row = Math.max(0, Math.floor(index / halfRow) - 1)
  return Math.min(highestUs, ((index - row * halfRow) << row) + ((1 << row) >> 1))
}

export const pack = (histogram: Histogram): string => encodeIntoCompressedBase64(histogram)

/** The sum of packed histograms of the same precision. */
export const merge = (packed: readonly string[], digits: 2 | 3 = 3): Histogram => {
  const sum = newHistogram(digits)
  for (const one of packed) sum.add(decodeFromCompressedBase64(one))
  return sum
}

export interface LatencyMs {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** `percentile` in 0…100; milliseconds, rounded to the microsecond. */
export const percentileMs = (histogram: Histogram, percentile: number): number =>
  Math.round(histogram.getValueAtPercentile(percentile)) / 1e3

const curvePercentiles = [0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99, 99.999]

/** Percentile and milliseconds, from the fastest to the slowest: what a plot needs. Empty when nothing was recorded. */
export const latencyCurve = (histogram: Histogram): (readonly [number, number])[] =>
  histogram.totalCount === 0 ? [] : curvePercentiles.map((one) => [one, percentileMs(histogram, one)] as const)

export const latencyMs = (histogram: Histogram): LatencyMs => ({
  p50: percentileMs(histogram, 50),
  p90: percentileMs(histogram, 90),
  p99: percentileMs(histogram, 99),
  p999: percentileMs(histogram, 99.9),
  max: percentileMs(histogram, 100),
})
