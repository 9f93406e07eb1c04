/**
 * The colour of one alert: green -> yellow -> red and back.
 *
 * A figure past the red threshold is also past the yellow one: both levels are entered, each is left by its own way
 * back, and red is shown over yellow (domain 4). So from red at 59 %, 80.5 % is still yellow. Pure: live traffic,
 * replay and tests run this same function.
 */
import type { Colour } from '../core/names.js'
import type { Level } from '../core/rule-set.js'
import {
  addDecimals,
  compareDecimals,
  compareFigure,
  type DecimalNumber,
  decimalOf,
  type ExactFigure,
} from './exact.js'
import { FigureError } from './figure.js'

/** The levels an alert is in: bit 1 yellow, bit 2 red. 0 is green. */
export type InLevels = number
export const inYellow = 1
export const inRed = 2

export const colourOf = (levels: InLevels): Colour =>
  (levels & inRed) !== 0 ? 'red' : (levels & inYellow) !== 0 ? 'yellow' : 'green'

export interface CompiledLevel {
  readonly written: Level
  readonly direction: 'above' | 'below'
  readonly entersAt: DecimalNumber
  readonly leavesAt: DecimalNumber
}

export interface Levels {
  readonly yellow?: CompiledLevel
  readonly red?: CompiledLevel
}

const zero: DecimalNumber = { units: 0, scale: 1 }
const one: DecimalNumber = { units: 1, scale: 1 }

/**
 * `ratio`: the figure has a denominator, so a threshold from 0 to 1 has a way back that never lies beyond 0 % or 100 %
 * (coverage below 100 % is left at 100 %, not at 101 %).
 * @throws FigureError
 */
export function compileLevel(written: Level, ratio: boolean): CompiledLevel {
  const direction = 'above' in written ? 'above' : 'below'
  const entersAt = decimal('above' in written ? written.above : written.below)
  const back = decimal(written.back ?? '0')
  if (back.units < 0) throw new FigureError(`back ${written.back} must be 0 or more`)
  const leavesAt = addDecimals(entersAt, back, direction === 'above' ? -1 : 1)
  if (!leavesAt) throw new FigureError('threshold and way back have too many digits together')
  return { written, direction, entersAt, leavesAt: ratio ? withinWhole(entersAt, leavesAt) : leavesAt }
}

function withinWhole(entersAt: DecimalNumber, leavesAt: DecimalNumber): DecimalNumber {
  if (compareDecimals(entersAt, zero) >= 0 && compareDecimals(leavesAt, zero) < 0) return zero
  if (compareDecimals(entersAt, one) <= 0 && compareDecimals(leavesAt, one) > 0) return one
  return leavesAt
}

function decimal(text: string): DecimalNumber {
  const value = decimalOf(text)
  if (!value) throw new FigureError(`"${text}" is no decimal of at most 15 digits, 9 of them after the point`)
  return value
}

/** Whether a figure past `far` is always past `near` too. */
export function isBeyond(far: CompiledLevel, near: CompiledLevel): boolean {
  if (far.direction !== near.direction) return false
  const order = compareDecimals(far.entersAt, near.entersAt)
  return far.direction === 'above' ? order >= 0 : order <= 0
}

/** The levels after a figure has been seen. */
export function nextLevels(rule: Levels, was: InLevels, figure: ExactFigure): InLevels {
  return (
    (isIn(rule.yellow, (was & inYellow) !== 0, figure) ? inYellow : 0) |
    (isIn(rule.red, (was & inRed) !== 0, figure) ? inRed : 0)
  )
}

function isIn(level: CompiledLevel | undefined, was: boolean, figure: ExactFigure): boolean {
  if (!level) return false
  if (level.direction === 'above') {
    if (compareFigure(figure, level.entersAt) > 0) return true
    return was && compareFigure(figure, level.leavesAt) > 0
  }
  if (compareFigure(figure, level.entersAt) < 0) return true
  return was && compareFigure(figure, level.leavesAt) < 0
}

/** The level that made the shown colour what it is now: the one entered, or, going back, the highest one left. */
export function decidingLevel(rule: Levels, from: Colour, to: Colour): CompiledLevel | undefined {
  if (to === 'red') return rule.red
  if (to === 'yellow') return from === 'red' ? rule.red : rule.yellow
  return rule.yellow ?? rule.red
}
