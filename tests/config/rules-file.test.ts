import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { faultOf } from '../../src/alerts/rules.js'
import { canonicalJson, versionOf } from '../../src/config/canonical-json.js'
import { readRules } from '../../src/config/rules-file.js'
import { QwError } from '../../src/core/errors.js'

// This file runs as dist/tests/config/rules-file.test.js.
const shipped = readFileSync(new URL('../../../rules/jiangmen.yaml', import.meta.url), 'utf8')

/** Domain 4, the table's first column. */
const rulesOfThePlan = [
  'adjustment-list',
  'administrative-share',
  'annual-grade',
  'case-age',
  'contract-ratio',
  'density-spread',
  'economic-contribution',
  'education-health-share',
  'efficiency-decile',
  'frozen-use',
  'fund-use',
  'gdp-per-employee',
  'grassroots-share',
  'grassroots-staff',
  'growth-sector-share',
  'impossible-headcount',
  'innovation-growth',
  'insurance-coverage',
  'milestone',
  'mobility',
  'opinion',
  'over-quota',
  'platform-coverage',
  'pool-capacity',
  'pool-eligibility',
  'pool-idle',
  'pool-overdue',
  'progress',
  'rectification',
  'refuses-release',
  'request-age',
  'risk-report',
  'self',
  'silent-source',
  'stock-activation',
  'total-cap',
  'township-autonomy',
  'vacancy',
]

const read = (source: string) => readRules(source, 'rules/jiangmen.yaml', faultOf)

function fault(source: string): { line: unknown; reason: unknown } | undefined {
  try {
    read(source)
    return undefined
  } catch (error) {
    if (!(error instanceof QwError) || error.code !== 'QW_RULES_INVALID') throw error
    return { line: error.detail['line'], reason: error.detail['reason'] }
  }
}

/** A small file with one of each: the shipped one grows. */
const text = `# A file for tests.
# Line numbers below are those of this text.

name: small
rules:
  - id: over-quota
    title: { zh: 超编, en: over quota }
    scope: unit
    plan: 3.3, 9.3
    figure:
      numerator: overBy
    red: { above: 0 }
    actions: [freeze, notify]

  # Empty posts.
  - id: vacancy
    title: { zh: 空编率, en: vacancy rate }
    scope: unit
    plan: 3.3, 9.3
    figure:
      numerator: "usable > 0 ? usable - filled : 0"
      denominator: "usable > 0 ? usable : 1"
    yellow: { above: 0.20, back: 0.01 }
    actions: [suggest-transfers]

  # How far a task is.
  - id: progress
    title: { zh: 完成率, en: progress of a task }
    scope: task
    plan: 4.3
    when: "!milestone && daysGone * 10 >= daysTotal"
    figure:
      numerator: done * daysTotal
      denominator: target * daysGone
    yellow: { below: 0.80, back: 0.01 }
    red: { below: 0.60, back: 0.01 }
    actions: [notify]

  # Posts filled while frozen.
  - id: frozen-use
    title: { zh: 冻结期间用编, en: posts filled while frozen }
    scope: unit
    plan: 3.3
    figure:
      numerator: enteredWhileFrozen
    red: { above: 0 }
    actions: [notify, escalate]

  # Thresholds
  # by year.
  - id: share
    title: { zh: 占比, en: share }
    scope: city
    plan: 2.1
    figure:
      numerator: frontlineApproved
      denominator: approved
    yellow: { below: { 2024: 0.39, 2026: 0.45 } }
    actions: [notify]
`

t.test('rules are read, with thresholds exactly as written', async (t) => {
  const { name, rules } = read(text)
  t.equal(name, 'small')
  t.same(
    rules.map(({ id, yellow, red }) => ({ id, yellow, red })),
    [
      { id: 'over-quota', yellow: undefined, red: { above: '0', back: '0' } },
      { id: 'vacancy', yellow: { above: '0.20', back: '0.01' }, red: undefined },
      { id: 'progress', yellow: { below: '0.80', back: '0.01' }, red: { below: '0.60', back: '0.01' } },
      { id: 'frozen-use', yellow: undefined, red: { above: '0', back: '0' } },
      { id: 'share', yellow: { below: { 2024: '0.39', 2026: '0.45' }, back: '0.01' }, red: undefined },
    ],
  )
})

