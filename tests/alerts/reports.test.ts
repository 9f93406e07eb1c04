/**
 * Risk reports under calendars that change: however many holidays come or go, what is missing is counted as if every
 * report had been kept.
 */
import fc from 'fast-check'
import t from 'tap'
import type { Today } from '../../src/alerts/days.js'
import { Reports } from '../../src/alerts/reports.js'
import { WorkingDays } from '../../src/alerts/working-days.js'
import { civilFromDay, dayFromCivil, formatDay, startOfDay } from '../../src/core/day.js'
import type { CalendarEntry, EventEntry } from '../../src/core/entry.js'
import type { DayNumber } from '../../src/core/names.js'
import { event } from './engine.js'
import { Calendar } from './plan/days.js'
import { thingsOf } from './plan/oracle-things.js'
import { weekOf } from './plan/reports-of-units.js'

const start = dayFromCivil(2024, 3, 4)

type Act =
  | { readonly kind: 'days'; readonly days: number }
  /** The period that lies so many days back. */
  | { readonly kind: 'report'; readonly daysBack: number }
  /** A holiday of so many days that begins so many days back. */
  | { readonly kind: 'calendar'; readonly daysBack: number; readonly holidays: number }

const act = (longest: number): fc.Arbitrary<Act> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: longest }) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('report' as const),
        daysBack: fc.integer({ min: 0, max: longest * 2 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('calendar' as const),
        daysBack: fc.integer({ min: -10, max: 30 }),
        holidays: fc.integer({ min: 0, max: 40 }),
      }),
    },
  )

const periodOf: Readonly<Record<string, (day: number) => string>> = {
  city: weekOf,
  XH: (day) => formatDay(day as DayNumber).slice(0, 7),
  U1: (day) => formatDay(day as DayNumber),
}

function calendarOf(from: number, days: number): CalendarEntry {
  const holidays = Array.from({ length: days }, (_, i) => formatDay((from + i) as DayNumber))
  return { kind: 'calendar', years: { first: 2023, last: 2027 }, holidays, makeUpWorkdays: [] }
}

/** Its reports as the engine keeps them, and all of them. */
class Subject {
  today = start
  readonly #id: string
  readonly #reports: Reports
  readonly #told: EventEntry[] = []
  #calendar = calendarOf(start, 0)

  constructor(id: string) {
    this.#id = id
    this.#reports = new Reports({ id, where: {}, noteAlerted: () => undefined }, '')
    this.#reports.expectFrom(startOfDay(start))
  }

  act(act: Act): void {
    if (act.kind === 'days') this.today = (this.today + act.days) as DayNumber
    else if (act.kind === 'calendar') this.#calendar = calendarOf(this.today - act.daysBack, act.holidays)
    else {
      const period = (periodOf[this.#id] as (day: number) => string)(this.today - act.daysBack)
      this.#reports.take(period)
      this.#told.push(event('risk.reported', this.#id, { period }))
    }
  }

  /** As the engine asks: what is old is forgotten once it was judged. */
  shown(): number | undefined {
    const { today } = this
    const now: Today = {
      nowMs: startOfDay(today),
      today,
      year: civilFromDay(today).year,
      calendar: new WorkingDays(this.#calendar),
      daysLeftCount: false,
    }
    const count = this.#reports.missedInARow(now)
    if (count !== undefined) this.#reports.forgetOld(now)
    return count
  }

  /** Worked out anew from all that was ever reported. */
  said(): unknown {
    const { today } = this
    const [thing] = thingsOf(
      { id: this.#id, events: this.#told, plannedMs: new Map(), decided: new Set(), describedOn: start },
      { nowMs: startOfDay(today), today, year: 0, calendar: new Calendar(this.#calendar) },
    )
    const seen = thing?.figure('risk-report')
    return typeof seen === 'object' ? seen.top : seen
  }
}

for (const [id, longest] of [
  ['city', 20],
  ['XH', 60],
  ['U1', 5],
] as const)
  t.test(`what ${id} has not reported is counted by the calendar of today, whatever it was before`, async (t) => {
    let compared = 0
    fc.assert(
      fc.property(fc.array(act(longest), { minLength: 20, maxLength: 80 }), (acts) => {
        const subject = new Subject(id)
        for (const each of acts) {
          subject.act(each)
          const [shown, said] = [subject.shown(), subject.said()]
          if (shown !== said) throw new Error(`on ${formatDay(subject.today)} ${shown} are missing, not ${said}`)
          if (shown !== undefined && shown > 0) compared++
        }
      }),
      { seed: 4, numRuns: 300 },
    )
    t.ok(compared > 1000, `${compared} times something was missing`)
  })
