/**
 * Every transition says whether it corrects late data: for each type of event that can change a verdict, once late and once
 * in time. Late is what happened before something that was counted already, or before a verdict that time alone had
 * given, or what belongs to a period that was closed.
 *
 * `request.submitted` and `case.opened` are not here: the latest word on them holds, so a late one changes nothing; nor
 * are the lists, on which no rule hangs.
 */
import t from 'tap'
import { readCalendar } from '../../src/config/calendar.js'
import type { EventEntry, LogEntry } from '../../src/core/entry.js'
import type { EventDataByType } from '../../src/core/event.js'
import type { Transition } from '../../src/core/transition.js'
import { approved, entered, event, inShort, left, reformTask, registered, rules, Story, someRules } from './engine.js'

type Sent = (time: string) => EventEntry

const known = { time: '2024-06-01T00:00:00+08:00' }
const late = '2024-03-01T00:00:00+08:00'
const inTime = '2024-06-30T00:00:00+08:00'
/** Before everything else. */
const first = { time: '2024-01-01T00:00:00+08:00' }

const lent = (count: number, more = {}) =>
  event('pool.lent', 'U1', { loanId: 'L', count, dueOn: '2024-12-31', ...more }, known)
const graded = (grade: 'failed' | 'excellent', time: string) =>
  event('assessment.published', 'U1', { period: '2023', kind: 'annual', grade }, { time })
const closed = (kind: 'annual' | 'efficiency' | 'economic_contribution', period: string, time = known.time) =>
  event('assessment.closed', 'city', { kind, period }, { time })
const fund = (type: 'fund.budgeted' | 'fund.spent', amountCny: number, time = known.time, subject = 'city') =>
  event(type, subject, { account: 'platform', amountCny }, { time })
const indicated = (subject: string, name: EventDataByType['indicator.reported']['name'], value: number, time: string) =>
  event('indicator.reported', subject, { name, value }, { time })

/** What is known, then the event: what it must cause. */
const counted: readonly [rule: string, before: LogEntry[], sent: Sent, causes: string[]][] = [
  [
    'over-quota',
    [registered('U1', {}, known), approved('U1', 1, known)],
    (time) => entered('U1', 2, { time }),
    ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'],
  ],
  [
    'over-quota',
    [registered('U1', {}, known), approved('U1', 1, known), entered('U1', 2, known)],
    (time) => left('U1', 1, { time }),
    ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []'],
  ],
  [
    'over-quota',
    [registered('U1', {}, known), entered('U1', 2, known)],
    (time) => approved('U1', 1, { time }),
    ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'],
  ],
  [
    'over-quota',
    [approved('U1', 1, known), entered('U1', 2, known)],
    (time) => registered('U1', {}, { time }),
    ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'],
  ],
  [
    'over-quota',
    [registered('U1', {}, first), approved('U1', 1, first), entered('U1', 2, known)],
    (time) => event('unit.closed', 'U1', {}, { time }),
    ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []'],
  ],
  [
    'over-quota',
    [registered('U1', {}, known), approved('U1', 1, known), entered('U1', 2, known)],
    (time) => event('pool.lent', 'U1', { loanId: 'L', count: 1, dueOn: '2024-12-31' }, { time }),
    ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []'],
  ],
  [
    'over-quota',
    [registered('U1', {}, known), approved('U1', 1, known), entered('U1', 2, known), lent(1)],
    (time) => event('pool.returned', 'U1', { loanId: 'L', count: 1 }, { time }),
    ['over-quota U1 green>red', 'freeze U1 none>frozen 3 [over-quota]'],
  ],
  [
    'pool-capacity',
    [registered('U1', {}, known), approved('U1', 1, known), lent(499)],
    (time) => event('pool.lent', 'U1', { loanId: 'M', count: 2, dueOn: '2024-12-31' }, { time }),
    ['pool-capacity pool yellow>red'],
  ],
  [
    'pool-eligibility',
    [registered('U1', {}, known), lent(1, { investmentCny: 1 })],
    (time) => event('pool.returned', 'U1', { loanId: 'L', count: 1 }, { time }),
    ['pool-eligibility U1/loan/L red>green'],
  ],
  [
    'contract-ratio',
    [registered('U1', {}, known), approved('U1', 100, known)],
    (time) => event('contract.entered', 'U1', { count: 80 }, { time }),
    ['contract-ratio XH green>red', 'contract-ratio city green>red', 'contract-ratio sector/education green>red'],
  ],
  [
    'contract-ratio',
    [registered('U1', {}, known), approved('U1', 100, known), event('contract.entered', 'U1', { count: 80 }, known)],
    (time) => event('contract.left', 'U1', { count: 80 }, { time }),
    ['contract-ratio XH red>green', 'contract-ratio city red>green', 'contract-ratio sector/education red>green'],
  ],
  [
    'fund-use',
    [fund('fund.budgeted', 100)],
    (time) => fund('fund.spent', 95, time),
    ['fund-use account/platform green>yellow'],
  ],
  [
    'fund-use',
    [fund('fund.budgeted', 100), fund('fund.spent', 95)],
    (time) => fund('fund.budgeted', 100, time, 'U1'),
    ['fund-use account/platform yellow>green'],
  ],
  [
    'mobility',
    [indicated('city', 'gdp_growth_ratio', 0.05, known.time)],
    (time) => indicated('city', 'mobility_ratio', 0.1, time),
    ['mobility city green>yellow'],
  ],
  [
    'insurance-coverage',
    [event('county.described', 'XH', { areaKm2: 10 }, known)],
    (time) => indicated('XH', 'insurance_coverage_ratio', 0.5, time),
    ['insurance-coverage XH green>red'],
  ],
  [
    'density-spread',
    [
      ...[registered('A', { sector: 'general' }, known), registered('B', { county: 'PJ', sector: 'general' }, known)],
      ...[approved('A', 10, known), approved('B', 20, known)],
      event('county.described', 'XH', { areaKm2: 10 }, known),
      indicated('PJ', 'insurance_coverage_ratio', 1, known.time),
    ],
    (time) => event('county.described', 'PJ', { areaKm2: 10 }, { time }),
    ['density-spread city green>red'],
  ],
]

