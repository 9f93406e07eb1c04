/**
 * Which figures a rule set compared with which of its thresholds, seen from inside: the compiled rules are given levels
 * that take note when they are read. So what the rule tests reach is measured, and not claimed by their names.
 *
 * A level's threshold is touched `at` it, `under` and `over` it (just, that is); its way back, where it has one, `at` it and
 * `short` of it, both while the alert is in the level, for only then does the engine look at it.
 */
import type { CompiledLevel, LevelsByYear } from '../../../src/alerts/colour.js'
import { compareDecimals, compareFigure, type DecimalNumber, type ExactFigure } from '../../../src/alerts/exact.js'
import { type CompiledRule, cleared, compileRules } from '../../../src/alerts/rules.js'
import type { RuleSet } from '../../../src/core/rule-set.js'

const sides = ['at', 'under', 'over'] as const

/** `vacancy unit yellow 0.20 over`, for everything that a test can reach of the set. */
export const reachable = (set: RuleSet): Set<string> =>
  new Set(
    Object.entries(compileRules(set).of).flatMap(([scope, rules]) =>
      (rules as readonly CompiledRule<unknown>[]).flatMap(({ rule, levels }) =>
        [...levelsOf(levels)].flatMap(([name, level]) =>
          [...reachableOf(level)].map((what) => `${rule.id} ${scope} ${name} ${what}`),
        ),
      ),
    ),
  )

/** Those of each year. */
function* levelsOf(levels: LevelsByYear): Generator<readonly ['yellow' | 'red', CompiledLevel]> {
  for (const year of [Number.NEGATIVE_INFINITY, ...levels.years]) {
    const { yellow, red } = levels.at(year)
    if (yellow) yield ['yellow', yellow]
    if (red) yield ['red', red]
  }
}

function* reachableOf({ written, direction, entersAt, leavesAt }: CompiledLevel): Generator<string> {
  for (const what of [...sides, 'left']) yield `${written[direction]} ${what}`
  // None where it would lie beyond 0 % or 100 %.
  if (compareDecimals(entersAt, leavesAt) !== 0) yield `${written[direction]} short`
  if (written.or !== undefined) yield 'or'
}

/** Notes into `touched` what is compared under this set from now on; and `vacancy unit missing` for no verdict. */
export function watchComparisons(set: RuleSet, touched: Set<string>): void {
  for (const [scope, rules] of Object.entries(compileRules(set).of))
    for (const compiled of rules as readonly CompiledRule<unknown>[]) watchRule(compiled, scope, touched)
}

function watchRule(compiled: CompiledRule<unknown>, scope: string, touched: Set<string>): void {
  const { rule, figureOf, alsoIn, levels } = compiled
  const ratio = rule.figure.denominator !== undefined
  const levelsAt = levels.at.bind(levels)
  let figure: ExactFigure | undefined
  const note = (words: string) => touched.add(`${rule.id} ${scope} ${words}`)

  Object.assign(compiled, {
    figureOf: (subject: unknown) => {
      const found = figureOf(subject)
      figure = typeof found === 'object' ? found : undefined
      if (found === undefined) note('missing')
      if (found === cleared) note('cleared')
      return found
    },
    ...(alsoIn && {
      alsoIn: (subject: unknown) => {
        const found = alsoIn(subject)
        if (found !== 0) note(found > 1 ? 'red or' : 'yellow or')
        return found
      },
    }),
  })
  Object.assign(levels, {
    at: (year: number) => {
      const real = levelsAt(year)
      const watched = (name: 'yellow' | 'red') => {
        const level = real[name]
        if (!level) return {}
        const { direction, entersAt, leavesAt, written } = level
        const noteSide = (side: string | undefined) => side && note(`${name} ${written[direction]} ${side}`)
        return {
          [name]: {
            ...level,
            get entersAt() {
              if (figure) noteSide(sideOf(figure, entersAt, direction, ratio))
              return entersAt
            },
            get leavesAt() {
              if (figure) noteSide(wayBackOf(figure, entersAt, leavesAt, direction, ratio))
              return leavesAt
            },
          },
        }
      }
      return { ...watched('yellow'), ...watched('red') }
    },
  })
}

/** A ratio that is within a fifth of a point is just beside; anything that is counted, within one. */
function isNear({ numerator, denominator }: ExactFigure, threshold: DecimalNumber, ratio: boolean): boolean {
  const value = threshold.units / threshold.scale
  return (
    Math.abs(Number(numerator) / Number(denominator) - value) <= (ratio ? 0.002001 * Math.max(1, Math.abs(value)) : 1)
  )
}

function sideOf(figure: ExactFigure, threshold: DecimalNumber, direction: 'above' | 'below', ratio: boolean) {
  const order = compareFigure(figure, threshold)
  if (order === 0) return 'at'
  if (!isNear(figure, threshold, ratio)) return undefined
  return order > 0 === (direction === 'above') ? 'over' : 'under'
}

/** Read only while the alert is in the level, and not past the threshold. */
function wayBackOf(
  figure: ExactFigure,
  entersAt: DecimalNumber,
  leavesAt: DecimalNumber,
  direction: 'above' | 'below',
  ratio: boolean,
) {
  const order = compareFigure(figure, leavesAt)
  if (order === 0) return 'left'
  const isInside = order > 0 === (direction === 'above') && compareFigure(figure, entersAt) !== 0
  return isInside && isNear(figure, leavesAt, ratio) ? 'short' : undefined
}
