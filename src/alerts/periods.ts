/**
 * The periods of risk reports as whole numbers that follow each other: weeks, months, days (domain 4, `risk-report`).
 */
import { civilFromDay, dayFromCivil, parseDay } from '../core/day.js'
import type { DayNumber } from '../core/names.js'
import type { WorkingDays } from './working-days.js'

export interface Rhythm {
  /** The period that a report names; undefined when it is of another rhythm. */
  readonly parse: (text: string) => number | undefined
  /** The period that a day lies in. */
  readonly of: (day: DayNumber) => number
  /** Its last day. */
  readonly endOf: (period: number) => DayNumber
  /** Periods p with after < p <= upTo for which a report is due. */
  readonly between: (after: number, upTo: number, calendar: WorkingDays) => number
}

const distance = (after: number, upTo: number): number => Math.max(0, upTo - after)

/** ISO weeks, counted from the one of Monday 1969-12-29. */
export const weekly: Rhythm = {
  parse(text) {
    const match = /^(\d{4})-W(\d{2})$/.exec(text)
    if (!match) return undefined
    // 4 January lies in week 1.
    const first = weekly.of(dayFromCivil(Number(match[1]), 1, 4))
    const week = Number(match[2])
    return week >= 1 && week <= 53 ? first + week - 1 : undefined
  },
  of: (day) => Math.floor((day + 3) / 7),
  endOf: (week) => (week * 7 + 3) as DayNumber,
  between: distance,
}

export const monthly: Rhythm = {
  parse(text) {
    const match = /^(\d{4})-(\d{2})$/.exec(text)
    return match ? Number(match[1]) * 12 + Number(match[2]) - 1 : undefined
  },
  of(day) {
    const { year, month } = civilFromDay(day)
    return year * 12 + month - 1
  },
  endOf: (month) => (dayFromCivil(Math.floor((month + 1) / 12), ((month + 1) % 12) + 1, 1) - 1) as DayNumber,
  between: distance,
}

/** Every working day. */
export const daily: Rhythm = {
  parse: parseDay,
  of: (day) => day,
  endOf: (day) => day as DayNumber,
  between: (after, upTo, calendar) => calendar.between(after as DayNumber, upTo as DayNumber),
}
