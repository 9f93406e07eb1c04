/**
 * Working days, by the calendar that the service itself counts with, so that what the city does on a working day is one
 * for the rules too. Years that the calendar does not know are Monday to Friday (domain 4).
 */
import { civilFromDay, parseDay, weekdayOf } from '../core/day.js'
import type { CalendarEntry } from '../core/entry.js'
import type { DayNumber } from '../core/names.js'

export class Calendar {
  readonly #years: CalendarEntry['years']
  readonly #holidays: ReadonlySet<DayNumber>
  readonly #makeUps: ReadonlySet<DayNumber>

  constructor({ years, holidays, makeUpWorkdays }: CalendarEntry) {
    this.#years = years
    this.#holidays = daysOf(holidays)
    this.#makeUps = daysOf(makeUpWorkdays)
  }

  isWorkday(day: DayNumber): boolean {
    const isWeekday = weekdayOf(day) !== 0 && weekdayOf(day) !== 6
    const { year } = civilFromDay(day)
    if (year < this.#years.first || year > this.#years.last) return isWeekday
    return isWeekday ? !this.#holidays.has(day) : this.#makeUps.has(day)
  }

  /** The day itself, or the first working day after it. */
  workdayFrom(day: number): DayNumber {
    let at = day as DayNumber
    while (!this.isWorkday(at)) at = (at + 1) as DayNumber
    return at
  }

  /** `count` working days after `day`; 0 is the day itself or the first working day after it. */
  workdaysAfter(day: DayNumber, count: number): DayNumber {
    let at = this.workdayFrom(day)
    for (let passed = 0; passed < count; passed++) at = this.workdayFrom(at + 1)
    return at
  }

  /** Working days of the day's month up to and with the day: 1 on the first one. */
  workdayOfMonth(day: DayNumber): number {
    let count = 0
    for (let at = day - civilFromDay(day).dayOfMonth + 1; at <= day; at++)
      if (this.isWorkday(at as DayNumber)) count += 1
    return count
  }
}

const daysOf = (texts: readonly string[]): ReadonlySet<DayNumber> =>
  new Set(texts.map(parseDay).filter((day) => day !== undefined))
