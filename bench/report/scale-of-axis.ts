/**
 * Where a value lies on an axis, and which values are written beside it.
 */
export type AxisKind = 'linear' | 'log' | 'percentile'

export interface Axis {
  /** 0 at the axis' beginning, 1 at its end. */
  readonly at: (value: number) => number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

const steps = [1, 2, 5, 10]

/** The smallest of 1, 2, 5 × 10^k that makes at most `ticksMax` steps of `span`. */
export const niceStep = (span: number, ticksMax: number): number => {
  const rough = span / ticksMax
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  return (steps.find((step) => step * magnitude >= rough * (1 - 1e-9)) ?? 10) * magnitude
}

export const shortNumber = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 1e6) return `${trim(value / 1e6)}M`
  if (size >= 1e4) return `${trim(value / 1e3)}k`
  return trim(value)
}

const trim = (value: number): string => String(Number(value.toPrecision(3)))

const linear = (max: number, ticksMax: number): Axis => {
  const step = niceStep(max > 0 ? max : 1, ticksMax)
  const end = Math.ceil((max > 0 ? max : 1) / step - 1e-9) * step
  const count = Math.round(end / step)
  return {
    at: (value) => value / end,
    ticks: Array.from({ length: count + 1 }, (_, i) => ({ value: i * step, label: shortNumber(i * step) })),
  }
}

/** Whole decades around the values; what is not above 0 lies at the beginning. */
const logarithmic = (min: number, max: number): Axis => {
  const from = Math.floor(Math.log10(min))
  const to = Math.max(from + 1, Math.ceil(Math.log10(max) - 1e-9))
  return {
    at: (value) => (value > 0 ? Math.max(0, (Math.log10(value) - from) / (to - from)) : 0),
    ticks: Array.from({ length: to - from + 1 }, (_, i) => ({
      value: 10 ** (from + i),
      label: shortNumber(10 ** (from + i)),
    })),
  }
}

/** By the number of nines, so that the tail has the room: 90, 99, 99.9 are as far apart as 0 and 90. */
const nines = (percentile: number): number => -Math.log10(Math.max(1e-5, 1 - percentile / 100))

const percentiles = [0, 50, 90, 99, 99.9, 99.99, 99.999]

const ofPercentiles = (max: number): Axis => {
  const end = nines(Math.max(90, max))
  return {
    at: (value) => Math.min(1, nines(value) / end),
    ticks: percentiles.filter((one) => nines(one) <= end + 1e-9).map((value) => ({ value, label: `${value}` })),
  }
}

/** An axis that holds all of `values`; linear ones begin at 0. */
export const axisOf = (kind: AxisKind, values: readonly number[], ticksMax: number): Axis => {
  const max = Math.max(...values, 0)
  if (kind === 'linear') return linear(max, ticksMax)
  if (kind === 'percentile') return ofPercentiles(Math.min(99.999, max))
  const positive = values.filter((value) => value > 0)
  return positive.length === 0 ? logarithmic(1, 10) : logarithmic(Math.min(...positive), max)
}