const isMarked = (transitions: readonly Transition[]) => transitions.map(({ correction }) => correction === true)

for (const [rule, before, sent, causes] of counted)
  t.test(`a late ${sent(late).event.type} that turns ${rule} is a correction, one in time is none`, async (t) => {
    for (const time of [late, inTime]) {
      const story = new Story(undefined, readCalendar(), rules(someRules(rule)))
      for (const entry of before) story.tell(entry)
      const caused = story.transitions(sent(time))
      t.same(caused.map(inShort), causes, time)
      t.same(
        isMarked(caused),
        causes.map(() => time === late),
        time,
      )
    }
  })

const task = {
  taskId: 'T',
  title: 't',
  kind: 'reform',
  target: 100,
  startsOn: '2024-05-01',
  dueOn: '2024-06-28',
} as const
const midnight = '2024-07-01T00:00:00+08:00'

/** What is known, until when time alone turns it, then the event that was on its way, or came later. */
const judgedByTime: readonly [rule: string, before: LogEntry[], turns: string, sent: Sent, causes: string][] = [
  [
    'progress',
    [registered('U1', {}, known), event('task.planned', 'U1', task, known)],
    'progress U1/T green>red',
    (time) => event('task.progressed', 'U1', { taskId: 'T', done: 100 }, { time }),
    'progress U1/T red>green',
  ],
  [
    'progress',
    [registered('U1', {}, known), event('task.planned', 'U1', task, known)],
    'progress U1/T green>red',
    (time) => event('task.planned', 'U1', { ...task, kind: 'milestone' }, { time }),
    'progress U1/T red>green',
  ],
  [
    'case-age',
    [registered('U1', {}, known), event('case.opened', 'U1', { caseId: 'C', channel: 'hotline' }, known)],
    'case-age U1/case/C green>red',
    (time) => event('case.answered', 'U1', { caseId: 'C' }, { time }),
    'case-age U1/case/C red>green',
  ],
  [
    'pool-overdue',
    [
      registered('U1', {}, known),
      event('pool.lent', 'U1', { loanId: 'L', count: 1, dueOn: '2024-06-28' }, { time: '2024-06-01T00:00:00+08:00' }),
    ],
    'pool-overdue U1/loan/L green>yellow',
    (time) => event('pool.returned', 'U1', { loanId: 'L', count: 1 }, { time }),
    'pool-overdue U1/loan/L yellow>green',
  ],
  [
    'risk-report',
    [registered('U1', {}, known), event('risk.reported', 'U1', { period: '2024-06-03' }, known)],
    'risk-report U1 green>red',
    (time) => event('risk.reported', 'U1', { period: '2024-06-25' }, { time }),
    'risk-report U1 red>green',
  ],
  [
    'refuses-release',
    [registered('U1', {}, known), approved('U1', 1, known), entered('U1', 2, known)],
    'refuses-release U1 green>yellow',
    (time) => left('U1', 1, { time }),
    'refuses-release U1 yellow>green',
  ],
  [
    'adjustment-list',
    [registered('U1', { sector: 'innovation', frontline: true }, known), approved('U1', 1, known)],
    'adjustment-list city green>red',
    (time) => event('quota.approved', 'U1', { approved: 2000, cause: 'list' }, { time }),
    'adjustment-list city red>green',
  ],
]

