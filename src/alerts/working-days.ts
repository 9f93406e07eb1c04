/**
 * Working days of China: Monday to Friday without public holidays, and the weekend days that are worked instead.
 *
 * `upTo` is a running count, so that the working days of any span are one subtraction. Years that the calendar does not
 * know are counted Monday to Friday, and `knows` says so (domain 4).
 */
import { dayFromCivil, parseDay, weekdayOf } from '../core/day.js'
import type { CalendarEntry } from '../core/entry.js'
import type { DayNumber } from '../core/names.js'

export class WorkingDays {
  /** Days that are not what their weekday says, ascending. */
  readonly #exceptions: readonly DayNumber[]
  /** `#shift[i]`: working days gained (or lost) by the first `i` exceptions. */
  readonly #shift: readonly number[]
  readonly #firstKnown: DayNumber
  readonly #lastKnown: DayNumber
  /** `upTo` of the known days, for it is asked for about ten times for each report of progress. */
  readonly #table: readonly number[]

  /** Without an entry: Monday to Friday, nothing known. */
  constructor(entry?: CalendarEntry) {
    this.#firstKnown = entry ? dayFromCivil(entry.years.first, 1, 1) : (0 as DayNumber)
    this.#lastKnown = entry ? dayFromCivil(entry.years.last, 12, 31) : (-1 as DayNumber)
    const isWeekday = (day: DayNumber) => weekdayOf(day) >= 1 && weekdayOf(day) <= 5
    const days = (texts: readonly string[], weekday: boolean) =>
      texts.flatMap((text) => {
        const day = parseDay(text)
        return day !== undefined && isWeekday(day) === weekday && this.knows(day, day) ? [day] : []
      })
    const holidays = new Set(days(entry?.holidays ?? [], true))
    const worked = new Set(days(entry?.makeUpWorkdays ?? [], false))
    this.#exceptions = [...holidays, ...worked].sort((a, b) => a - b)
    const shift = [0]
    for (const day of this.#exceptions) shift.push((shift[shift.length - 1] as number) + (worked.has(day) ? 1 : -1))
    this.#shift = shift
    const known = Math.max(0, this.#lastKnown - this.#firstKnown + 1)
    this.#table = Array.from({ length: known }, (_, at) => this.#count((this.#firstKnown + at) as DayNumber))
  }

  isWorking(day: DayNumber): boolean {
    return this.between((day - 1) as DayNumber, day) === 1
  }

  /** The number of working days d with after < d <= upTo; 0 when there are none. */
  between(after: DayNumber, upTo: DayNumber): number {
    return upTo <= after ? 0 : this.#upTo(upTo) - this.#upTo(after)
  }

  /** The first working day d with after < d <= upTo. */
  firstBetween(after: DayNumber, upTo: DayNumber): DayNumber | undefined {
    for (let day = after + 1; day <= upTo; day++) if (this.isWorking(day as DayNumber)) return day as DayNumber
    return undefined
  }

  /** The n-th working day after `day`; n is 1 or more. */
  nthAfter(day: DayNumber, n: number): DayNumber {
    // At least five of seven days are worked, whatever the holidays: a year at most for what stands in rules.
    let at = (day + n) as DayNumber
    while (this.between(day, at) < n) at = (at + n - this.between(day, at)) as DayNumber
    return at
  }

  /** Whether the calendar knows every year from one day to the other. */
  knows(from: DayNumber, to: DayNumber): boolean {
    return from >= this.#firstKnown && to <= this.#lastKnown
  }

  #upTo(day: DayNumber): number {
    return this.#table[day - this.#firstKnown] ?? this.#count(day)
  }

  #count(day: DayNumber): number {
    // Days since the Monday 1969-12-29.
    const since = day + 3
    const weeks = Math.floor(since / 7)
    return weeks * 5 + Math.min(since - weeks * 7 + 1, 5) + (this.#shift[this.#countUpTo(day)] as number)
  }

  /** How many exceptions lie at or before the day. */
  #countUpTo(day: DayNumber): number {
    let low = 0
    let high = this.#exceptions.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#exceptions[middle] as DayNumber) <= day) low = middle + 1
      else high = middle
    }
    return low
  }
}
