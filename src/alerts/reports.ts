/**
 * The periodic risk reports of the city (weekly), a county (monthly) or a pilot unit (every working day) [4.3].
 *
 * Due three working days after the period, counted from the first full period after the subject was described: a county
 * by `county.described`, the city by the first event about it. A unit is a pilot unit from its first report on: nothing else
 * that is reported says so.
 */
import { dayOf } from '../core/day.js'
import { counties, type DayNumber, type UnixMs } from '../core/names.js'
import { nextMidnight, type Today } from './days.js'
import type { FactTable } from './figure.js'
import { Matter } from './matter.js'
import { daily, monthly, type Rhythm, weekly } from './periods.js'
import { touch } from './touch.js'
import type { WorkingDays } from './working-days.js'

const workingDaysToReport = 3

// A calendar with more holidays puts off the day on which a report is past due, and then an older report is the last that
// counts. By so many reports none does: that would be three months without three working days.
const reportsBehindMax = 64

export class Reports extends Matter {
  readonly kind = 'report'
  readonly scope = 'report'
  /** Periods after this one are expected; undefined: none is. */
  after: number | undefined
  /** Periods reported: the last that is due by now, some before it, and those after it. Ascending. */
  reported: readonly number[] = []

  override get subject(): string {
    return this.owner.id
  }

  get isSettled(): boolean {
    return this.after === undefined
  }

  get rhythm(): Rhythm {
    if (this.owner.id === 'city') return weekly
    return (counties as readonly string[]).includes(this.owner.id) ? monthly : daily
  }

  /** From the first full period after `nowMs`; the first time counts. */
  expectFrom(nowMs: UnixMs): void {
    this.after ??= this.rhythm.of(dayOf(nowMs))
  }

  /** A period of another rhythm is no report of this subject; it changes nothing. */
  take(text: string): boolean {
    const period = this.rhythm.parse(text)
    if (period === undefined || this.reported.includes(period)) return false
    this.reported = [...this.reported, period].sort((a, b) => a - b)
    return true
  }

  nextDue({ nowMs }: Today): UnixMs | 0 {
    return this.isSettled ? 0 : nextMidnight(nowMs)
  }

  /** Reports missing without a break up to the last one that is past due; undefined while none is due yet. */
  missedInARow(now: Today): number | undefined {
    const last = this.lastPastDue(now)
    if (last === undefined || this.after === undefined || last <= this.after) return undefined
    const newest = this.reported.findLast((period) => period <= last) ?? this.after
    return this.rhythm.between(Math.max(newest, this.after), last, now.calendar)
  }

  /** The last period whose report is past due: today is after the third working day behind it. */
  lastPastDue({ today, calendar }: Today): number | undefined {
    const { rhythm } = this
    let period = rhythm.of(today)
    while (dueDay(rhythm, period, calendar) >= today) period -= 1
    return period
  }

  /** Of what is past due only the last report says anything, and some before it should the calendar change. */
  forgetOld(now: Today): void {
    const last = this.lastPastDue(now)
    const newest = this.reported.findLastIndex((period) => last !== undefined && period <= last)
    if (newest > reportsBehindMax) this.reported = this.reported.slice(newest - reportsBehindMax)
  }
}

const dueDay = (rhythm: Rhythm, period: number, calendar: WorkingDays): DayNumber =>
  calendar.nthAfter(rhythm.endOf(period), workingDaysToReport)

export interface ReportFacts {
  readonly missedInARow: number
  readonly uncertain: boolean
}

/** Undefined while no report is past due yet. */
export function factsOfReports(reports: Reports, now: Today): ReportFacts | undefined {
  const missedInARow = reports.missedInARow(now)
  return missedInARow === undefined ? undefined : { missedInARow, uncertain: !now.calendar.knows(now.today, now.today) }
}

export const reportFacts: FactTable<ReportFacts> = {
  missedInARow: { type: 'int', read: ({ missedInARow }) => missedInARow, touchedBy: touch.own },
}
