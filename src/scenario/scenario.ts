/**
 * Door of the scenario: what happens to the city, month after month, as steps of time and events.
 *
 * People's orders are given at the beginning of a step, and the reports of its hours after them.
 *
 * A pure function of the seed, the months, the city and the calendar: the same arguments give the same bytes, and a
 * shorter play is the beginning of a longer one. Each day begins at 00:00 without events, so that whatever is due by the
 * calendar falls due at midnight; then reports come in, four times on a working day and once on another. Room node
 * plays it against the service (commands/simulate.ts); docs/scenario.md says what is played.
 */
import { civilFromDay, dayFromCivil, startOfDay } from '../core/day.js'
import type { CalendarEntry } from '../core/entry.js'
import type { QuotaEvent } from '../core/event.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import { randomOf } from '../core/random.js'
import { Agenda } from './agenda.js'
import { Calendar } from './calendar.js'
import { openFaults } from './faults.js'
import { openFoundings } from './foundings.js'
import { Outbox, type SentEvent } from './outbox.js'
import { openPlayers } from './players.js'
import { createPost } from './posting.js'
import type { Moment, Scene } from './scene.js'
import { silencesOf } from './silences.js'
import { World } from './world.js'

export type { Expected, SentEvent } from './outbox.js'

export interface Play {
  /** Whole number: another one is another city's life. */
  readonly seed: number
  /** `YYYY-MM`. The play begins on the second day of the first month, a day after the census that the city comes from. */
  readonly from: string
  /** `YYYY-MM`; the play ends at the midnight after its last day. */
  readonly to: string
  /** Standing facts: the shipped data set, or any events that the service accepts in this order. */
  readonly city: readonly QuotaEvent[]
  readonly calendar: CalendarEntry
}

export interface Step {
  /** The service's clock is moved here before anything is sent. Grows from step to step. */
  readonly nowMs: UnixMs
  /** In the order in which they are given, before the events; each is taken. */
  readonly orders: readonly Order[]
  /** In the order in which they are sent. */
  readonly events: readonly SentEvent[]
}

/** Reports of a working day, by the hour; other days have the second one only. */
const slotHours = [10, 12, 15, 18] as const
const hourMs = 3_600_000

export function* simulate({ seed, from, to, city, calendar: entry }: Play): Generator<Step> {
  const firstDay = dayOfMonth(from, 2)
  const endDay = dayAfterMonth(to)
  const calendar = new Calendar(entry)
  const world = new World(city)
  const silences = silencesOf(seed)
  const draw = (purpose: string) => randomOf(seed, purpose)
  const outbox = new Outbox(seed, draw('repeats'), (source, day) => silences.endOf(source, day) !== undefined)
  const agenda = new Agenda(calendar)
  const today = { day: firstDay }
  const posting = createPost({ world, outbox, silences, draw: draw('late'), today: () => today.day })
  let orders: Order[] = []
  const order = (given: Order): void => {
    orders.push(given)
  }
  const scene: Scene = { world, calendar, firstDay, draw, ...posting, order, later: agenda.add }
  const players = [...openPlayers(scene), openFoundings(scene, outbox), openFaults(scene, outbox)]
  for (let day = firstDay; day < endDay; day = (day + 1) as DayNumber) {
    today.day = day
    let fromMs = startOfDay(day)
    yield { nowMs: fromMs, orders: [], events: [] }
    for (const moment of momentsOf(day, calendar)) {
      agenda.act(day, moment.slot)
      for (const play of players) play(moment)
      const toMs = (startOfDay(day) + (slotHours[moment.slot] ?? 0) * hourMs) as UnixMs
      yield { nowMs: toMs, orders, events: outbox.flush(day, fromMs, toMs) }
      orders = []
      fromMs = toMs
    }
  }
  yield { nowMs: startOfDay(endDay), orders: [], events: [] }
}

/** When the play of these months begins and ends. */
export const boundsOf = ({
  from,
  to,
}: Pick<Play, 'from' | 'to'>): { readonly beginMs: UnixMs; readonly endMs: UnixMs } => ({
  beginMs: startOfDay(dayOfMonth(from, 2)),
  endMs: startOfDay(dayAfterMonth(to)),
})

function momentsOf(day: DayNumber, calendar: Calendar): Moment[] {
  const isWorkday = calendar.isWorkday(day)
  const when = { day, ...civilFromDay(day), isWorkday, workdayOfMonth: calendar.workdayOfMonth(day) }
  const slots = isWorkday ? slotHours.map((_, slot) => slot) : [1]
  return slots.map((slot) => ({ ...when, slot }))
}

/** @throws RangeError when the text is no month */
function dayOfMonth(month: string, day: number): DayNumber {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month)
  if (!match) throw new RangeError(`${month} is no month YYYY-MM`)
  return dayFromCivil(Number(match[1]), Number(match[2]), day)
}

function dayAfterMonth(month: string): DayNumber {
  const { year, month: number } = civilFromDay(dayOfMonth(month, 1))
  return number === 12 ? dayFromCivil(year + 1, 1, 1) : dayFromCivil(year, number + 1, 1)
}
