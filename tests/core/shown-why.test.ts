import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { faultOf } from '../../src/alerts/rules.js'
import { readRules } from '../../src/config/rules-file.js'
import type { Rule } from '../../src/core/rule-set.js'
import { shownWhy } from '../../src/core/shown-why.js'

// This file runs as dist/tests/core/shown-why.test.js.
const file = readFileSync(new URL('../../../rules/jiangmen.yaml', import.meta.url), 'utf8')
const { rules } = readRules(file, 'rules/jiangmen.yaml', faultOf)

/** A figure of each shipped rule, the threshold that it is past, and what people read. */
const shipped: Readonly<Record<string, readonly [figure: string, threshold: string, text: string]>> = {
  progress: ['7998/10000', '< 0.80', '79.98 % < 80.00 %'],
  'over-quota': ['18', '> 0', '18 > 0'],
  vacancy: ['2001/10000', '> 0.20', '20.01 % > 20.00 %'],
  'economic-contribution': ['899/1000', '< 0.90', '89.9 % < 90.0 %'],
  'efficiency-decile': ['2', '> 1', '2 > 1'],
  'annual-grade': ['3', '> 2', '3 > 2'],
  'refuses-release': ['21', '> 20', '21 > 20'],
  rectification: ['-1', '< 0', '-1 < 0'],
  'township-autonomy': ['6/100', '> 0.05', '6.0 % > 5.0 %'],
  'frozen-use': ['1', '> 0', '1 > 0'],
  'total-cap': ['1500', '> 0', '1,500 > 0'],
  'innovation-growth': ['-1/2', '< 1.0', '-0.5 × < 1.0 ×'],
  'impossible-headcount': ['2', '> 1', '2 > 1'],
  'administrative-share': ['18010/60000', '> 0.30', '30.02 % > 30.00 %'],
  'education-health-share': ['65/100', '> 0.55', '65.0 % > 55.0 %'],
  'growth-sector-share': ['6299/42000', '< 0.15', '14.998 % < 15.000 %'],
  'grassroots-share': ['36/100', '< 0.39', '36.0 % < 39.0 %'],
  'grassroots-staff': ['449/1000', '< 0.45', '44.9 % < 45.0 %'],
  'density-spread': ['144/100', '> 1.1', '1.4 × > 1.1 ×'],
  'contract-ratio': ['32010/42000', '> 0.762', '0.7621 > 0.7620'],
  'gdp-per-employee': ['122000000000/1000000', '< 123000', '122,000 CNY < 123,000 CNY'],
  mobility: ['82999/1000000', '< 0.083', '8.2999 % < 8.3000 %'],
  'insurance-coverage': ['94/100', '< 0.95', '94.0 % < 95.0 %'],
  'pool-capacity': ['501/500', '> 1.00', '100.2 % > 100.0 %'],
  'pool-overdue': ['11', '> 10', '11 > 10'],
  'pool-idle': ['249/500', '< 0.50', '49.8 % < 50.0 %'],
  'pool-eligibility': ['10000000000/100', '< 100000000.01', '100,000,000.00 CNY < 100,000,000.01 CNY'],
  'request-age': ['16', '> 15', '16 > 15'],
  'case-age': ['11', '> 10', '11 > 10'],
  'adjustment-list': ['79/100', '< 0.80', '79.0 % < 80.0 %'],
  'stock-activation': ['99/100', '< 1.0', '0.99 × < 1.00 ×'],
  milestone: ['10', '< 11', '10 < 11'],
  'fund-use': ['1000000001/1000000000', '> 1.00', '100.0000001 % > 100.0000000 %'],
  'risk-report': ['1', '> 0', '1 > 0'],
  opinion: ['41/100', '> 0.40', '41.0 % > 40.0 %'],
  'silent-source': ['6/1', '> 5', '6.0 × > 5.0 ×'],
  'platform-coverage': ['99999/100000', '< 1.00', '99.999 % < 100.000 %'],
  self: ['2', '> 1', '2 > 1'],
}

const thresholdOf = (text: string) => (text[0] === '>' ? { above: text.slice(2) } : { below: text.slice(2) })

