/**
 * RFC 3339 date-times, strictly: a real date, `T`, seconds, and an offset.
 *
 * `Date.parse` takes much that is not RFC 3339 (`2024-02-30T…` is 1 March to it, a time without offset is local), and
 * the engine may not touch `Date` at all, so the digits are read here: one by one, because every event has a time and a
 * regular expression with its groups costs five times as much. Fractions of a second are cut to milliseconds. Leap
 * seconds (`:60`) are refused: none can be placed on a Unix clock, and none has been announced since 2016.
 */
import { civilFromDay, dayFromCivil, dayMs } from './day.js'
import type { DayNumber, UnixMs } from './names.js'

/** Undefined when the text is no such time. */
export function parseTime(text: string): UnixMs | undefined {
  // 2024-07-03T09:15:00, then a fraction or none, then the offset.
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return undefined
  if (text[10] !== 'T' && text[10] !== 't') return undefined
  const day = dayOfDate(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2))
  const ofDayMs = msOfDay(digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2))
  const offsetAt = text[19] === '.' ? endOfDigits(text, 20) : 19
  const offsetMs = offsetOf(text, offsetAt)
  if (day === undefined || ofDayMs === undefined || offsetMs === undefined) return undefined
  if (offsetAt === 20 || offsetAt > 29) return undefined // A point and no digit, or more than nine.
  return (day * dayMs + ofDayMs + fractionMs(text, offsetAt) - offsetMs) as UnixMs
}

/** The number that `count` digits from `at` on say; NaN when one of them is none. */
function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function endOfDigits(text: string, at: number): number {
  let end = at
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  return end
}

function dayOfDate(year: number, month: number, dayOfMonth: number): DayNumber | undefined {
  if (!(month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= 31 && year >= 0)) return undefined
  const day = dayFromCivil(year, month, dayOfMonth)
  // Every month has 28 days; whether it has this one the way back tells.
  return dayOfMonth <= 28 || civilFromDay(day).dayOfMonth === dayOfMonth ? day : undefined
}

function msOfDay(hour: number, minute: number, second: number): number | undefined {
  return hour <= 23 && minute <= 59 && second <= 59 ? ((hour * 60 + minute) * 60 + second) * 1000 : undefined
}

/** The fraction stands between the point at 19 and `end`; nothing when there is none. */
function fractionMs(text: string, end: number): number {
  if (end <= 20) return 0
  return end >= 23 ? digits(text, 20, 3) : digits(text, 20, end - 20) * 10 ** (23 - end)
}

function offsetOf(text: string, at: number): number | undefined {
  const sign = text[at]
  if (sign === 'Z' || sign === 'z') return text.length === at + 1 ? 0 : undefined
  if ((sign !== '+' && sign !== '-') || text[at + 3] !== ':' || text.length !== at + 6) return undefined
  const hour = digits(text, at + 1, 2)
  const minute = digits(text, at + 4, 2)
  if (!(hour <= 23 && minute <= 59)) return undefined
  return (hour * 60 + minute) * (sign === '-' ? -60_000 : 60_000)
}
