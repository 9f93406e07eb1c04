import t from 'tap'
import { faultOf } from '../../src/alerts/rules.js'
import { readRules } from '../../src/config/rules-file.js'
import type { RuleSet } from '../../src/core/rule-set.js'
import {
  approved,
  by,
  entered,
  event,
  inShort,
  left,
  order,
  registered,
  rules,
  rulesText,
  Story,
  storyRules,
} from './engine.js'

const changed = (from: string, to: string): RuleSet => {
  if (!rulesText.includes(from)) throw new Error(`the shipped rules do not hold ${from}`)
  return only(readRules(rulesText.replace(from, to), 'changed.yaml', faultOf))
}
/** The rules that the stories here are about, and nothing that climbs. */
const only = (set: RuleSet): RuleSet => ({
  name: set.name,
  version: set.version,
  rules: set.rules
    .filter(({ id }) => storyRules.rules.some((rule) => rule.id === id))
    .map(({ escalation: _, ...rule }) => rule),
})
const without = (id: string): RuleSet => ({
  ...storyRules,
  version: 'less',
  rules: storyRules.rules.filter((rule) => rule.id !== id),
})

t.test('a reload resets nothing: colours, ways back, freezes and sequences go on', async (t) => {
  const story = new Story(
    undefined,
    registered('U1'),
    entered('U1', 79),
    approved('U1', 100),
    registered('U2'),
    entered('U2', 1),
    approved('U2', 0),
  )
  t.same(story.tell(entered('U1', 1)), [], 'yellow, inside the way back')
  t.same(story.tell(rules({ ...storyRules, version: 'again' })), [])
  t.same(story.tell(entered('U1', 1)), ['vacancy U1 yellow>green'])
  t.same(story.tell(left('U2', 1)), ['over-quota U2 red>green', 'freeze U2 frozen>none 2 []'])
})

t.test('alerts whose rule is gone end green, and a freeze that hung on it ends', async (t) => {
  const story = new Story(undefined, registered('U1'), entered('U1', 12), approved('U1', 10))
  const said = story.transitions(rules(without('over-quota')))
  t.same(said.map(inShort), ['over-quota U1 red>green', 'freeze U1 frozen>none 2 []'])
  for (const { why } of said) t.match(why, { cause: 'rules', events: [] })
  t.match(story.engine.readFold({ kind: 'summary', scope: 'city' }), { colours: { green: 1, red: 0 }, frozen: 0 })
  t.same(story.tell(rules()), ['over-quota U1 green>red', 'freeze U1 none>frozen 3 [over-quota]'])
})

t.test('the city alert of a rule that is gone ends green, also while a load is open', async (t) => {
  const story = new Story(undefined, registered('U1'), entered('U1', 60_001), approved('U1', 60_001))
  t.same(story.engine.transitions.map(inShort), ['total-cap city green>red'])
  story.tell(
    order({ order: 'load.open', load: 'l', until: '2024-08-01T00:00:00+08:00', ...by }),
    entered('U1', 1, { load: 'l' }),
  )
  t.same(story.tell(rules(without('total-cap'))), ['total-cap city red>green'])
})

t.test('a changed threshold is judged at once, from the colours there are', async (t) => {
  const story = new Story(
    undefined,
    registered('U1'),
    entered('U1', 79),
    approved('U1', 100),
    registered('U2'),
    entered('U2', 85),
    approved('U2', 100),
  )
  t.same(story.engine.transitions.map(inShort), ['vacancy U1 green>yellow'])
  const said = story.transitions(rules(changed('{ above: 0.20, back: 0.01 }', '{ above: 0.10, back: 0.01 }')))
  t.same(said.map(inShort), ['vacancy U2 green>yellow'], 'U1 stays as it is')
  t.match(said[0], { why: { threshold: { above: '0.10' } } })
  t.same(story.tell(rules(changed('{ above: 0.20, back: 0.01 }', '{ above: 0.30, back: 0.01 }'))), [
    'vacancy U1 yellow>green',
    'vacancy U2 yellow>green',
  ])
})

t.test('a rule that no longer freezes lets go, one that begins to freeze takes hold', async (t) => {
  const story = new Story(undefined, registered('U1'), entered('U1', 12), approved('U1', 10))
  t.same(story.tell(rules(changed('actions: [freeze, notify, escalate]', 'actions: [notify]'))), [
    'freeze U1 frozen>none 2 []',
  ])
  t.same(story.tell(rules()), ['freeze U1 none>frozen 3 [over-quota]'])
})

t.test('task alerts follow a reload too', async (t) => {
  const story = new Story('2024-06-14T12:00:00+08:00', registered('U1'))
  story.tell(
    event('task.planned', 'U1', {
      taskId: 'T',
      title: 't',
      kind: 'reform',
      target: 100,
      startsOn: '2024-05-31',
      dueOn: '2024-06-28',
    }),
  )
  t.same(story.tell(event('task.progressed', 'U1', { taskId: 'T', done: 0 })), ['progress U1/T green>red'])
  t.same(story.tell(rules(without('progress'))), ['progress U1/T red>green'])
  t.same(story.tell(rules()), ['progress U1/T green>red'])
})

t.test('a ratio over nothing is no figure: the colour is kept, and nothing crashes', async (t) => {
  const story = new Story()
  story.tell(
    rules(changed('denominator: "usable > 0 ? usable : 1"', 'denominator: usable')),
    registered('U1'),
    approved('U1', 10),
  )
  t.same(story.engine.transitions.map(inShort), ['vacancy U1 green>yellow'])
  t.same(story.tell(approved('U1', 0, { time: '2024-02-01T00:00:00+08:00' })), [])
  t.same(story.tell(registered('U2'), approved('U2', 0)), [])
  t.same(story.tell(rules()), ['vacancy U1 yellow>green'], 'the shipped rule says that no post is empty')
})
