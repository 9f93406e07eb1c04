/**
 * Silences that begin later: what is said when, who is told meanwhile, and what a clock that jumps makes of them.
 */
import t from 'tap'
import { approved, by, entered, left, order, registered, rules, Story, shippedRules } from './engine.js'

const set = { ...shippedRules, rules: shippedRules.rules.filter(({ id }) => id === 'over-quota') }
const day = '2024-07-01T'
const silence = (from: string | undefined, until: string) =>
  order({
    order: 'silence',
    subject: 'U1',
    rule: 'over-quota',
    until: `${day}${until}+08:00`,
    ...(from === undefined ? {} : { from: `${day}${from}+08:00` }),
    ...by,
  })

/** Monday at nine: U1 has one post, and nobody in it. */
function quiet(): Story {
  const story = new Story(`${day}09:00:00+08:00`)
  story.tell(rules(set), registered('U1'), approved('U1', 1))
  return story
}

const begins = 'silence over-quota U1 audible>silenced'
const ends = 'silence over-quota U1 silenced>audible'
const until = (story: Story, time: string) => story.until(`${day}${time}+08:00`)

t.test('it begins and ends at its moments, and marks what happens in between', async (t) => {
  for (const restarted of [false, true]) {
    const story = quiet()
    t.same(story.tell(silence('10:00:00', '11:00:00')), [])
    if (restarted) story.engine.restart()
    const [before] = story.transitions(entered('U1', 2))
    t.match(before, { kind: 'alert', to: 'red' })
    t.notOk(before && 'silenced' in before)
    t.same(
      until(story, '09:59:59.999').filter((line) => line.startsWith('silence')),
      [],
    )
    t.same(until(story, '10:00:00'), [begins])
    const [alert] = story.transitions(left('U1', 1))
    t.match(alert, { kind: 'alert', to: 'green', silenced: true })
    t.same(until(story, '11:00:00'), [ends])
    const [loud] = story.transitions(entered('U1', 1))
    t.notOk(loud && 'silenced' in loud)
  }
})

t.test('before it begins the alert climbs, and while it lasts it does not', async (t) => {
  const story = quiet()
  story.tell(entered('U1', 2), silence('09:15:00', '10:00:00'))
  t.same(until(story, '09:10:00'), ['escalation over-quota U1 unit>county'])
  t.same(until(story, '09:15:00'), [begins])
  t.same(until(story, '09:45:00'), [])
  t.same(until(story, '10:00:00'), ['escalation over-quota U1 county>city', ends])
})

t.test('one that was slept through says nothing; one whose end is to come begins when the clock wakes', async (t) => {
  const slept = quiet()
  slept.tell(silence('10:00:00', '11:00:00'))
  t.same(until(slept, '12:00:00'), [])
  const woken = quiet()
  woken.tell(silence('10:00:00', '13:00:00'))
  t.same(until(woken, '12:00:00'), [begins])
  t.same(until(woken, '13:00:00'), [ends])
})

t.test('one that begins when another ends takes its place, in whatever order they were ordered', async (t) => {
  for (const [first, second] of [
    [silence(undefined, '10:00:00'), silence('10:00:00', '11:00:00')],
    [silence('10:00:00', '11:00:00'), silence(undefined, '10:00:00')],
  ] as const) {
    const story = quiet()
    t.same(story.tell(first, second), [begins])
    t.same(until(story, '10:00:00'), [ends, begins])
    t.same(until(story, '11:00:00'), [ends])
  }
})

t.test('a later order for a later silence takes the place of the one before', async (t) => {
  const story = quiet()
  story.tell(silence('10:00:00', '11:00:00'), silence('10:30:00', '11:30:00'))
  t.same(until(story, '10:00:00'), [])
  t.same(until(story, '10:30:00'), [begins])
  t.same(until(story, '11:30:00'), [ends])
})

t.test('the silence of a rectification ends with it, the same across a restart', async (t) => {
  const said = [false, true].map((restarted) => {
    const story = new Story(`${day}09:00:00+08:00`)
    story.tell(rules(shippedRules), registered('U1'), approved('U1', 1), entered('U1', 2))
    const mend = {
      order: 'rectify',
      subject: 'U1',
      rule: 'over-quota',
      owner: '李',
      dueOn: '2024-07-02',
      ...by,
    } as const
    const hush = {
      order: 'silence',
      subject: 'U1/alert/over-quota',
      rule: 'rectification',
      until: `${day}12:00:00+08:00`,
      ...by,
    } as const
    story.tell(order(mend), order(hush))
    const mended = story.tell(left('U1', 1)).filter((line) => line.includes('rectification'))
    if (restarted) story.engine.restart()
    return [...mended, ...until(story, '13:00:00').filter((line) => line.includes('rectification'))]
  })
  t.same(said[0], [
    'rectification U1/alert/over-quota yellow>green',
    'silence rectification U1/alert/over-quota silenced>audible',
  ])
  t.same(said[1], said[0])
})
