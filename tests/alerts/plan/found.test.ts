/**
 * What the simulation and the properties over the whole plan have found, each told once more in short.
 */
import t from 'tap'
import type { EventDataByType } from '../../../src/core/event.js'
import { approved, by, Engine, event, order, registered, rules, Story, shippedRules, someRules } from '../engine.js'

const assessed = (unit: string, value: number) =>
  event('assessment.published', unit, { period: '2024H1', kind: 'economic_contribution', value })
const closed = (kind: EventDataByType['assessment.closed']['kind'], period: string, source = '/departments/test') =>
  event('assessment.closed', 'city', { kind, period }, { source })

t.test('a correction of a closed half-year is named once, whatever the count of shards', async (t) => {
  const units = ['A', 'B', 'C', 'D']
  const said = [1, 2, 8].map((shards) => {
    const engine = new Engine(shards)
    const nowMs = new Story().nowMs
    engine.step({
      nowMs,
      entries: [rules(someRules('economic-contribution')), ...units.map((unit) => registered(unit))],
    })
    engine.step({
      nowMs,
      entries: [...units.map((unit) => assessed(unit, 10)), closed('economic_contribution', '2024H1')],
    })
    const late = { time: '2024-06-01T00:00:00+08:00' }
    const data = { period: '2024H1', kind: 'economic_contribution', value: 1 } as const
    const corrections = ['A', 'B', 'C'].map((unit) =>
      event('assessment.published', unit, data, { ...late, id: `c${unit}` }),
    )
    return engine.step({ nowMs, entries: corrections }).map(({ why }) => why.events.map(({ id }) => id).join())
  })
  t.same(said[0], ['cA,cB,cC', 'cA,cB,cC', 'cA,cB,cC', 'cA,cB,cC', 'cA,cB,cC', 'cA,cB,cC'])
  t.same(said[1], said[0])
  t.same(said[2], said[0])
})

t.test('a unit is never compared with the mean of before its own correction', async (t) => {
  const story = new Story(undefined, rules(someRules('economic-contribution')), registered('A'), registered('B'))
  story.tell(assessed('A', 100), assessed('B', 100), closed('economic_contribution', '2024H1'))
  // 85 is below 90 % of the old mean of 100, and above 90 % of the new one of 92.5.
  const late = { time: '2024-06-01T00:00:00+08:00' }
  const data = { period: '2024H1', kind: 'economic_contribution', value: 85 } as const
  t.same(story.tell(event('assessment.published', 'A', data, late), closed('efficiency', '2023')), [])
})

t.test('a department that only closes periods is heard', async (t) => {
  const source = '/departments/organisation'
  const story = new Story(
    '2024-01-02T09:00:00+08:00',
    rules({ ...someRules('silent-source'), sources: { [source]: 86_400_000 } }),
  )
  story.tell(registered('A', {}, { source }))
  story.nowMs = (story.nowMs + 4 * 86_400_000) as typeof story.nowMs
  story.tell(closed('annual', '2023', source))
  t.same(story.until('2024-01-09T09:00:00+08:00'), [])
  t.same(story.until('2024-01-12T09:00:00+08:00'), [`silent-source ${source} green>yellow`])
})

t.test('a report of another rhythm makes nobody a pilot unit', async (t) => {
  const story = new Story('2024-07-01T09:00:00+08:00', rules(someRules('risk-report')), registered('A'))
  story.tell(event('risk.reported', 'A', { period: '2024' }))
  t.same(story.until('2024-08-01T09:00:00+08:00'), [])
  story.engine.restart()
  t.same(story.until('2024-08-02T09:00:00+08:00'), [])
})

t.test(
  'a closed unit has no request pending, and when it stands again what is proposed has an id of its own',
  async (t) => {
    const story = new Story(undefined, rules(shippedRules), registered('A'))
    const pending = () => (story.engine.readFold({ kind: 'summary', scope: 'city' }) as City).facts.pool.requests
    const request = event('request.submitted', 'A', { requestId: 'R', kind: 'pool', count: 501 })
    const ofPool = (lines: string[]) => lines.filter((line) => line.startsWith('proposal pool-capacity'))
    t.same(ofPool(story.tell(approved('A', 0), request)), ['proposal pool-capacity:A/request/R:1 none>open'])
    t.same(pending(), 1)
    const closing = event('unit.closed', 'A', {}, { time: '2024-02-01T00:00:00+08:00' })
    t.same(ofPool(story.tell(closing)), ['proposal pool-capacity:A/request/R:1 open>withdrawn'])
    t.same(pending(), 0)
    story.engine.restart()
    const again = registered('A', {}, { time: '2024-03-01T00:00:00+08:00' })
    t.same(ofPool(story.tell(again)), ['proposal pool-capacity:A/request/R:2 none>open'])
    t.same(pending(), 1)
  },
)

