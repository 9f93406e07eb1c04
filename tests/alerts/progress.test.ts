import t from 'tap'
import { readCalendar } from '../../src/config/calendar.js'
import { dayOf, formatDay, startOfDay } from '../../src/core/day.js'
import type { DayNumber } from '../../src/core/names.js'
import { at, type EventOptions, event, inShort, registered, Story } from './engine.js'

const calendar = readCalendar()

const planned = (
  target: number,
  startsOn: string,
  dueOn: string,
  options: EventOptions & { kind?: 'reform' | 'milestone' } = {},
) =>
  event(
    'task.planned',
    'U1',
    { taskId: 'T', title: '任务', kind: options.kind ?? 'reform', target, startsOn, dueOn },
    options,
  )

let minutes = 0
/** Each report is later than the one before. */
const done = (count: number, options: EventOptions = {}) => {
  minutes += 1
  const time = `2024-05-01T${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00+08:00`
  return event('task.progressed', 'U1', { taskId: 'T', done: count }, { time, ...options })
}

// June 2024: 19 working days, as the Dragon Boat Festival is on Monday the 10th. From Friday 31 May to Friday 28 June
// (exclusive, inclusive) that is 19; Monday 3 June is the first, Friday 14 June the ninth.
const june = (now: string) => new Story(`2024-06-${now}T12:00:00+08:00`, calendar, registered('U1'))

t.test('progress: done against target times the share of working days gone by', async (t) => {
  // On 14 June 9 of 19 days are gone: of 190 posts 90 are due. Yellow below 72, red below 54.
  for (const { count, colour } of [
    { count: 72, colour: undefined },
    { count: 71.999999, colour: 'yellow' },
    { count: 71, colour: 'yellow' },
    { count: 54, colour: 'yellow' },
    { count: 53.999999, colour: 'red' },
    { count: 0, colour: 'red' },
  ]) {
    const story = june('14')
    t.same(
      story.tell(planned(190, '2024-05-31', '2024-06-28'), done(count)),
      colour === undefined ? [] : [`progress U1/T green>${colour}`],
      `${count} done`,
    )
  }
})

t.test('progress: each level is left by its own way back of one point', async (t) => {
  const story = june('14')
  // 1 % of what is due is 0.9 posts.
  story.tell(planned(190, '2024-05-31', '2024-06-28'))
  t.same(story.tell(done(53)), ['progress U1/T green>red'])
  t.same(story.tell(done(54)), [], '60 % exactly is inside the way back')
  t.same(story.tell(done(54.899999)), [])
  t.same(story.tell(done(54.9)), ['progress U1/T red>yellow'], '61 %')
  t.same(story.tell(done(72)), [], '80 %')
  t.same(story.tell(done(72.899999)), [])
  t.same(story.tell(done(72.9)), ['progress U1/T yellow>green'], '81 %')
})

t.test('progress: from red at 59 %, 80.5 % is still yellow', async (t) => {
  const story = june('14')
  story.tell(planned(190, '2024-05-31', '2024-06-28'))
  t.same(story.tell(done(53.1)), ['progress U1/T green>red'])
  t.same(story.tell(done(72.45)), ['progress U1/T red>yellow'])
  t.match(story.engine.transitions.at(-1), {
    why: { threshold: { below: '0.80' }, figure: { numerator: '1376550000', denominator: '1710000000', value: 0.805 } },
  })
})

t.test('progress: no verdict in the first tenth, and from exactly a tenth there is one', async (t) => {
  // 10 working days: Monday 17 June to Friday 28 June.
  const story = new Story('2024-06-14T12:00:00+08:00', calendar, registered('U1'))
  t.same(story.tell(planned(100, '2024-06-14', '2024-06-28'), done(0)), [])
  t.same(story.until('2024-06-16T23:59:59.999+08:00'), [], 'a weekend is no working day')
  t.same(story.until('2024-06-17T00:00:00+08:00'), ['progress U1/T green>red'], 'today counts from 00:00')
  const long = new Story('2024-06-17T12:00:00+08:00', calendar, registered('U1'))
  t.same(long.tell(planned(100, '2024-06-14', '2024-07-01'), done(0)), [], '1 of 11')
  t.same(long.until('2024-06-18T00:00:00+08:00'), ['progress U1/T green>red'], '2 of 11')
})

