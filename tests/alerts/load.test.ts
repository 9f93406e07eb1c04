import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import { approved, at, by, entered, event, inShort, left, order, registered, rules, Story } from './engine.js'

const open = (load: string, until = '2024-07-10T00:00:00+08:00'): LogEntry =>
  order({ order: 'load.open', load, until, ...by })
const close = (load: string): LogEntry => order({ order: 'load.close', load, ...by })
const census = { load: 'census' }

t.test('a load raises no storm: its units are judged when it ends, at that position', async (t) => {
  const story = new Story(undefined, open('census'))
  t.same(story.tell(registered('U1', {}, census), entered('U1', 12, census), approved('U1', 10, census)), [])
  t.same(story.tell(registered('U2', {}, census), approved('U2', 10, census)), [])
  t.same(story.tell(left('U1', 1)), [], 'also other events of a unit that was set aside')
  t.match(story.engine.read({ kind: 'unit', id: 'U1' }), { setAside: true, colour: 'green' })
  const said = story.transitions(close('census'))
  t.same(said.map(inShort), [
    'over-quota U1 green>red',
    'freeze U1 none>frozen 1 [over-quota]',
    'vacancy U2 green>yellow',
  ])
  for (const { position, why } of said) {
    t.equal(position, 9)
    t.match(why, { cause: 'load', events: [] })
  }
  t.notOk('setAside' in (story.engine.read({ kind: 'unit', id: 'U1' }) as object))
})

t.test('no colour depends on the order of loading', async (t) => {
  const world = [
    entered('U1', 81, census),
    approved('U1', 100, census),
    left('U1', 1, census),
    approved('U1', 1000, { ...census, time: '2023-01-01T00:00:00+08:00' }),
  ]
  for (const events of [world, [...world].reverse()]) {
    const story = new Story(undefined, open('census'), registered('U1'), ...events)
    t.same(story.tell(close('census')), [], 'exactly 20 % vacant; on the way it was 90 %')
  }
})

t.test('units that the load does not touch are judged as ever', async (t) => {
  const story = new Story(undefined, open('census'), registered('U1'), registered('U2', {}, census))
  t.same(story.tell(entered('U1', 1), approved('U1', 0)), [
    'over-quota U1 green>red',
    'freeze U1 none>frozen 1 [over-quota]',
  ])
})

