/**
 * Who must look after an alert, and when it climbs (domain 5): by working days, a freeze by minutes, and what stops it.
 */
import t from 'tap'
import type { AlertOrder } from '../../src/core/order.js'
import type { RuleSet } from '../../src/core/rule-set.js'
import {
  approved,
  at,
  by,
  entered,
  event,
  left,
  order,
  reformTask,
  registered,
  rules,
  Story,
  shippedRules,
} from './engine.js'

/** The shipped rules of these alone, with the spans that ship. */
const set: RuleSet = {
  ...shippedRules,
  rules: shippedRules.rules.filter(({ id }) => ['over-quota', 'vacancy', 'progress', 'frozen-use'].includes(id)),
}

const ofTask = { subject: 'U1/T', rule: 'progress' }
const ofQuota = { subject: 'U1', rule: 'over-quota' }

/** Thursday 2024-07-04 at nine: U1's task is far behind, which is red and climbs by working days. */
const late = (start = '2024-07-04T09:00:00+08:00') => {
  const story = new Story(start)
  story.tell(rules(set), registered('U1'), event('task.planned', 'U1', reformTask))
  story.tell(event('task.progressed', 'U1', { taskId: 'T', done: 1 }, { time: start }))
  return story
}
/** Over quota since nine, which freezes and climbs by minutes. */
const frozen = () => {
  const story = new Story('2024-07-04T09:00:00+08:00')
  story.tell(rules(set), registered('U1'), entered('U1', 12), approved('U1', 10))
  return story
}

const told = (given: AlertOrder) => order(given)
const acknowledged = (of: { subject: string; rule: string }, until?: string) =>
  told({ order: 'acknowledge', ...of, ...by, ...(until ? { until } : {}) })

const climbs = (from: string, to: string, { subject, rule } = ofQuota) => `escalation ${rule} ${subject} ${from}>${to}`

t.test('a red alert climbs after one working day and after two, at the same time of day', async (t) => {
  const story = late()
  t.same(story.until('2024-07-05T08:59:59.999+08:00'), [])
  t.same(story.until('2024-07-05T09:00:00+08:00'), [climbs('unit', 'county', ofTask)])
  t.same(story.until('2024-07-07T23:00:00+08:00'), [], 'Saturday and Sunday are no working days')
  t.same(story.until('2024-07-08T09:00:00+08:00'), [climbs('county', 'city', ofTask)])
  t.same(story.until('2024-07-20T09:00:00+08:00'), [], 'there is nobody above the city')
})

t.test('a freeze climbs after ten minutes and after thirty', async (t) => {
  const story = frozen()
  t.same(story.until('2024-07-04T09:09:59.999+08:00'), [])
  const [first] = story.passTo('2024-07-04T09:10:00+08:00')
  t.match(first, {
    kind: 'escalation',
    from: 'unit',
    to: 'county',
    why: { assumed: true, cause: 'deadline', events: [] },
  })
  t.match(story.engine.read({ kind: 'alerts', subject: 'U1' }), [
    { rule: 'over-quota', rung: 'county', rungAssumed: true, why: { assumed: false } },
  ])
  t.same(story.until('2024-07-04T09:29:59.999+08:00'), [])
  t.same(story.until('2024-07-04T09:30:00+08:00'), [climbs('county', 'city')])
})

t.test('when time jumps, it climbs as far as is due, in one step', async (t) => {
  t.same(frozen().until('2024-07-04T12:00:00+08:00'), [climbs('unit', 'city')])
})

t.test('yellow does not climb, unless its rule says so', async (t) => {
  const story = new Story('2024-07-04T09:00:00+08:00')
  story.tell(rules(set), registered('U1'), entered('U1', 70), approved('U1', 100))
  t.same(story.until('2024-07-12T09:00:00+08:00'), [])
  const climbing = { ...set, rules: set.rules.map((rule) => ({ ...rule, actions: ['escalate' as const] })) }
  story.tell(rules(climbing))
  t.same(story.until('2024-07-12T09:00:00+08:00'), [climbs('unit', 'city', { subject: 'U1', rule: 'vacancy' })])
})

