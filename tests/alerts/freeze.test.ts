import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { Transition } from '../../src/core/transition.js'
import { approved, at, by, desk, entered, event, inShort, left, order, registered, Story } from './engine.js'

const freeze = order({ order: 'freeze', subject: 'U1', ...by })
const release = order({ order: 'release', subject: 'U1', ...by })
const lift = (until: string): LogEntry => order({ order: 'lift', subject: 'U1', until, ...by })

/** 10 posts, `people` people, 09:00 on Monday 1 July 2024. */
const storyOf = (people: number): Story =>
  new Story('2024-07-01T09:00:00+08:00', registered('U1'), entered('U1', people), approved('U1', 10))

const frozenIn = (transitions: readonly Transition[]): Transition | undefined =>
  transitions.find(({ kind }) => kind === 'freeze')

t.test('an order freezes, and only an order to release takes it back', async (t) => {
  const story = storyOf(10)
  const [step] = story.transitions(freeze)
  t.equal(step && inShort(step), 'freeze U1 none>frozen 1 [order]')
  t.match(step, { why: { order: { order: 'freeze', by: '张三', reason: 'a test' }, events: [] } })
  t.same(story.tell(freeze), [], 'again: nothing changes')
  t.same(story.tell(left('U1', 1)), [], 'no fact ends an order')
  t.same(story.tell(release), ['freeze U1 frozen>none 2 []'])
  t.same(story.tell(release), [])
})

t.test('who ordered a freeze and why is held and shown, also when a rule froze the unit already', async (t) => {
  const story = storyOf(11)
  const ordered = (by: string, reason: string) => order({ order: 'freeze', subject: 'U1', by, reason })
  t.same(story.tell(ordered('张三', 'a complaint'), ordered('李四', 'an audit')), [], 'it is frozen: no step')
  const shown = (by: string, because: string, time = '09:00:00') => ({
    by,
    because,
    since: `2024-07-01T${time}.000+08:00`,
  })
  const orders = [shown('张三', 'a complaint'), shown('李四', 'an audit')]
  t.match(story.engine.read({ kind: 'freezes' }), [{ reasons: ['order', 'over-quota'], orders }])
  t.match(story.engine.read({ kind: 'unit', id: 'U1' }), { freeze: { orders } })
  story.until('2024-07-01T09:05:00+08:00')
  story.tell(ordered('张三', 'another'))
  const [{ orders: after }] = story.engine.read({ kind: 'freezes' }) as [{ orders: unknown }]
  t.same(after, [shown('李四', 'an audit'), shown('张三', 'another', '09:05:00')], 'one for each person')
  story.tell(release)
  const [{ orders: none }] = story.engine.read({ kind: 'freezes' }) as [{ orders?: unknown }]
  t.equal(none, undefined)
})