t.test('a load ends by itself at its latest end', async (t) => {
  const story = new Story(
    undefined,
    open('census'),
    registered('U1', {}, census),
    entered('U1', 1, census),
    approved('U1', 0, census),
  )
  t.equal(story.engine.nextDeadlineMs, at('2024-07-10T00:00:00+08:00'))
  t.same(story.until('2024-07-09T23:59:59.999+08:00'), [])
  const said = story.passTo('2024-07-10T00:00:00+08:00')
  t.same(said.map(inShort), ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'])
  t.match(said[0], { why: { cause: 'load' } })
  t.equal(story.engine.nextDeadlineMs, undefined)
  t.same(story.tell(close('census')), [], 'closed already')
  t.same(
    story.tell(left('U1', 1, census)),
    ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []'],
    'its name means nothing any more',
  )
})

t.test('a unit with an alert keeps it while it is set aside, and is judged from there', async (t) => {
  const story = new Story(undefined, registered('U1'), entered('U1', 11), approved('U1', 10), open('census'))
  t.same(story.tell(left('U1', 1, census), left('U1', 3)), [])
  t.match(story.engine.read({ kind: 'alerts' }), [{ rule: 'over-quota', subject: 'U1', colour: 'red' }])
  t.same(story.tell(close('census')), [
    'over-quota U1 red>green',
    'vacancy U1 green>yellow',
    'freeze U1 frozen>none 2 []',
  ])
})

t.test('a unit that two loads touch waits for the later end', async (t) => {
  const story = new Story(undefined, open('census'), open('other'))
  story.tell(registered('U1', {}, census), entered('U1', 1, { load: 'other' }), approved('U1', 0, census))
  t.same(story.tell(close('census')), [])
  t.same(story.tell(close('other')), ['over-quota U1 green>red', 'freeze U1 none>frozen 1 [over-quota]'])
})

t.test('people may order while a unit is set aside, and a rule set may go', async (t) => {
  const story = new Story(undefined, registered('U1'), entered('U1', 11), approved('U1', 10), open('census'))
  story.tell(entered('U1', 1, census))
  t.same(story.tell(order({ order: 'lift', subject: 'U1', until: '2024-07-02T00:00:00+08:00', ...by })), [
    'freeze U1 frozen>lifted 2 [over-quota]',
  ])
  t.same(story.until('2024-07-02T00:00:00+08:00'), ['freeze U1 lifted>frozen 3 [over-quota]'])
  t.same(story.tell(rules({ name: 'none', version: '0', rules: [] })), [
    'over-quota U1 red>green',
    'freeze U1 frozen>none 4 []',
  ])
  t.same(story.tell(close('census')), [])
})

t.test('what a load reports as entered is no use of frozen posts', async (t) => {
  const story = new Story(
    '2024-07-01T09:00:00+08:00',
    registered('U1'),
    entered('U1', 11),
    approved('U1', 10),
    open('census'),
  )
  story.tell(entered('U1', 1, { ...census, time: '2024-07-01T09:00:00+08:00' }))
  t.same(story.tell(close('census')), [])
})

t.test('tasks of a unit that is set aside wait with it; midnights pass without a verdict', async (t) => {
  const story = new Story('2024-06-14T12:00:00+08:00', registered('U1'), open('census'))
  const task = {
    taskId: 'T',
    title: 't',
    kind: 'reform' as const,
    target: 100,
    startsOn: '2024-05-31',
    dueOn: '2024-06-28',
  }
  story.tell(event('task.planned', 'U1', task, census))
  t.same(story.until('2024-06-17T00:00:00+08:00'), [])
  t.same(story.tell(event('task.progressed', 'U1', { taskId: 'T', done: 1 })), [])
  t.same(story.tell(close('census')), ['progress U1/T green>red'])
})

t.test(
  'a task that a load planned and nobody reported is first judged at the midnight after it was planned',
  async (t) => {
    const story = new Story('2024-06-14T12:00:00+08:00', registered('U1'), open('census'))
    const task = {
      taskId: 'T',
      title: 't',
      kind: 'reform' as const,
      target: 100,
      startsOn: '2024-05-31',
      dueOn: '2024-06-28',
    }
    story.tell(event('task.planned', 'U1', task, census))
    t.same(story.tell(close('census')), [])
    t.same(story.until('2024-06-15T00:00:00+08:00'), ['progress U1/T green>red'])
  },
)

t.test('the city waits for loads that touched a unit, and is judged when the last one ends', async (t) => {
  const story = new Story(undefined, registered('I'), open('census'), open('idle'))
  t.same(
    story.tell(approved('I', 60_001)),
    ['vacancy I green>yellow', 'total-cap city green>red'],
    'no load has touched anything yet',
  )
  story.tell(approved('I', 60_000, { ...census, time: '2024-02-01T00:00:00+08:00' }))
  t.match(story.engine.readFold({ kind: 'alerts' }), [{ colour: 'red' }])
  const [end] = story.transitions(close('census'))
  t.equal(end && inShort(end), 'total-cap city red>green')
  t.match(end, { why: { cause: 'load', events: [] } })
})

t.test('a load that opens, imports and closes in one batch is one verdict for the city too', async (t) => {
  const story = new Story(undefined, registered('I'))
  const said = story.transitions(open('census'), approved('I', 60_001, census), close('census'))
  t.same(said.map(inShort), ['vacancy I green>yellow', 'total-cap city green>red'])
  for (const { why } of said) t.match(why, { cause: 'load', events: [] })
})

t.test('a load whose end has passed before it is logged never opens', async (t) => {
  const story = new Story(
    '2024-07-01T09:00:00+08:00',
    open('census', '2024-07-01T09:00:00+08:00'),
    registered('U1', {}, census),
  )
  t.same(story.tell(entered('U1', 1, census), approved('U1', 0, census)), [
    'over-quota U1 green>red',
    'freeze U1 none>frozen 1 [over-quota]',
  ])
})