t.test('the shipped file is read, and has every rule of the plan', async (t) => {
  const { name, rules } = read(shipped)
  t.equal(name, 'jiangmen')
  t.same(rules.map(({ id }) => id).sort(), rulesOfThePlan)
})

t.test('a ratio without a way back has one percentage point, anything else none', async (t) => {
  const rules = read(text.replace(', back: 0.01 }\n    actions: [suggest', ' }\n    actions: [suggest')).rules
  t.same(rules[1]?.yellow, { above: '0.20', back: '0.01' })
  t.same(rules[0]?.red, { above: '0', back: '0' })
})

t.test('what cannot be run is refused with its line and the reason', async (t) => {
  for (const {
    change: [from, to],
    line,
    reason,
  } of [
    { change: ['numerator: overBy', 'numerator: overByy'], line: 11, reason: /Unknown variable: overByy/ },
    { change: ['numerator: overBy', 'numerator: overBy / 2'], line: 11, reason: /overBy \/ 2.*only whole numbers/ },
    { change: ['numerator: overBy', 'numerator: overBy > 2'], line: 11, reason: /of type bool, not int/ },
    { change: ['numerator: overBy', 'numerator: "overBy +"'], line: 11, reason: /Unexpected token/ },
    { change: ['numerator: overBy', 'numerator: overBy * 1.5'], line: 11, reason: /overload/ },
    {
      change: ['    red: { above: 0 }\n    actions: [freeze', '    red: { above: lots }\n    actions: [freeze'],
      line: 12,
      reason: /must be a decimal/,
    },
    { change: ['{ above: 0 }', '{ above: 0, below: 3 }'], line: 12, reason: /either above or below/ },
    { change: ['{ above: 0 }', '{ above: 0, back: -1 }'], line: 12, reason: /back -1 must be 0 or more/ },
    { change: ['{ above: 0 }', '{ above: 12345678901234567 }'], line: 12, reason: /15 digits/ },
    { change: ['    red: { above: 0 }\n', ''], line: 6, reason: /needs yellow or red/ },
    { change: ['red: { below: 0.60', 'red: { below: 0.81'], line: 36, reason: /red must lie beyond yellow/ },
    { change: ['red: { below: 0.60', 'red: { above: 0.60'], line: 36, reason: /on the same side/ },
    { change: ['actions: [freeze, notify]', 'actions: [freeze, shout]'], line: 13, reason: /one of notify, freeze/ },
    { change: ['actions: [notify, escalate]', 'actions: [freeze]'], line: 47, reason: /would hold itself/ },
    {
      change: ['actions: [suggest-transfers]', 'actions: [freeze]'],
      line: 24,
      reason: /freeze needs scope unit and a red level/,
    },
    { change: ['scope: city', 'scope: planet'], line: 53, reason: /one of unit, task, loan/ },
    { change: ['id: vacancy', 'id: over-quota'], line: 16, reason: /id of another one/ },
    { change: ['id: vacancy', 'id: Vacancy!'], line: 16, reason: /must match/ },
    { change: ['plan: 4.3', 'plant: 4.3'], line: 30, reason: /plant is not known here/ },
    { change: ['title: { zh: 超编, en: over quota }', 'title: { zh: 超编 }'], line: 7, reason: /title.en is missing/ },
    { change: ['scope: city', 'scope: [city'], line: undefined, reason: /./ },
    { change: ['name: small', 'name: small\nname: twice'], line: 5, reason: /unique/ },
    { change: ['assumed', 'assumed'], line: undefined, reason: undefined },
  ] as const) {
    const found = fault(text.replace(from, to))
    if (reason === undefined) {
      t.equal(found, undefined, 'unchanged it is fine')
      continue
    }
    t.match(String(found?.reason), reason, to)
    if (line !== undefined) t.equal(found?.line, line, to)
  }
  t.match(fault('')?.reason, /missing|mapping/)
  t.match(fault('name: x\nrules: []'), { line: 2, reason: /at least one/ })
  t.match(fault('- a\n- b'), { line: 1, reason: /mapping/ })
})

