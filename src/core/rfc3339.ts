/**
 * RFC 3339 date-times, strictly: a real date, `T`, seconds, and an offset.
 *
 * `Date.parse` takes much that is not RFC 3339 (`2024-02-30T…` is 1 March to it, a time without offset is local), and
 * the engine may not touch `Date` at all, so the digits are read here. Fractions of a second are cut to milliseconds.
 * Leap seconds (`:60`) are refused: none can be placed on a Unix clock, and none has been announced since 2016.
 */
import { civilFromDay, dayFromCivil, dayMs } from './day.js'
import type { UnixMs } from './names.js'

const shape = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

/** Undefined when the text is no such time. */
export function parseTime(text: string): UnixMs | undefined {
  const match = shape.exec(text)
  if (!match) return undefined
  const [, year, month, dayOfMonth, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] =
    match
  const day = dayFromCivil(Number(year), Number(month), Number(dayOfMonth))
  const back = civilFromDay(day)
  if (back.month !== Number(month) || back.dayOfMonth !== Number(dayOfMonth)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -60_000 : 60_000)
  const ofDayMs = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
  return (day * dayMs + ofDayMs + Number(fraction.padEnd(3, '0').slice(0, 3)) - offsetMs) as UnixMs
}
