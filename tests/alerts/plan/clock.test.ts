/**
 * Deadlines of every kind under a clock that creeps, stands and jumps: nothing a millisecond too early, everything in time
 * and once, however far the clock went. That the log's clock never goes back is shown in tests/log; the engine refuses it.
 */
import t from 'tap'
import type { LogEntry } from '../../../src/core/entry.js'
import type { UnixMs } from '../../../src/core/names.js'
import type { RuleSet } from '../../../src/core/rule-set.js'
import {
  approved,
  at,
  by,
  entered,
  event,
  order,
  registered,
  rules,
  Story,
  shippedRules,
  someRules,
} from '../engine.js'
import { calendar } from './world.js'

interface Deadline {
  readonly of: string
  readonly rules: RuleSet
  readonly told: () => LogEntry[]
  readonly due: string
  readonly said: readonly string[]
}

const time = '2024-07-01T08:00:00+08:00'
const over = () => [approved('A', 1), entered('A', 2)]
const plan = (kind: 'reform' | 'milestone', dueOn: string) =>
  event('task.planned', 'A', { taskId: 'T', title: '任务', kind, target: 1, startsOn: '2024-06-03', dueOn }, { time })
const overQuota = someRules('over-quota')
const climbing = { ...overQuota, rules: shippedRules.rules.filter(({ id }) => id === 'over-quota') }
const holding = someRules('vacancy')
const until = '2024-07-01T21:30:00+08:00'

const deadlines: readonly Deadline[] = [
  {
    of: 'a loan',
    rules: someRules('pool-overdue'),
    told: () => [event('pool.lent', 'A', { loanId: 'L', count: 1, dueOn: '2024-07-03' })],
    due: '2024-07-04T00:00:00+08:00',
    said: ['pool-overdue A/loan/L green>yellow'],
  },
  {
    of: 'a request',
    rules: someRules('request-age'),
    told: () => [event('request.submitted', 'A', { requestId: 'R', kind: 'pool', count: 1 }, { time })],
    due: '2024-07-09T00:00:00+08:00',
    said: ['request-age A/request/R green>yellow'],
  },
  {
    of: 'a case',
    rules: someRules('case-age'),
    told: () => [event('case.opened', 'A', { caseId: 'C', channel: 'hotline' }, { time })],
    due: '2024-07-16T00:00:00+08:00',
    said: ['case-age A/case/C green>yellow'],
  },
  {
    of: 'a task',
    rules: someRules('progress'),
    told: () => [plan('reform', '2024-07-31')],
    due: '2024-07-02T00:00:00+08:00',
    said: ['progress A/T green>red'],
  },
  {
    of: 'a milestone',
    rules: someRules('milestone'),
    told: () => [plan('milestone', '2024-07-31')],
    due: '2024-07-17T00:00:00+08:00',
    said: ['milestone A/T green>yellow'],
  },
  {
    of: 'a report',
    rules: someRules('risk-report'),
    told: () => [event('risk.reported', 'A', { period: '2024-07-01' })],
    due: '2024-07-06T00:00:00+08:00',
    said: ['risk-report A green>yellow'],
  },
  {
    of: 'a silent feed',
    rules: { ...someRules('silent-source'), sources: { '/departments/test': 86_400_000 } },
    told: () => [],
    due: '2024-07-06T09:00:00.001+08:00',
    said: ['silent-source /departments/test green>yellow'],
  },
  {
    of: 'a silence',
    rules: overQuota,
    told: () => [order({ order: 'silence', subject: 'A', rule: 'over-quota', until, ...by })],
    due: until,
    said: ['silence over-quota A silenced>audible'],
  },
  {
    of: 'an acknowledgement',
    rules: overQuota,
    told: () => [...over(), order({ order: 'acknowledge', subject: 'A', rule: 'over-quota', until, ...by })],
    due: until,
    said: ['acknowledgement over-quota A acknowledged>open'],
  },
  {
    of: 'a lift',
    rules: overQuota,
    told: () => [...over(), order({ order: 'lift', subject: 'A', until, ...by })],
    due: until,
    said: ['freeze A lifted>frozen 3 [over-quota]'],
  },
  {
    of: 'a rung',
    rules: climbing,
    told: over,
    due: '2024-07-01T09:10:00+08:00',
    said: ['escalation over-quota A unit>county'],
  },
  {
    of: 'a rectification',
    rules: someRules('over-quota', 'rectification'),
    told: () => [
      ...over(),
      order({ order: 'rectify', subject: 'A', rule: 'over-quota', owner: '李四', dueOn: '2024-07-05', ...by }),
    ],
    due: '2024-07-02T00:00:00+08:00',
    said: ['rectification A/alert/over-quota green>yellow'],
  },
  {
    of: 'a hold',
    rules: { ...holding, rules: holding.rules.map((rule) => ({ ...rule, hold: { enterMs: 5_400_000, leaveMs: 0 } })) },
    told: () => [approved('A', 5)],
    due: '2024-07-01T10:30:00+08:00',
    said: ['vacancy A green>yellow'],
  },
  {
    of: 'a load',
    rules: overQuota,
    told: () => [
      order({ order: 'load.open', load: 'L', until, ...by }),
      approved('A', 1, { load: 'L' }),
      entered('A', 2, { load: 'L' }),
    ],
    due: until,
    said: ['over-quota A green>red', 'freeze A none>frozen 1 [over-quota]'],
  },
  {
    of: 'a year',
    rules: someRules('contract-ratio'),
    told: () => [approved('A', 10), event('contract.entered', 'A', { count: 7 })],
    due: '2025-01-01T00:00:00+08:00',
    said: ['contract-ratio XH green>yellow', 'contract-ratio city green>yellow'],
  },
]

function storyOf({ rules: set, told }: Deadline): Story {
  const profile = { sector: 'general', level: 'municipal' } as const
  const story = new Story('2024-07-01T09:00:00+08:00', calendar, rules(set), registered('A', profile))
  story.tell(...told())
  return story
}

for (const deadline of deadlines) {
  const dueMs = at(deadline.due)

  t.test(`${deadline.of}: nothing a millisecond before, all of it in time, nothing twice`, async (t) => {
    const story = storyOf(deadline)
    story.nowMs = (dueMs - 1) as UnixMs
    t.same(story.tell(), [])
    t.equal(story.engine.nextDeadlineMs, dueMs, 'it asks to be woken in time')
    story.engine.restart()
    t.same(story.until(deadline.due), deadline.said)
    t.same(story.tell(), [])
    story.engine.restart()
    t.same(story.tell(), [])
    t.ok((story.engine.nextDeadlineMs ?? Number.POSITIVE_INFINITY) > dueMs, 'what was due is not due any more')
  })

  t.test(`${deadline.of}: a clock that jumps over years says one thing of each, and then nothing`, async (t) => {
    const story = storyOf(deadline)
    const said = story.passTo('2026-07-01T09:00:00+08:00')
    const keys = said.map((it) => `${it.kind} ${it.subject} ${'rule' in it ? it.rule : ''}`)
    t.ok(keys.length >= deadline.said.length)
    t.same([...new Set(keys)], keys)
    t.same(story.tell(), [])
    t.ok((story.engine.nextDeadlineMs ?? Number.POSITIVE_INFINITY) > story.nowMs, 'nothing stays due')
    story.nowMs = dueMs
    t.throws(() => story.tell(), /time went back/)
  })
}
