/**
 * Whether an event has waited for more than a working day, for the quarantine's `impossible`.
 *
 * Counted as domain 4 says: the working days d with start < d <= today. Years that the logged calendar does not know,
 * and all years before one is logged, are counted Monday to Friday.
 */
import { civilFromDay, dayOf, parseDay, weekdayOf } from '../core/day.js'
import type { CalendarEntry } from '../core/entry.js'
import type { DayNumber, UnixMs } from '../core/names.js'

export interface WorkingDays {
  /** More than one working day lies between the two. */
  isOverdue(sinceMs: UnixMs, nowMs: UnixMs): boolean
}

// However long the holidays, two working days lie within this many days.
const daysLookedAtMax = 40

export function createWorkingDays(calendar?: CalendarEntry): WorkingDays {
  const holidays = daysOf(calendar?.holidays)
  const makeUps = daysOf(calendar?.makeUpWorkdays)
  const isWorkingDay = (day: DayNumber): boolean => {
    const weekday = weekdayOf(day) !== 0 && weekdayOf(day) !== 6
    const { year } = civilFromDay(day)
    if (calendar === undefined || year < calendar.years.first || year > calendar.years.last) return weekday
    return weekday ? !holidays.has(day) : makeUps.has(day)
  }
  return {
    isOverdue(sinceMs, nowMs) {
      const from = dayOf(sinceMs)
      const to = dayOf(nowMs)
      if (to - from > daysLookedAtMax) return true
      let count = 0
      for (let day = from + 1; day <= to && count < 2; day++) if (isWorkingDay(day as DayNumber)) count++
      return count > 1
    },
  }
}

function daysOf(texts: readonly string[] = []): ReadonlySet<DayNumber> {
  return new Set(texts.map(parseDay).filter((day) => day !== undefined))
}