t.test('whoever takes it in hand stops it; a worse colour is news to them', async (t) => {
  const story = frozen()
  t.same(story.tell(acknowledged(ofQuota)), ['acknowledgement over-quota U1 open>acknowledged'])
  t.same(story.until('2024-07-05T09:00:00+08:00'), [])
  t.match(story.engine.read({ kind: 'alerts', subject: 'U1' }), [{ rung: 'unit', acknowledged: { by: '张三' } }])
  story.tell(left('U1', 2))
  t.same(story.tell(entered('U1', 1)), ['over-quota U1 green>red', 'freeze U1 none>frozen 3 [over-quota]'])
  t.same(story.until('2024-07-05T09:10:00+08:00'), [climbs('unit', 'county')], 'another alert, another hand')
})

t.test('an acknowledgement with an end: then it is open again and climbs as far as is due', async (t) => {
  const story = frozen()
  story.tell(acknowledged(ofQuota, '2024-07-04T09:20:00+08:00'))
  t.same(story.until('2024-07-04T09:19:59.999+08:00'), [])
  t.same(story.until('2024-07-04T09:20:00+08:00'), [
    'acknowledgement over-quota U1 acknowledged>open',
    climbs('unit', 'county'),
  ])
  t.same(story.until('2024-07-04T09:30:00+08:00'), [climbs('county', 'city')])
})

t.test('a silence stops it and marks what changes; at its end it climbs as far as is due', async (t) => {
  const story = frozen()
  const until = '2024-07-04T10:00:00+08:00'
  t.same(story.tell(told({ order: 'silence', ...ofQuota, until, ...by })), ['silence over-quota U1 audible>silenced'])
  t.match(story.engine.read({ kind: 'alerts', subject: 'U1' }), [{ silenced: { by: '张三', until: /10:00:00/ } }])
  story.nowMs = at('2024-07-04T09:20:00+08:00')
  t.match(story.transitions(left('U1', 2)), [
    { to: 'green', silenced: true },
    { kind: 'freeze', to: 'none' },
  ])
  t.match(story.transitions(entered('U1', 1)), [
    { to: 'red', silenced: true },
    { kind: 'freeze', to: 'frozen' },
  ])
  t.same(story.until('2024-07-04T09:59:59.999+08:00'), [])
  t.same(story.until(until), [climbs('unit', 'city'), 'silence over-quota U1 silenced>audible'])
})

t.test('a person sends it up at once; from there it goes on by itself', async (t) => {
  const story = frozen()
  t.same(story.tell(told({ order: 'escalate', ...ofQuota, ...by })), [climbs('unit', 'county')])
  t.same(story.until('2024-07-04T09:10:00+08:00'), [])
  t.same(story.until('2024-07-04T09:30:00+08:00'), [climbs('county', 'city')])
})

t.test('other spans count from when the alert was raised; a restart forgets nothing', async (t) => {
  const story = late()
  story.engine.restart()
  story.until('2024-07-05T08:00:00+08:00')
  t.same(story.tell(rules({ ...set, escalation: { county: { ms: 60_000 }, city: { workingDays: 3 } } })), [])
  t.same(story.until('2024-07-05T08:00:00+08:00'), [climbs('unit', 'county', ofTask)])
  story.engine.restart()
  t.same(story.until('2024-07-09T08:59:59.999+08:00'), [])
  t.same(story.until('2024-07-09T09:00:00+08:00'), [climbs('county', 'city', ofTask)])
})

t.test('what is green, or gone, climbs no more', async (t) => {
  const story = frozen()
  story.tell(left('U1', 2))
  t.same(story.until('2024-07-05T09:00:00+08:00'), [])
  const other = frozen()
  other.tell(rules({ ...set, rules: set.rules.filter(({ id }) => id !== 'over-quota') }))
  t.same(other.until('2024-07-05T09:00:00+08:00'), [])
})
