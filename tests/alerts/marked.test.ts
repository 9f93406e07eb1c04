/**
 * What a transition says of itself beside its figure: that it corrects what was closed, that its days are uncertain, that
 * it rests on a number which the plan does not give.
 */
import t from 'tap'
import { readCalendar } from '../../src/config/calendar.js'
import { approved, entered, event, registered, rules, Story, shippedRules, someRules } from './engine.js'

const assessed = (unit: string, value: number, more = {}) =>
  event('assessment.published', unit, { period: '2024H1', kind: 'economic_contribution', value }, more)
const graded = (unit: string, grade: 'failed' | 'passed', more = {}) =>
  event('assessment.published', unit, { period: '2023', kind: 'annual', grade }, more)
/** After all that was published before, so nothing about it is late but the close. */
const newest = { time: '2024-07-01T09:00:00+08:00', id: 'zz' }

t.test('what is published after the close of its period is a correction, the close itself is none', async (t) => {
  const set = rules(someRules('economic-contribution', 'annual-grade'))
  const story = new Story(undefined, set, registered('A'), registered('B'), assessed('A', 100), graded('B', 'passed'))
  story.tell(assessed('B', 10), event('assessment.closed', 'city', { kind: 'annual', period: '2023' }))
  const closed = story.transitions(
    event('assessment.closed', 'city', { kind: 'economic_contribution', period: '2024H1' }),
  )
  t.match(closed, [
    { subject: 'B', to: 'red' },
    { kind: 'freeze', to: 'frozen' },
  ])
  t.notOk(closed.some((transition) => 'correction' in transition))
  const corrected = story.transitions(assessed('B', 300, newest))
  t.same(
    corrected.map(({ subject, kind, to, correction }) => [subject, kind, to, correction]),
    [
      ['A', 'alert', 'red', true],
      ['A', 'freeze', 'frozen', true],
      ['B', 'alert', 'green', true],
      ['B', 'freeze', 'none', true],
    ],
  )
  const [alert] = story.transitions(graded('B', 'failed', newest))
  t.match(alert, { rule: 'annual-grade', to: 'red', correction: true })
})

t.test('days over quota in a year that the calendar does not know are marked uncertain', async (t) => {
  for (const [now, later, uncertain] of [
    ['2040-03-01T09:00:00+08:00', '2040-04-10T00:00:00+08:00', true],
    ['2024-03-01T09:00:00+08:00', '2024-04-10T00:00:00+08:00', undefined],
  ] as const) {
    const story = new Story(now, readCalendar(), rules(someRules('refuses-release')), registered('U1'))
    story.tell(approved('U1', 1), entered('U1', 2))
    const [alert] = story.passTo(later)
    t.match(alert, { rule: 'refuses-release', to: 'yellow' })
    t.equal(alert?.why.uncertain, uncertain, now)
  }
})

t.test('a proposal that is due by an assumed threshold says so', async (t) => {
  const set = rules(someRules('refuses-release'))
  const story = new Story('2024-03-01T09:00:00+08:00', readCalendar(), set, registered('U1'))
  story.tell(approved('U1', 1), entered('U1', 2))
  const proposal = story.passTo('2024-07-01T00:00:00+08:00').find(({ kind }) => kind === 'proposal')
  t.match(proposal, { rule: 'refuses-release', to: 'open', why: { assumed: true } })
})

t.test('an alert that eased says what holds of it now, and whether that is assumed', async (t) => {
  const story = new Story(undefined, rules(someRules('grassroots-staff')))
  const unit = { name: 'x', level: 'county', county: 'XH', kind: 'institution', sector: 'education' } as const
  story.tell(event('unit.registered', 'F', { ...unit, frontline: true }))
  story.tell(event('unit.registered', 'O', { ...unit, frontline: false }))
  const [red] = story.transitions(entered('F', 44), entered('O', 56)).slice(-1)
  t.match(red, { to: 'red', why: { threshold: { below: '0.45' }, assumed: true } })
  const [eased] = story.transitions(entered('F', 6)).slice(-1)
  t.match(eased, { from: 'red', to: 'yellow', why: { threshold: { below: '0.60' }, assumed: false } })
  const [over] = story.transitions(entered('F', 60)).slice(-1)
  t.match(over, { from: 'yellow', to: 'green', why: { threshold: { below: '0.60' }, assumed: false } })
})

t.test('what climbs by working days of a year that the calendar does not know says so', async (t) => {
  for (const [now, uncertain] of [
    ['2040-03-01T09:00:00+08:00', true],
    ['2024-03-01T09:00:00+08:00', undefined],
  ] as const) {
    const story = new Story(now, readCalendar(), rules(shippedRules), registered('U1'))
    story.tell(approved('U1', 1), entered('U1', 2), entered('U1', 1, { time: now }))
    const climbs = story.passTo(now.replace('-01T', '-09T')).filter(({ kind }) => kind === 'escalation')
    const climbed = climbs.find((transition) => 'rule' in transition && transition.rule === 'frozen-use')
    t.ok(climbed, 'it climbed')
    t.equal(climbed?.why.uncertain, uncertain, now)
    const byMinutes = climbs.find((transition) => 'rule' in transition && transition.rule === 'over-quota')
    t.equal(byMinutes?.why.uncertain, undefined, 'minutes need no calendar')
  }
})