/** What else can be wrong, each in a rule of its own at the end of the file. */
const wrong = [
  ['a way to show a figure that is none', 'shown: furlongs', /shown must be one of share, ratio, times, yuan, count/],
  ['a playbook that is not there', 'playbook: nowhere', /names no playbook of this file: nowhere/],
  ['a condition that is a number', 'when: approved', /of type int, not bool/],
  ['an end that names another scope\u2019s fact', 'clear: done >= target', /Unknown variable: done/],
  ['a condition beside a threshold that cannot be read', 'yellow: { above: 1, or: "approved >" }', /Unexpected token/],
  ['a year that is none', 'yellow: { above: { next: 0.5 } }', /must be a year such as 2024/],
  ['thresholds that cross in one year only', 'yellow: { above: { 2024: 1, 2026: 9 } }', /red must lie beyond yellow/],
  ['a way back on the wrong side', 'yellow: { above: 1, back: -0.5 }', /back -0.5 must be 0 or more/],
  ['levels of a scope that the rule has not', 'levelsOf: { city: { red: { above: 9 } } }', /is no scope of this rule/],
  ['a hold in words', 'hold: { enter: long }', /must be a span such as/],
  ['a hold in working days', 'hold: { enter: 2wd }', /must be a span such as/],
  ['an escalation without a city', 'escalation: { county: 1wd }', /city is missing/],
  ['a proposal to deny a unit', 'proposals: [{ kind: deny }]', /a proposal of kind deny needs scope request or pool/],
  ['a cut without a ratio', 'proposals: [{ kind: quota }]', /needs a ratio/],
  ['a proposal of an unknown kind', 'proposals: [{ kind: fine, ratio: -0.1 }]', /one of quota, budget, deny/],
  [
    'a proposal by what is no number',
    'proposals: [{ kind: quota, ratio: -0.1, per: township }]',
    /of type bool, not int/,
  ],
  ['a flag that is no flag', 'closable: perhaps', /true or false/],
  ['a title in one language', 'title: { en: only }', /title.zh is missing/],
] as const

for (const [name, line, reason] of wrong)
  t.test(`refused with file, line and reason: ${name}`, async (t) => {
    const own = [
      'id: wrong',
      'title: { zh: 错, en: wrong }',
      'scope: unit',
      'plan: 1.1',
      'figure: { numerator: overBy }',
    ]
    const key = line.slice(0, line.indexOf(':') + 1)
    const rule = [...own, 'yellow: { above: 1 }', 'red: { above: 2 }', 'actions: [notify]'].filter(
      (each) => !each.startsWith(key),
    )
    const before = `${text}\n  - ${rule.join('\n    ')}\n`
    if (key !== 'title:') t.equal(fault(before), undefined, 'without it the file is fine')
    const found = fault(`${before}    ${line}\n`)
    t.match(found?.reason, reason)
    const last = before.split('\n').length
    const first = last - rule.length
    t.ok(Number(found?.line) >= first && Number(found?.line) <= last, `line ${found?.line} of ${first} to ${last}`)
  })

t.test('two playbooks of one id are refused', async (t) => {
  const playbook = '  - { id: p, title: { zh: 甲, en: a }, owner: 乙, steps: [丙], contacts: [丁] }\n'
  t.match(
    fault(text.replace('rules:\n', `playbooks:\n${playbook}${playbook}rules:\n`))?.reason,
    /p is the id of another/,
  )
})

t.test('the error names the file and the line, as editors understand it', async (t) => {
  t.throws(() => read(text.replace('id: vacancy', 'id: over-quota')), {
    message: /^QW_RULES_INVALID rules\/jiangmen\.yaml:16: rules\[1\]\.id /,
  })
})

t.test('a version is a function of the content, not of how it is written down', async (t) => {
  const first = read(text)
  t.same(
    read(text.replace(/^#.*\n/gm, '').replace('actions: [freeze, notify]', 'actions:\n      - freeze\n      - notify')),
    first,
  )
  const changed = read(text.replace('below: 0.60', 'below: 0.59'))
  t.not(changed.version, first.version)
  t.same(
    changed.rules.map(({ version }, i) => version !== first.rules[i]?.version),
    [false, false, true, false, false],
  )
  for (const { version } of [first, ...first.rules]) t.match(version, /^[0-9a-f]{12}$/)
})

t.test('canonical JSON reads back as itself and does not depend on the order of keys', async (t) => {
  t.equal(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined }), '{"b":[1,{"c":"x","d":null}]}')
  t.equal(versionOf({}), '44136fa355b3', 'sha256 of {}')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse())
        return (
          canonicalJson(turned) === canonicalJson(value) &&
          canonicalJson(JSON.parse(canonicalJson(value))) === canonicalJson(value)
        )
      }),
    ),
  )
})