t.test('progress: the full target is due from dueOn on, and nothing is due to be judged after', async (t) => {
  const story = june('27')
  t.same(story.tell(planned(190, '2024-05-31', '2024-06-28'), done(152)), [], '152 of 180')
  t.equal(story.engine.nextDeadlineMs, at('2024-06-28T00:00:00+08:00'))
  t.same(story.until('2024-06-28T00:00:00+08:00'), [], 'exactly 80 % of all')
  t.equal(story.engine.nextDeadlineMs, undefined)
  t.same(story.tell(done(151)), ['progress U1/T green>yellow'])
  t.same(story.until('2025-01-01T00:00:00+08:00'), [])
})

t.test(
  'progress: a task planned after its start and never reported is first judged at the next midnight',
  async (t) => {
    const story = june('14')
    t.same(story.tell(planned(190, '2024-05-31', '2024-06-28')), [])
    t.equal(story.engine.nextDeadlineMs, at('2024-06-15T00:00:00+08:00'), 'also when that is a Saturday')
    t.same(story.tell(), [], 'no other step judges it')
    const [first] = story.passTo('2024-06-15T00:00:00+08:00')
    t.equal(first && inShort(first), 'progress U1/T green>red')
    t.match(first, { unit: 'U1', county: 'XH', why: { cause: 'deadline', events: [] } })
    t.equal(story.engine.nextDeadlineMs, at('2024-06-17T00:00:00+08:00'), 'the next working day')
  },
)

t.test('progress: after dueOn no more than the target is due', async (t) => {
  const story = new Story('2024-07-31T12:00:00+08:00', calendar, registered('U1'))
  story.tell(planned(190, '2024-05-31', '2024-06-28'))
  t.same(story.tell(done(152)), [], 'exactly 80 % of all, a month late')
  t.same(story.tell(done(151.999999)), ['progress U1/T green>yellow'])
})

t.test('progress: a task is not due to be judged before its first working day', async (t) => {
  const story = new Story('2024-05-06T12:00:00+08:00', calendar, registered('U1'))
  story.tell(planned(190, '2024-05-31', '2024-06-28'), done(0))
  t.equal(story.engine.nextDeadlineMs, at('2024-06-03T00:00:00+08:00'))
})

t.test('progress: planned after its end it is judged once, at the next midnight', async (t) => {
  const story = june('14')
  story.tell(planned(190, '2024-04-30', '2024-05-31'))
  t.same(story.until('2024-06-15T00:00:00+08:00'), ['progress U1/T green>red'])
  t.equal(story.engine.nextDeadlineMs, undefined)
})

t.test('progress: the clock jumps over many midnights and the task is judged once, now', async (t) => {
  const story = june('14')
  t.same(story.tell(planned(190, '2024-05-31', '2024-06-28'), done(90)), [])
  t.same(story.until('2024-06-26T08:00:00+08:00'), ['progress U1/T green>red'], '90 of 170')
  t.equal(story.engine.transitions.length, 1)
  t.equal(story.engine.nextDeadlineMs, at('2024-06-27T00:00:00+08:00'))
})

t.test('progress: a new plan of a judged task is judged at once; an older one changes nothing', async (t) => {
  const story = june('14')
  story.tell(planned(190, '2024-05-31', '2024-06-28', { time: '2024-05-20T00:00:00+08:00' }), done(90))
  t.same(story.tell(planned(380, '2024-05-31', '2024-06-28', { time: '2024-05-19T00:00:00+08:00' })), [])
  t.same(story.tell(planned(380, '2024-05-31', '2024-06-28', { time: '2024-05-21T00:00:00+08:00' })), [
    'progress U1/T green>red',
  ])
})

