/**
 * Days by the calendar of Asia/Shanghai, as arithmetic.
 *
 * Pure: the engine may not touch the clock or the machine's time zone, and China has had UTC+8 without daylight
 * saving since 1991-09-15, so a day is a shift and a division.
 */
import type { DayNumber, UnixMs } from './names.js'

export const dayMs = 86_400_000
const shanghaiOffsetMs = 8 * 3_600_000

/** The day that `ms` lies in. */
export const dayOf = (ms: UnixMs): DayNumber => Math.floor((ms + shanghaiOffsetMs) / dayMs) as DayNumber

/** 00:00 of the day in Asia/Shanghai. */
export const startOfDay = (day: DayNumber): UnixMs => (day * dayMs - shanghaiOffsetMs) as UnixMs

/** 0 = Sunday … 6 = Saturday. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: DayNumber): number => (((day + 4) % 7) + 7) % 7

/** Days from the civil date, by Howard Hinnant's `days_from_civil` (proleptic Gregorian). Month 1-12. */
export function dayFromCivil(year: number, month: number, dayOfMonth: number): DayNumber {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return (era * 146_097 + dayOfEra - 719_468) as DayNumber
}

/** The inverse of `dayFromCivil`. */
export function civilFromDay(day: DayNumber): { year: number; month: number; dayOfMonth: number } {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const mp = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * mp + 2) / 5) + 1
  const month = mp < 10 ? mp + 3 : mp - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth }
}

/** `YYYY-MM-DD` -> day; undefined when it is no such day (`2024-02-30`). */
export function parseDay(text: string): DayNumber | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return undefined
  const [year, month, dayOfMonth] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const day = dayFromCivil(year, month, dayOfMonth)
  const back = civilFromDay(day)
  return back.year === year && back.month === month && back.dayOfMonth === dayOfMonth ? day : undefined
}

/** Day -> `YYYY-MM-DD`. */
export function formatDay(day: DayNumber): string {
  const { year, month, dayOfMonth } = civilFromDay(day)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`
}

/** RFC 3339 with the offset of Asia/Shanghai, milliseconds always written: `2024-07-03T09:15:00.000+08:00`. */
export function formatTime(ms: UnixMs): string {
  const day = dayOf(ms)
  const rest = ms - startOfDay(day)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const clock = `${two(rest / 3_600_000)}:${two((rest / 60_000) % 60)}:${two((rest / 1000) % 60)}`
  return `${formatDay(day)}T${clock}.${String(rest % 1000).padStart(3, '0')}+08:00`
}