for (const [rule, before, turns, sent, causes] of judgedByTime)
  t.test(`a ${sent(late).event.type} of before the midnight that turned ${rule} is a correction`, async (t) => {
    for (const [time, isLate] of [
      ['2024-06-30T23:59:59.999+08:00', true],
      [midnight, false],
    ] as const) {
      // Adjustment has its first verdict in February, so it is begun in January; the rest is judged by the last midnight.
      const story = new Story(rule === 'adjustment-list' ? '2024-01-02T09:00:00+08:00' : '2024-05-20T09:00:00+08:00')
      story.tell(readCalendar(), rules(someRules(rule)), ...before)
      t.same(story.until(midnight), [turns])
      const caused = story.transitions(sent(time))
      t.same(caused.map(inShort), [causes], time)
      t.same(isMarked(caused), [isLate], time)
    }
  })

t.test(
  'a figure of 2023 that comes after one of 2024 is a correction where the county is measured by it',
  async (t) => {
    const [base, now] = ['2023-12-01T00:00:00+08:00', known.time].map((time, at) =>
      indicated('XH', 'stock_activation_ratio', at === 0 ? 0.5 : 0.4, time),
    ) as [EventEntry, EventEntry]
    for (const [entries, from, marked] of [
      [[base, now], 'yellow', false],
      [[now, base], 'green', true],
    ] as const) {
      const story = new Story(undefined, rules(someRules('stock-activation')))
      story.tell(event('county.described', 'XH', { areaKm2: 1, pilotWave: 1 }, first))
      story.tell(entries[0])
      const caused = story.transitions(entries[1])
      t.same(caused.map(inShort), [`stock-activation XH ${from}>red`])
      t.same(isMarked(caused), [marked])
    }
  },
)

t.test('what is reported late and does not hold turns nothing and is named by nothing', async (t) => {
  const story = new Story(undefined, rules(someRules('mobility')))
  story.tell(indicated('city', 'mobility_ratio', 0.2, known.time))
  const caused = story.transitions(
    indicated('city', 'mobility_ratio', 0.01, late),
    event('indicator.reported', 'city', { name: 'mobility_ratio', value: 0.1 }, { time: inTime, id: 'holds' }),
  )
  t.match(caused, [{ rule: 'mobility', to: 'yellow', why: { events: [{ id: 'holds' }] } }])
  t.equal(caused[0]?.why.events.length, 1)
  t.notOk(caused[0]?.correction)
})

t.test('of two funds in one batch one was late: what follows is a correction, and names both', async (t) => {
  const story = new Story(undefined, rules(someRules('fund-use')))
  story.tell(fund('fund.budgeted', 100))
  const [alert] = story.transitions(fund('fund.spent', 91, late), fund('fund.spent', 1, inTime))
  t.match(alert, { to: 'yellow', correction: true })
  t.equal(alert?.why.events.length, 2)
})

t.test('a period that is closed behind a later one corrects what was judged since', async (t) => {
  const ranked = (period: string) =>
    event('assessment.published', 'U1', { period, kind: 'efficiency', rank: 10, of: 10 }, known)
  for (const [order, marked] of [
    [['2022', '2023'], false],
    [['2023', '2022'], true],
  ] as const) {
    const story = new Story(undefined, rules(someRules('efficiency-decile')), registered('U1'))
    story.tell(ranked('2022'), ranked('2023'), closed('efficiency', order[0]))
    const caused = story.transitions(closed('efficiency', order[1]))
    t.same(caused.map(inShort), ['efficiency-decile U1 yellow>red', 'proposal efficiency-decile:U1:1 none>open'])
    t.same(isMarked(caused), [marked, marked], order.join())
  }
  const valued = (unit: string, period: string, value: number) =>
    event('assessment.published', unit, { period, kind: 'economic_contribution', value }, known)
  const story = new Story(undefined, rules(someRules('economic-contribution')), registered('A'), registered('B'))
  story.tell(valued('A', '2023H2', 10), valued('B', '2023H2', 100), closed('economic_contribution', '2024H1'))
  const caused = story.transitions(closed('economic_contribution', '2023H2'))
  t.same(caused.map(inShort), ['economic-contribution A green>red', 'freeze A none>frozen 1 [economic-contribution]'])
  t.same(isMarked(caused), [true, true])
})

