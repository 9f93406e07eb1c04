/**
 * The working days of China, from the chinese-days package, as the log entry that the engine counts by.
 *
 * The package knows the announcements of the State Council as it was published; a new announcement is a new version of
 * the package and a new entry in the log, so that replay counts as it was counted then.
 */
import chineseDays from 'chinese-days'
import { dayFromCivil, formatDay, weekdayOf } from '../core/day.js'
import type { CalendarEntry } from '../core/entry.js'
import type { DayNumber } from '../core/names.js'

// Public holidays have been announced year by year since 1999; a package that looks further ahead is not in sight.
const yearsLookedAt = { first: 1999, last: 2099 }

export function readCalendar(): CalendarEntry {
  const known = range(yearsLookedAt.first, yearsLookedAt.last).filter(isAnnounced)
  const first = known[0]
  if (first === undefined) throw new Error('chinese-days knows no year')
  // One run of years without a gap: a gap would be counted as if it had no holidays.
  const last = first + known.findIndex((year, i) => known[i + 1] !== year + 1)
  const days = range(dayFromCivil(first, 1, 1), dayFromCivil(last, 12, 31)) as DayNumber[]
  const exceptions = days.filter((day) => isWeekday(day) !== chineseDays.isWorkday(formatDay(day)))
  return {
    kind: 'calendar',
    years: { first, last },
    holidays: exceptions.filter(isWeekday).map(formatDay),
    makeUpWorkdays: exceptions.filter((day) => !isWeekday(day)).map(formatDay),
  }
}

/**
 * A year is known when its National Day is free: new year's days at the turn of the year come with the announcement of
 * the year before and would make the next one look known.
 */
function isAnnounced(year: number): boolean {
  const nationalDays = range(dayFromCivil(year, 10, 1), dayFromCivil(year, 10, 3)) as DayNumber[]
  return nationalDays.filter(isWeekday).every((day) => !chineseDays.isWorkday(formatDay(day)))
}

const isWeekday = (day: DayNumber): boolean => weekdayOf(day) >= 1 && weekdayOf(day) <= 5

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)
