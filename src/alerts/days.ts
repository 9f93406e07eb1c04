/**
 * When the day that figures are counted by becomes another, and spans by the calendar.
 */
import { dayOf, startOfDay } from '../core/day.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import type { WorkingDays } from './working-days.js'

/** The next 00:00 in Asia/Shanghai after `nowMs`. */
export const nextMidnight = (nowMs: UnixMs): UnixMs => startOfDay((dayOf(nowMs) + 1) as DayNumber)

/** What the calendar says on the day of judging. */
export interface Today {
  readonly nowMs: UnixMs
  readonly today: DayNumber
  readonly year: number
  readonly calendar: WorkingDays
  /** Some rule about tasks looks at the days that are left of them. */
  readonly daysLeftCount: boolean
}

/** Working-day age: the working days d with start < d <= today (domain 4). */
export const workingDaysSince = ({ calendar, today }: Today, start: DayNumber): number => calendar.between(start, today)

/** Working days from tomorrow to the day; below 0, by the working days that passed (at least 1), when it is past. */
export function workingDaysLeft({ calendar, today }: Today, dueOn: DayNumber): number {
  if (today <= dueOn) return calendar.between(today, dueOn)
  return -Math.max(1, calendar.between(dueOn, today))
}

/** Past due by the calendar (domain 4): the working days since, at least 1; 0 when it is not. */
export const workingDaysPast = (now: Today, dueOn: DayNumber): number =>
  now.today > dueOn ? -workingDaysLeft(now, dueOn) : 0

/** 00:00 of the next day that moves an age or a term: a working day, or the day after `dueOn`. */
export function nextDayThatCounts({ calendar, today }: Today, dueOn: DayNumber | undefined): UnixMs {
  const working = calendar.nthAfter(today, 1)
  const past = dueOn !== undefined && dueOn >= today ? dueOn + 1 : working
  return startOfDay(Math.min(working, past) as DayNumber)
}
