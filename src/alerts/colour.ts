/**
 * The colour of one alert: green -> yellow -> red and back.
 *
 * A figure past the red threshold is also past the yellow one: both levels are entered, each is left by its own way
 * back, and red is shown over yellow (domain 4). So from red at 59 %, 80.5 % is still yellow. Thresholds may differ by
 * calendar year. Pure: live traffic, replay and tests run this same function.
 */
import type { Colour } from '../core/names.js'
import type { Level, RuleLevels, Threshold } from '../core/rule-set.js'
import type { Why } from '../core/transition.js'
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

/** A level as it stands in one year. */
export interface CompiledLevel {
  /** As it was written, the threshold being that of the year. */
  readonly written: NonNullable<Why['threshold']>
  readonly assumed: boolean
  readonly direction: 'above' | 'below'
  readonly entersAt: DecimalNumber
  readonly leavesAt: DecimalNumber
}

export interface Levels {
  readonly yellow?: CompiledLevel | undefined
  readonly red?: CompiledLevel | undefined
}

/** Levels by year: the last entry whose year has come holds. Ascending; the first may be of all time. */
type ByYear = readonly (readonly [fromYear: number, level: CompiledLevel])[]

/** The levels of a rule, looked up by year. The last year asked for is kept: years change seldom. */
export class LevelsByYear {
  readonly #yellow: ByYear
  readonly #red: ByYear
  #year = Number.NaN
  #levels: Levels = { yellow: undefined, red: undefined }

  /** `ratio`: the figure has a denominator. @throws FigureError */
  constructor({ yellow, red }: RuleLevels, ratio: boolean) {
    this.#yellow = yellow ? compileLevel(yellow, ratio) : []
    this.#red = red ? compileLevel(red, ratio) : []
  }

  /** Both stand in it, also where there is one only: so all rules' have one shape. */
  at(year: number): Levels {
    if (year === this.#year) return this.#levels
    this.#year = year
    this.#levels = { yellow: levelAt(this.#yellow, year), red: levelAt(this.#red, year) }
    return this.#levels
  }

  /** Years in which a threshold begins. */
  get years(): number[] {
    return [...new Set([...this.#yellow, ...this.#red].map(([from]) => from))].filter(Number.isFinite)
  }
}

const levelAt = (levels: ByYear, year: number): CompiledLevel | undefined =>
  levels.findLast(([from]) => from <= year)?.[1]

const zero: DecimalNumber = { units: 0, scale: 1 }
const one: DecimalNumber = { units: 1, scale: 1 }

/**
 * `ratio`: a threshold from 0 to 1 then has a way back that never lies beyond 0 % or 100 % (coverage below 100 % is left
 * at 100 %, not at 101 %).
 * @throws FigureError
 */
export function compileLevel(level: Level, ratio: boolean): ByYear {
  const direction = 'above' in level ? 'above' : 'below'
  const threshold: Threshold = 'above' in level ? level.above : level.below
  const back = decimal(level.back ?? '0')
  if (back.units < 0) throw new FigureError(`back ${level.back} must be 0 or more`)
  const inYear = (text: string): CompiledLevel => {
    const entersAt = decimal(text)
    const leavesAt = addDecimals(entersAt, back, direction === 'above' ? -1 : 1)
    if (!leavesAt) throw new FigureError('threshold and way back have too many digits together')
    return {
      written: {
        [direction]: text,
        ...(level.back === undefined ? {} : { back: level.back }),
        ...(level.or === undefined ? {} : { or: level.or }),
      },
      assumed: level.assumed ?? false,
      direction,
      entersAt,
      leavesAt: ratio ? withinWhole(entersAt, leavesAt) : leavesAt,
    }
  }
  if (typeof threshold === 'string') return [[Number.NEGATIVE_INFINITY, inYear(threshold)]]
  return Object.entries(threshold)
    .map(([year, text]) => [Number(year), inYear(text)] as const)
    .sort(([a], [b]) => a - b)
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

/** The level that the shown colour is of now: what holds of an alert, and whether it is assumed; of green, the last one left. */
export function shownLevel(rule: Levels, to: Colour): CompiledLevel | undefined {
  return to === 'red' ? rule.red : (rule.yellow ?? rule.red)
}
