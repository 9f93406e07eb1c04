/**
 * A feed falls silent: nothing that it told changes its colour, and whoever reads what hangs on it is told that it is old.
 */
import t from 'tap'
import { mergeReads, type ReadQuery, shardQueryOf } from '../../src/workers/merge-reads.js'
import { approved, entered, event, registered, rules, Story, someRules } from './engine.js'

const hr = { source: '/departments/hr', time: '2024-07-01T08:00:00+08:00' }
const office = { source: '/departments/quota-office', time: '2024-07-01T08:00:00+08:00' }
const day = 86_400_000
const sources = { [hr.source]: day, [office.source]: 30 * day }

interface Shown {
  readonly colour: string
  readonly stale?: readonly { readonly source: string; readonly facts: readonly string[] }[]
  readonly alerts: readonly { readonly rule: string; readonly stale?: boolean }[]
}

/** U1 has 10 posts and 12 people, told by two feeds; U2 is told of by another, which nobody waits for. */
function told(): Story {
  const set = { ...someRules('silent-source', 'over-quota', 'contract-ratio', 'progress'), sources }
  const story = new Story('2024-07-01T09:00:00+08:00', rules(set))
  story.tell(registered('U1', {}, office), approved('U1', 10, office), entered('U1', 12, hr))
  const plan = {
    taskId: 'T',
    title: 't',
    kind: 'reform',
    target: 9,
    startsOn: '2024-01-02',
    dueOn: '2024-06-28',
  } as const
  story.tell(
    event('task.planned', 'U1', plan, office),
    event('task.progressed', 'U1', { taskId: 'T', done: 1 }, office),
  )
  story.tell(registered('U2'), approved('U2', 10), entered('U2', 9))
  return story
}

/** As the service reads it. */
function merged({ engine }: Story, query: ReadQuery): Record<string, unknown> {
  const asked = shardQueryOf(query)
  const ofShards = asked ? engine.shards.map((shard) => shard.read(asked)) : []
  return mergeReads(query, ofShards, engine.fold) as Record<string, unknown>
}

const unit = (story: Story, id: string) => story.engine.read({ kind: 'unit', id }) as Shown

t.test('while its feeds speak nothing of a unit is old', async (t) => {
  const story = told()
  story.until('2024-07-06T09:00:00+08:00')
  t.notOk('stale' in unit(story, 'U1'))
  t.notOk('toldBy' in unit(story, 'U1'))
})

t.test(
  'what a silent feed told of a unit is old, with the alerts that hang on it, and keeps its colours',
  async (t) => {
    const story = told()
    t.same(story.until('2024-07-06T09:00:00.001+08:00'), ['silent-source /departments/hr green>yellow'])
    for (const restarted of [false, true]) {
      if (restarted) story.engine.restart()
      const shown = unit(story, 'U1')
      t.same(shown.stale, [
        {
          source: hr.source,
          since: '2024-07-01T09:00:00.000+08:00',
          colour: 'yellow',
          facts: ['filled', 'overBy', 'vacancyRatio', 'heads'],
        },
      ])
      t.equal(shown.colour, 'red')
      t.same(
        shown.alerts.map(({ rule, stale = false }) => [rule, stale]),
        [
          ['over-quota', true],
          ['progress', false],
        ],
      )
      t.notOk('stale' in unit(story, 'U2'), 'of whom another feed told')
      t.match(story.engine.readFold({ kind: 'summary', scope: 'city' }), {
        facts: {
          sources: [
            { source: hr.source, silent: 'yellow' },
            { source: office.source },
            { source: '/departments/test' },
          ],
        },
      })
    }
  },
)

t.test('alerts are marked in their list too, and a sum says of how many units a silent feed told', async (t) => {
  const story = told()
  story.tell(registered('U3', { county: 'PJ' }, office), approved('U3', 10, office), entered('U3', 9, hr))
  const listed = () =>
    (story.engine.read({ kind: 'alerts' }) as Shown['alerts']).map(({ rule, stale = false }) => [rule, stale])
  const read = (scope: string) => merged(story, { kind: 'summary', scope, withStale: true })
  t.same(listed(), [
    ['over-quota', false],
    ['progress', false],
  ])
  t.notOk('stale' in read('city'))
  story.until('2024-07-06T09:00:00.001+08:00')
  const feed = { source: hr.source, since: '2024-07-01T09:00:00.000+08:00', colour: 'yellow' }
  const facts = ['filled', 'overBy', 'vacancyRatio', 'heads']
  for (const restarted of [false, true]) {
    if (restarted) story.engine.restart()
    t.same(listed(), [
      ['over-quota', true],
      ['progress', false],
    ])
    t.same(read('city')['stale'], { units: 2, feeds: [{ ...feed, facts, units: 2 }] })
    t.same(read('county/PJ')['stale'], { units: 1, feeds: [{ ...feed, facts, units: 1 }] })
    t.same(read('sector/education')['stale'], read('city')['stale'])
    t.notOk('stale' in read('county/TS'))
    t.notOk('stale' in merged(story, { kind: 'summary', scope: 'city' }), 'only when it is asked for')
  }
  story.until('2025-01-02T09:00:00+08:00')
  t.match(read('county/XH')['stale'], { units: 1, feeds: [{ units: 1 }, { source: office.source, units: 1 }] })
  story.tell(event('unit.closed', 'U3', {}, office))
  t.match(read('city')['stale'], { units: 1 })
})

t.test('a feed that is heard again is not old any more, also where it is heard about another unit', async (t) => {
  const story = told()
  story.until('2024-07-25T09:00:00+08:00')
  t.match(unit(story, 'U1').stale, [{ source: hr.source, colour: 'red' }])
  t.same(story.tell(entered('U2', 1, hr)), ['silent-source /departments/hr red>green'])
  t.notOk('stale' in unit(story, 'U1'))
})

t.test('two silent feeds are both named, and more hangs on them', async (t) => {
  const story = told()
  story.until('2025-01-02T09:00:00+08:00')
  const shown = unit(story, 'U1')
  t.same(
    shown.stale?.map(({ source, facts }) => [source, facts]),
    [
      [hr.source, ['filled', 'overBy', 'vacancyRatio', 'heads']],
      [office.source, ['approved', 'usable', 'overBy', 'vacancyRatio', 'tasks']],
    ],
  )
  t.ok(shown.alerts.every(({ stale }) => stale))
})

t.test('a feed may have the name of anything, and is expected only where the rules say so', async (t) => {
  const story = new Story('2024-07-01T09:00:00+08:00', rules({ ...someRules('silent-source'), sources }))
  for (const source of ['constructor', '__proto__', 'toString']) story.tell(entered('U1', 1, { source }))
  t.same(story.until('2026-07-01T09:00:00+08:00'), [])
})
