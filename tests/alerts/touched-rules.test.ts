/** An event evaluates only the rules whose facts it touched: which were asked for a figure is seen from inside them. */
import t from 'tap'
import { type CompiledRule, compileRules } from '../../src/alerts/rules.js'
import type { LogEntry } from '../../src/core/entry.js'
import { approved, entered, event, registered, rules, Story, shippedRules } from './engine.js'

/** A set of its own, for what is changed in it is compiled for all who hold it. */
const set = { ...shippedRules }
const asked = new Set<string>()
for (const [scope, ofScope] of Object.entries(compileRules(set).of))
  for (const compiled of ofScope as readonly CompiledRule<unknown>[]) {
    const { rule, figureOf } = compiled
    Object.assign(compiled, {
      figureOf: (subject: unknown) => {
        asked.add(`${scope} ${rule.id}`)
        return figureOf(subject)
      },
    })
  }

const askedBy = (story: Story, ...entries: LogEntry[]): string[] => {
  asked.clear()
  story.tell(...entries)
  return [...asked].sort()
}

const story = () => {
  const told = new Story(
    undefined,
    rules(set),
    registered('U1'),
    approved('U1', 10),
    entered('U1', 9),
    event('task.planned', 'U1', {
      taskId: 'T',
      title: '清单',
      kind: 'reform',
      target: 10,
      startsOn: '2024-01-02',
      dueOn: '2024-12-31',
    }),
  )
  // What was heard of a unit for the first time on a day moves the platform's coverage, too.
  told.tell(event('contract.entered', 'U1', { count: 1 }))
  return told
}

const sharesOfQuota = [
  'city administrative-share',
  'city contract-ratio',
  'city density-spread',
  'city education-health-share',
  'city grassroots-share',
  'city growth-sector-share',
]

const table: readonly (readonly [name: string, entry: () => LogEntry, asked: readonly string[]])[] = [
  [
    'contract staff',
    () => event('contract.entered', 'U1', { count: 1 }),
    ['city contract-ratio', 'county contract-ratio', 'sector contract-ratio'],
  ],
  ['somebody entered', () => entered('U1', 1), ['city grassroots-staff', 'unit over-quota', 'unit vacancy']],
  [
    'an approval',
    () => approved('U1', 11, { time: '2024-02-01T00:00:00+08:00' }),
    [
      ...sharesOfQuota,
      'city adjustment-list',
      'city innovation-growth',
      'city total-cap',
      'county contract-ratio',
      'sector contract-ratio',
      'unit over-quota',
      'unit township-autonomy',
      'unit vacancy',
    ].sort(),
  ],
  [
    'a report on a task',
    () => event('task.progressed', 'U1', { taskId: 'T', done: 5 }),
    ['task milestone', 'task progress'],
  ],
  ['a complaint', () => event('case.opened', 'U1', { caseId: 'C', channel: 'online' }), ['case case-age']],
  ['money spent', () => event('fund.spent', 'U1', { account: 'platform', amountCny: 1 }), ['account fund-use']],
]

for (const [name, entry, expected] of table)
  t.test(`${name}: only the rules whose facts it touched are evaluated`, async (t) => {
    t.same(askedBy(story(), entry()), expected)
  })

t.test('the rules that are asked are asked with what they read, whatever else the set holds', async (t) => {
  const before = askedBy(story(), entered('U1', 1))
  t.ok(before.length * 10 < set.rules.length * 3, `${before.length} of ${set.rules.length}`)
})