function figureOf(text: string, { shown }: Pick<Rule, 'shown'>) {
  const [numerator = '', denominator = '1'] = text.split('/')
  const value = Number(numerator) / Number(denominator)
  return { numerator, denominator, value, ...(shown ? { shown } : {}) }
}

t.test('every shipped rule shows its figure beside its threshold as what it is', async (t) => {
  t.same(
    Object.keys(shipped),
    rules.map(({ id }) => id),
    'the table holds every rule once, in the order of the file',
  )
  for (const rule of rules) {
    const [figure, threshold, text] = shipped[rule.id] as readonly [string, string, string]
    const levels = [
      rule.yellow,
      rule.red,
      ...Object.values(rule.levelsOf ?? {}).flatMap(({ yellow, red }) => [yellow, red]),
    ]
    const written = levels.flatMap((level) => (level ? ['above' in level ? level.above : level.below] : []))
    const all = written.flatMap((one) => (typeof one === 'string' ? [one] : Object.values(one)))
    t.ok(all.includes(threshold.slice(2)), `${threshold} is one of ${rule.id}`)
    t.equal(shownWhy({ figure: figureOf(figure, rule), threshold: thresholdOf(threshold) }, 'en'), text, rule.id)
  }
})

t.test('what the sign says is true of the figures, also of an alert that eased', async (t) => {
  const share = figureOf('15/100', {})
  t.equal(shownWhy({ figure: share, threshold: { above: '0.20' } }, 'zh'), '15.0 % ≤ 20.0 %')
  t.equal(shownWhy({ figure: share, threshold: { above: '0.15' } }, 'zh'), '15.0 % ≤ 15.0 %')
  t.equal(shownWhy({ figure: share, threshold: { below: '0.15' } }, 'zh'), '15.0 % ≥ 15.0 %')
})

t.test('a condition of its own that enters a level stands beside the threshold', async (t) => {
  const why = { figure: figureOf('7/10', {}), threshold: { below: '0.60', or: 'moved * 10 < all * 3' } }
  t.equal(shownWhy(why, 'zh'), '70.0 % ≥ 60.0 % 或 moved * 10 < all * 3')
  t.equal(shownWhy(why, 'en'), '70.0 % ≥ 60.0 % or moved * 10 < all * 3')
})

t.test('without a threshold the figure stands alone, without a figure nothing does', async (t) => {
  t.equal(shownWhy({ figure: figureOf('18', {}) }, 'zh'), '18')
  t.equal(shownWhy({ figure: figureOf('18/1', { shown: 'yuan' }) }, 'zh'), '18 元')
  t.equal(shownWhy({ threshold: { above: '0' } }, 'zh'), '')
  t.equal(shownWhy({ figure: { numerator: 'x', denominator: '0', value: 3 } }, 'zh'), '3', 'no figure of ours')
})

t.test('two numbers that differ are never shown as equal ones, and the greater is shown as greater', async () => {
  const manners = [undefined, 'share', 'ratio', 'times', 'yuan', 'count'] as const
  const big = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
  const numberOf = (text: string) => text.replace(/[^0-9.-]/g, '')
  fc.assert(
    fc.property(big, fc.bigInt({ min: 1n, max: 10n ** 12n }), big, fc.constantFrom(...manners), (n, d, at, manner) => {
      const limit = `${at < 0n ? '-' : ''}${String(at < 0n ? -at : at)
        .padStart(10, '0')
        .replace(/(\d{9})$/, '.$1')}`
      const figure = figureOf(`${n}/${d}`, manner ? { shown: manner } : {})
      const [, left = '', sign, right = ''] =
        /^(.+?)(?: %| ×| CNY)? ([<≥]) (.+?)(?: %| ×| CNY)?$/.exec(
          shownWhy({ figure, threshold: { below: limit } }, 'en'),
        ) ?? []
      const order = n * 10n ** 9n - at * d
      // Of one length after the point, so without it they compare as whole numbers do.
      const [a, b] = [left, right].map((text) => BigInt(numberOf(text).replace('.', ''))) as [bigint, bigint]
      return sign === (order < 0n ? '<' : '≥') && (order < 0n ? a < b : order > 0n ? a > b : a === b)
    }),
  )
})