t.test('progress: the latest report by time counts; one that comes late is a correction', async (t) => {
  const story = june('14')
  story.tell(planned(190, '2024-05-31', '2024-06-28', { time: '2024-05-01T00:00:00+08:00' }))
  t.same(story.tell(done(90, { time: '2024-06-14T08:00:00+08:00' })), [])
  t.same(story.tell(done(0, { time: '2024-06-13T08:00:00+08:00' })), [], 'overtaken')
  const [late] = story.transitions(planned(400, '2024-05-31', '2024-06-28', { time: '2024-06-12T08:00:00+08:00' }))
  t.match(late, { rule: 'progress', to: 'red', correction: true })
})

t.test('progress: milestones are judged by another rule', async (t) => {
  const story = june('14')
  t.same(story.tell(planned(1, '2024-05-31', '2024-06-07', { kind: 'milestone' }), done(0)), [])
  t.same(story.until('2024-07-01T00:00:00+08:00'), [])
})

t.test('progress: a span without a working day has no share until its end', async (t) => {
  const story = june('14')
  // Saturday to Sunday.
  t.same(story.tell(planned(10, '2024-06-14', '2024-06-16'), done(0)), [])
  t.equal(story.engine.nextDeadlineMs, at('2024-06-16T00:00:00+08:00'))
  t.same(story.until('2024-06-16T00:00:00+08:00'), ['progress U1/T green>red'])
})

t.test('progress: a year outside the calendar is counted Monday to Friday and marked uncertain', async (t) => {
  const story = new Story('2040-10-08T12:00:00+08:00', calendar, registered('U1'))
  // Monday 1 October to Friday 12 October 2040: holidays in truth, ten weekdays here, six gone on the 8th.
  const [verdict] = story.transitions(planned(100, '2040-09-30', '2040-10-12'), done(0))
  t.match(verdict, { why: { uncertain: true, figure: { denominator: String(100_000_000 * 6) } } })
  const known = june('14').transitions(planned(190, '2024-05-31', '2024-06-28'), done(0))
  t.notOk(known[0] && 'uncertain' in known[0].why)
})

t.test('progress: a new calendar judges running tasks again and moves their midnights', async (t) => {
  const story = new Story('2024-06-10T12:00:00+08:00', registered('U1'))
  // Monday 10 June is a holiday that no calendar has told of: 1 of 5 days gone, so 20 are due.
  t.same(story.tell(planned(100, '2024-06-07', '2024-06-14'), done(14.9)), ['progress U1/T green>yellow'])
  t.same(story.tell(calendar), [], 'with no day gone there is no verdict, and the colour is kept')
  t.equal(story.engine.nextDeadlineMs, at('2024-06-11T00:00:00+08:00'))
  t.match(story.until('2024-06-11T00:00:00+08:00'), ['progress U1/T yellow>red'], '25 are due')
})

t.test('a task is due at each working midnight until its end, and at no other', async (t) => {
  const story = new Story('2024-09-27T12:00:00+08:00', calendar, registered('U1'))
  story.tell(planned(100, '2024-09-27', '2024-10-14'), done(100))
  const due: string[] = []
  for (let next = story.engine.nextDeadlineMs; next !== undefined; next = story.engine.nextDeadlineMs) {
    t.equal(next, startOfDay(dayOf(next)))
    due.push(formatDay(dayOf(next) as DayNumber))
    story.nowMs = next
    story.tell()
  }
  // Sunday 29 September and Saturday 12 October are worked; 1 to 7 October are free.
  t.same(due, [
    '2024-09-29',
    '2024-09-30',
    '2024-10-08',
    '2024-10-09',
    '2024-10-10',
    '2024-10-11',
    '2024-10-12',
    '2024-10-14',
  ])
})
