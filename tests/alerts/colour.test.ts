import fc from 'fast-check'
import t from 'tap'
import { type CompiledLevel, colourOf, compileLevel, nextLevels } from '../../src/alerts/colour.js'
import type { Level } from '../../src/core/rule-set.js'

/** The one level that a threshold for good compiles to. */
const levelOf = (level: Level, ratio: boolean): CompiledLevel => compileLevel(level, ratio)[0]?.[1] as CompiledLevel

const percent = (value: number) => ({ numerator: Math.round(value * 100), denominator: 10_000 })

t.test('a way back never lies beyond 0 % or 100 % of a ratio', async (t) => {
  const coverage = { yellow: levelOf({ below: '1', back: '0.01' }, true) }
  t.equal(nextLevels(coverage, 0, percent(99.99)), 1)
  t.equal(nextLevels(coverage, 1, percent(99.99)), 1)
  t.equal(nextLevels(coverage, 1, percent(100)), 0, 'left at 100 %, not at 101 %')
  const share = { yellow: levelOf({ above: '0.005', back: '0.01' }, true) }
  t.equal(nextLevels(share, 1, percent(0.01)), 1)
  t.equal(nextLevels(share, 1, percent(0)), 0, 'left at 0 %')
  const growth = { yellow: levelOf({ below: '1.3', back: '0.01' }, true) }
  t.equal(nextLevels(growth, 1, percent(130.5)), 1, 'a ratio over 1 is not held at 100 %')
  t.equal(nextLevels(growth, 1, percent(131)), 0)
  const posts = { yellow: levelOf({ below: '1', back: '2' }, false) }
  t.equal(nextLevels(posts, 1, { numerator: 2, denominator: 1 }), 1, 'posts are no ratio')
  t.equal(nextLevels(posts, 1, { numerator: 3, denominator: 1 }), 0)
})

t.test('the levels of a sequence of figures are what the definition says', async (t) => {
  // Definition: in a level since the last figure past its threshold, if none since came back past its way back.
  const rules = [
    {
      rule: { yellow: { below: '0.80', back: '0.01' }, red: { below: '0.60', back: '0.01' } },
      sign: -1,
      yellow: [80, 81],
      red: [60, 61],
    },
    {
      rule: { yellow: { above: '0.20', back: '0.01' }, red: { above: '0.40', back: '0.05' } },
      sign: 1,
      yellow: [20, 19],
      red: [40, 35],
    },
  ] as const
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1 }),
        ({ rule, sign, yellow, red }, figures) => {
          const levels = { yellow: levelOf(rule.yellow, true), red: levelOf(rule.red, true) }
          const isIn = ([enters, leaves]: readonly [number, number]) => {
            const past = figures.findLastIndex((figure) => sign * figure > sign * enters)
            return past >= 0 && !figures.slice(past).some((figure) => sign * figure <= sign * leaves)
          }
          const state = figures.reduce((was, figure) => nextLevels(levels, was, percent(figure)), 0)
          return colourOf(state) === (isIn(red) ? 'red' : isIn(yellow) ? 'yellow' : 'green')
        },
      ),
    ),
  )
})

t.test('a level that cannot be compared exactly is refused', async (t) => {
  t.throws(() => compileLevel({ above: 'much' }, true), { name: 'FigureError' })
  t.throws(() => compileLevel({ above: '1', back: '-0.1' }, true), { name: 'FigureError' })
  t.throws(() => compileLevel({ above: '9007199254740991', back: '0.000000001' }, false), { name: 'FigureError' })
})