t.test('reasons add up: gaining or losing one while frozen is no step', async (t) => {
  const story = storyOf(10)
  t.same(story.tell(freeze), ['freeze U1 none>frozen 1 [order]'])
  t.same(story.tell(entered('U1', 1)), ['over-quota U1 green>red'])
  t.match(story.engine.read({ kind: 'freezes' }), [{ unit: 'U1', state: 'frozen', reasons: ['order', 'over-quota'] }])
  t.same(story.tell(release), [])
  t.same(story.tell(left('U1', 1)), ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []'])
})

t.test('a release does not end a freeze by a rule', async (t) => {
  const story = storyOf(11)
  t.same(story.tell(release), [])
  t.match(story.engine.read({ kind: 'freezes' }), [{ state: 'frozen', reasons: ['over-quota'], sequence: 1 }])
})

t.test(
  'a lift lasts until its end whatever reasons come or go, and then the unit is frozen if one holds',
  async (t) => {
    const story = storyOf(11)
    const lifted = frozenIn(story.transitions(lift('2024-07-05T18:00:00+08:00')))
    t.match(lifted, { from: 'frozen', to: 'lifted', sequence: 2, until: at('2024-07-05T18:00:00+08:00'), by: '张三' })
    t.same(story.tell(left('U1', 1)), ['over-quota U1 red>green'], 'the reason goes: still lifted')
    t.same(story.tell(entered('U1', 2)), ['over-quota U1 green>red'], 'a reason comes: still lifted')
    t.equal(story.engine.nextDeadlineMs, at('2024-07-05T18:00:00+08:00'))
    t.same(story.until('2024-07-05T17:59:59.999+08:00'), [])
    const [end] = story.passTo('2024-07-05T18:00:00+08:00')
    t.equal(end && inShort(end), 'freeze U1 lifted>frozen 3 [over-quota]')
    t.match(end, { at: at('2024-07-05T18:00:00+08:00'), why: { cause: 'deadline', events: [] } })
    t.equal(story.engine.nextDeadlineMs, undefined)
  },
)

t.test('a lift at whose end no reason holds ends in none', async (t) => {
  const story = storyOf(11)
  story.tell(lift('2024-07-05T18:00:00+08:00'), left('U1', 1))
  t.same(story.until('2024-07-08T00:00:00+08:00'), ['freeze U1 lifted>none 3 []'])
})

t.test('a lift may be granted before there is a reason', async (t) => {
  const story = storyOf(10)
  t.same(story.tell(lift('2024-07-05T18:00:00+08:00')), ['freeze U1 none>lifted 1 []'])
  t.same(story.tell(entered('U1', 1)), ['over-quota U1 green>red'])
  t.same(story.until('2024-07-05T18:00:00+08:00'), ['freeze U1 lifted>frozen 2 [over-quota]'])
})

t.test('a later order to freeze ends a lift; its end then means nothing', async (t) => {
  const story = storyOf(11)
  story.tell(lift('2024-07-05T18:00:00+08:00'))
  t.same(story.tell(freeze), ['freeze U1 lifted>frozen 3 [order over-quota]'])
  t.equal(story.engine.nextDeadlineMs, undefined)
  t.same(story.until('2024-07-08T00:00:00+08:00'), [])
})

t.test('a release during a lift takes the order back without a step', async (t) => {
  const story = storyOf(10)
  story.tell(freeze, lift('2024-07-05T18:00:00+08:00'))
  t.same(story.tell(release), [])
  t.same(story.until('2024-07-05T18:00:00+08:00'), ['freeze U1 lifted>none 3 []'])
})

t.test('a new lift takes the place of the old one and is a step of its own', async (t) => {
  const story = storyOf(11)
  story.tell(lift('2024-07-05T18:00:00+08:00'))
  t.same(story.tell(lift('2024-07-04T18:00:00+08:00')), ['freeze U1 lifted>lifted 3 [over-quota]'])
  t.same(story.until('2024-07-04T18:00:00+08:00'), ['freeze U1 lifted>frozen 4 [over-quota]'])
  t.same(story.until('2024-07-05T18:00:00+08:00'), [])
})

t.test('a lift whose end has passed before it is logged changes nothing', async (t) => {
  const story = storyOf(11)
  t.same(story.tell(lift('2024-07-01T09:00:00+08:00')), [])
})

t.test('orders about a unit that does not stand change nothing', async (t) => {
  const story = storyOf(10)
  t.same(story.tell(order({ order: 'freeze', subject: 'nobody', ...by })), [])
  t.equal(story.engine.read({ kind: 'unit', id: 'nobody' }), undefined)
})

t.test(
  'a closed unit leaves everything: alerts green, freeze none, no sum; registered again it is judged anew',
  async (t) => {
    const story = storyOf(11)
    story.tell(freeze)
    story.tell(
      event('task.planned', 'U1', {
        taskId: 'T',
        title: 't',
        kind: 'reform',
        target: 10,
        startsOn: '2024-06-03',
        dueOn: '2024-07-31',
      }),
    )
    t.same(story.tell(event('task.progressed', 'U1', { taskId: 'T', done: 0 })), ['progress U1/T green>red'])
    const closing = event('unit.closed', 'U1', {}, { time: '2024-07-01T09:00:00+08:00' })
    const said = story.transitions(approved('U1', 0, { time: '2024-07-01T08:00:00+08:00' }), left('U1', 11), closing)
    t.same(said.map(inShort), ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []', 'progress U1/T red>green'])
    t.match(said.at(-1), { why: { cause: 'closed', events: [{ id: closing.event.id }] } })
    t.match(story.engine.readFold({ kind: 'summary', scope: 'city' }), { units: 0, frozen: 0, facts: { filled: 0 } })
    t.match(story.engine.read({ kind: 'unit', id: 'U1' }), { closed: true })
    t.same(story.engine.read({ kind: 'units', limit: 10 }), [])
    t.equal(story.engine.nextDeadlineMs, undefined, 'nothing of it is due any more')
    t.same(story.tell(freeze), [], 'there is nothing to freeze')
    t.same(
      story.tell(registered('U1', {}, { time: '2024-07-01T08:30:00+08:00' })),
      [],
      'an older registration opens nothing',
    )
    t.match(story.engine.read({ kind: 'unit', id: 'U1' }), { closed: true })
    const reopening = registered('U1', { name: '新' }, { time: '2024-07-01T10:00:00+08:00' })
    t.same(story.tell(reopening), ['progress U1/T green>red'])
    t.match(story.engine.readFold({ kind: 'summary', scope: 'city' }), { units: 1, colours: { red: 1 } })
    t.same(
      story.tell(entered('U1', 1)),
      ['over-quota U1 green>red', 'freeze U1 none>frozen 3 [over-quota]'],
      'the sequence goes on',
    )
  },
)

t.test('two freezes of two units in one batch keep the order of positions, then of subjects', async (t) => {
  const story = storyOf(10)
  story.tell(registered('A1'), entered('A1', 10), approved('A1', 10))
  t.same(story.tell(entered('U1', 1), entered('A1', 1)), [
    'over-quota U1 green>red',
    'freeze U1 none>frozen 1 [over-quota]',
    'over-quota A1 green>red',
    'freeze A1 none>frozen 1 [over-quota]',
  ])
  t.same(story.tell({ kind: 'policy', policy: desk }), [], 'permanent staff counts in both')
  t.same(
    story.tell(
      order({ order: 'lift', subject: 'U1', until: '2024-07-02T00:00:00+08:00', ...by }),
      order({ order: 'lift', subject: 'A1', until: '2024-07-01T23:00:00+08:00', ...by }),
    ),
    ['freeze U1 frozen>lifted 2 [over-quota]', 'freeze A1 frozen>lifted 2 [over-quota]'],
  )
  story.nowMs = at('2024-07-03T00:00:00+08:00')
  t.same(
    story.tell(left('A1', 1)),
    [
      'freeze A1 lifted>frozen 3 [over-quota]',
      'freeze U1 lifted>frozen 3 [over-quota]',
      'over-quota A1 red>green',
      'freeze A1 frozen>none 4 []',
    ],
    'deadlines pass before the first entry of the batch',
  )
})
