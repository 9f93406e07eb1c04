/**
 * Exact comparison of a figure with a threshold.
 *
 * A figure is a pair of integers and a threshold a decimal, so they are compared by cross-multiplication: a unit at
 * exactly 60 % is at 60 %, whatever a double would say. Products that leave the range in which doubles are exact are
 * formed as BigInt.
 */

/** A whole number: a double while it is a safe integer, a BigInt beyond. */
export type Exact = number | bigint

export interface ExactFigure {
  readonly numerator: Exact
  /** More than 0. */
  readonly denominator: Exact
}

/** `units / scale`, scale a power of ten. */
export interface DecimalNumber {
  readonly units: number
  readonly scale: number
}

const decimalShape = /^(-?)([0-9]+)(?:\.([0-9]{1,9}))?$/

/** Undefined when the text is no decimal, or has more digits than a double holds exactly. */
export function decimalOf(text: string): DecimalNumber | undefined {
  const match = decimalShape.exec(text)
  if (!match) return undefined
  const fraction = match[3] ?? ''
  const units = Number(`${match[2]}${fraction}`)
  if (!Number.isSafeInteger(units)) return undefined
  return { units: match[1] === '-' && units !== 0 ? -units : units, scale: 10 ** fraction.length }
}

/** `a + sign * b`; undefined when the sum leaves the safe range. */
export function addDecimals(a: DecimalNumber, b: DecimalNumber, sign: 1 | -1): DecimalNumber | undefined {
  const scale = Math.max(a.scale, b.scale)
  const units = a.units * (scale / a.scale) + sign * b.units * (scale / b.scale)
  return Number.isSafeInteger(units) ? { units, scale } : undefined
}

/** Less than, equal to or more than 0 as the figure is below, at or above the threshold. */
export function compareFigure(figure: ExactFigure, threshold: DecimalNumber): number {
  const { numerator, denominator } = figure
  if (typeof numerator === 'number' && typeof denominator === 'number') {
    const left = numerator * threshold.scale
    const right = threshold.units * denominator
    // A rounded product of safe integers is itself safe only when it was not rounded.
    if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return left - right
  }
  const left = BigInt(numerator) * BigInt(threshold.scale)
  const right = BigInt(threshold.units) * BigInt(denominator)
  return left < right ? -1 : left > right ? 1 : 0
}

export const compareDecimals = (a: DecimalNumber, b: DecimalNumber): number =>
  compareFigure({ numerator: a.units, denominator: a.scale }, b)