t.test('what is proposed after the close of its year is a correction too', async (t) => {
  const story = new Story(undefined, rules(someRules('annual-grade')), registered('U1'), approved('U1', 10))
  story.tell(closed('annual', '2023'))
  const caused = story.transitions(graded('failed', inTime))
  t.same(caused.map(inShort), ['annual-grade U1 green>red', 'proposal annual-grade:U1:1 none>open'])
  t.same(isMarked(caused), [true, true])
})

t.test('what was late before a restart is late after it', async (t) => {
  const [told, before] = ['2024-01-02T08:00:00+08:00', '2024-01-01T08:00:00+08:00']
  const story = new Story(
    '2024-01-02T09:00:00+08:00',
    readCalendar(),
    rules(someRules('fund-use', 'mobility', 'adjustment-list')),
  )
  story.tell(registered('U1', { sector: 'innovation', frontline: true }, known), approved('U1', 1, known))
  story.tell(fund('fund.budgeted', 100, told), indicated('city', 'gdp_growth_ratio', 0.05, told))
  story.until(midnight)
  story.engine.restart()
  const caused = story.transitions(
    fund('fund.spent', 95, before),
    indicated('city', 'mobility_ratio', 0.1, before),
    event('quota.approved', 'U1', { approved: 2000, cause: 'list' }, { time: '2024-06-30T23:00:00+08:00' }),
  )
  t.same(caused.map(inShort), [
    'fund-use account/platform green>yellow',
    'adjustment-list city red>green',
    'mobility city green>yellow',
  ])
  t.same(isMarked(caused), [true, true, true])
})

t.test('a feed with a fast clock makes nothing late that others tell', async (t) => {
  const now = '2024-07-01T09:00:00+08:00'
  const fast = { time: '2024-07-02T08:59:00+08:00' }
  const usual = { time: '2024-07-01T09:59:00+08:00' }
  const before = { time: '2024-07-01T08:59:59+08:00' }
  const done = (count: number, more: object) => event('task.progressed', 'U1', { taskId: 'T', done: count }, more)
  const spent = (amountCny: number, more: object) =>
    event('fund.spent', 'city', { account: 'platform', amountCny }, more)
  const opinion = (name: 'negative_opinion_ratio' | 'insurance_coverage_ratio', value: number, more: object) =>
    event('indicator.reported', 'XH', { name, value }, more)
  const cases = [
    [
      'over-quota',
      [registered('U1', {}, known), approved('U1', 1, known), entered('U1', 1, fast)],
      entered('U1', 2, usual),
      entered('U1', 2, before),
    ],
    [
      'progress',
      [registered('U1', {}, known), event('task.planned', 'U1', reformTask, fast)],
      done(0, usual),
      done(0, before),
    ],
    ['fund-use', [fund('fund.budgeted', 100), spent(1, fast)], spent(200, usual), spent(200, before)],
    [
      'opinion',
      [opinion('insurance_coverage_ratio', 1, fast)],
      opinion('negative_opinion_ratio', 0.5, usual),
      opinion('negative_opinion_ratio', 0.5, before),
    ],
  ] as const
  for (const [rule, told, inTime, tooLate] of cases) {
    const correctionOf = (sent: EventEntry) => {
      const story = new Story(now, readCalendar(), rules(someRules(rule)))
      story.tell(...told)
      story.until('2024-07-01T10:00:00+08:00')
      const found = story.transitions(sent).find((transition) => 'rule' in transition && transition.rule === rule)
      t.ok(found, `${rule} is judged`)
      return found?.correction
    }
    t.equal(correctionOf(inTime), undefined, `${rule}: it happened after the batch that told of the morrow`)
    t.equal(correctionOf(tooLate), true, `${rule}: it happened before that batch`)
  }
})