interface City {
  readonly facts: { readonly pool: { readonly requests: number } }
}

t.test(
  'what leaves the reach of its rule is green: a task that becomes a milestone, a request that is not of the pool',
  async (t) => {
    const story = new Story(
      '2024-07-01T09:00:00+08:00',
      rules(someRules('progress', 'pool-eligibility')),
      registered('A'),
    )
    const plan = { taskId: 'T', title: '任务', target: 10, startsOn: '2024-06-03', dueOn: '2024-07-31' }
    const request = { requestId: 'R', count: 1, investmentCny: 5 }
    story.tell(
      event('task.planned', 'A', { ...plan, kind: 'reform' }),
      event('request.submitted', 'A', { ...request, kind: 'pool' }),
    )
    story.tell(event('task.progressed', 'A', { taskId: 'T', done: 0 }))
    const later = { time: '2024-07-01T08:00:00+08:00' }
    t.same(story.tell(event('task.planned', 'A', { ...plan, kind: 'milestone' }, later)), ['progress A/T red>green'])
    t.same(story.tell(event('request.submitted', 'A', { ...request, kind: 'adjustment' }, later)), [
      'pool-eligibility A/request/R red>green',
      'proposal pool-eligibility:A/request/R:1 open>withdrawn',
    ])
  },
)

const holding = (hold: boolean) => {
  const { rules: some, ...set } = someRules('vacancy')
  return rules({
    ...set,
    rules: some.map((rule) => (hold ? { ...rule, hold: { enterMs: 3_600_000, leaveMs: 0 } } : rule)),
  })
}

t.test(
  'a hold that ends while a load sets its unit aside asks for no tick in the past, and is judged when the load ends',
  async (t) => {
    const story = new Story('2024-07-01T09:00:00+08:00', holding(true), registered('A'), approved('A', 100))
    story.tell(order({ order: 'load.open', load: 'L', until: '2024-07-01T20:00:00+08:00', ...by }))
    story.tell(event('contract.entered', 'A', { count: 1 }, { load: 'L' }))
    t.same(story.until('2024-07-01T10:00:00+08:00'), [])
    t.equal(story.engine.nextDeadlineMs, Date.parse('2024-07-01T20:00:00+08:00'))
    t.same(story.until('2024-07-01T20:00:00+08:00'), ['vacancy A green>yellow'])
  },
)

t.test('what was waited for under one set of rules is forgotten by a set that does not hold', async (t) => {
  const story = new Story('2024-07-01T09:00:00+08:00', holding(true), registered('A'), approved('A', 100))
  t.same(story.tell(holding(false)), ['vacancy A green>yellow'])
  t.same(story.tell(event('quota.approved', 'A', { approved: 0, cause: 'census' })), ['vacancy A yellow>green'])
  story.tell(holding(true))
  story.until('2024-07-02T09:00:00+08:00')
  t.same(story.tell(approved('A', 100, { time: '2024-07-02T08:00:00+08:00' })), [], 'it waits from now on')
  t.same(story.until('2024-07-02T10:00:00+08:00'), ['vacancy A green>yellow'])
})

t.test('a rectification that ends at the midnight at which it is past due is not judged once more', async (t) => {
  const story = new Story(
    '2024-07-01T09:00:00+08:00',
    rules(someRules('risk-report', 'rectification')),
    registered('A'),
  )
  story.tell(event('risk.reported', 'A', { period: '2024-07-01' }))
  t.same(story.until('2024-07-09T00:00:00+08:00'), ['risk-report A green>red'])
  const mend = {
    order: 'rectify',
    subject: 'A',
    rule: 'risk-report',
    owner: '李四',
    dueOn: '2024-07-09',
    ...by,
  } as const
  t.same(story.tell(order(mend)), ['rectification A/alert/risk-report green>yellow'])
  story.tell(event('risk.reported', 'A', { period: '2024-07-04' }))
  t.same(story.until('2024-07-10T00:00:00+08:00').sort(), [
    'rectification A/alert/risk-report yellow>green',
    'risk-report A red>green',
  ])
})
