/**
 * A task of a unit or of the city: what was planned, what was reported, and how far it should be (domain 4, `progress`).
 *
 * `done` and `target` are in millionths, because progress is reported with up to six places; the share of working days
 * gone by is `daysGone / daysTotal`.
 */
import { startOfDay } from '../core/day.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import { nextDayThatCounts, type Today, workingDaysLeft } from './days.js'
import type { FactTable } from './figure.js'
import { Matter } from './matter.js'
import type { Plan, Report } from './plan.js'
import { touch } from './touch.js'

export class Task extends Matter {
  readonly kind = 'task'
  readonly scope = 'task'
  plan: Plan | undefined
  report: Report | undefined
  /** 00:00 after the day on which it was first planned: until then only a report has it judged. */
  judgedFromMs = 0 as UnixMs

  /** `unit/task`, for tasks were the first matter that units had. */
  override get subject(): string {
    return `${this.owner.id}/${this.id}`
  }

  /** What is done may be corrected, so a task is never done with. */
  get isSettled(): boolean {
    return false
  }

  /** The working days of its span move how far it should be; beyond it only what is left of its days, where that counts. */
  nextDue(now: Today): UnixMs | 0 {
    const { plan } = this
    if (!plan) return 0
    if (!this.isJudgedAt(now.nowMs)) return this.judgedFromMs
    const ofSpan = nextDayOfSpan(plan, now)
    const ofDaysLeft = now.daysLeftCount ? this.nextDayLeft(plan, now) : 0
    return ofSpan === 0 || (ofDaysLeft !== 0 && ofDaysLeft < ofSpan) ? ofDaysLeft : ofSpan
  }

  private nextDayLeft(plan: Plan, now: Today): UnixMs | 0 {
    if (now.today > plan.dueOn && (this.report?.done ?? 0) >= plan.target) return 0
    return nextDayThatCounts(now, plan.dueOn)
  }

  isJudgedAt(nowMs: UnixMs): boolean {
    return this.plan !== undefined && (this.report !== undefined || nowMs >= this.judgedFromMs)
  }
}

export interface TaskFacts {
  /** In millionths. */
  readonly done: number
  readonly target: number
  readonly daysGone: number
  readonly daysTotal: number
  readonly milestone: boolean
  /** Working days from tomorrow to its end; below 0 when it is past. */
  readonly workingDaysLeft: number
  /** A year that the calendar does not know was counted. */
  readonly uncertain: boolean
}

function nextDayOfSpan({ startsOn, dueOn }: Plan, { calendar, today }: Today): UnixMs | 0 {
  if (calendar.between(startsOn, dueOn) === 0) return today < dueOn ? startOfDay(dueOn) : 0
  const next = calendar.firstBetween(Math.max(today, startsOn) as DayNumber, dueOn)
  return next === undefined ? 0 : startOfDay(next)
}

/** Undefined while no plan is known. */
export function factsOfTask({ plan, report }: Task, now: Today): TaskFacts | undefined {
  if (!plan) return undefined
  const { calendar, today } = now
  const total = calendar.between(plan.startsOn, plan.dueOn)
  const gone = Math.min(calendar.between(plan.startsOn, today), total)
  return {
    done: report?.done ?? 0,
    target: plan.target,
    // A span without a working day has no share until dueOn, then all of it.
    daysGone: total === 0 ? (today >= plan.dueOn ? 1 : 0) : gone,
    daysTotal: total === 0 ? 1 : total,
    milestone: plan.kind === 'milestone',
    workingDaysLeft: workingDaysLeft(now, plan.dueOn),
    uncertain: !calendar.knows(plan.startsOn, Math.max(plan.dueOn, today) as DayNumber),
  }
}

export const taskFacts: FactTable<TaskFacts> = {
  done: { type: 'int', read: ({ done }) => done, touchedBy: touch.own },
  target: { type: 'int', read: ({ target }) => target, touchedBy: touch.own },
  daysGone: { type: 'int', read: ({ daysGone }) => daysGone, touchedBy: touch.own },
  daysTotal: { type: 'int', read: ({ daysTotal }) => daysTotal, touchedBy: touch.own },
  milestone: { type: 'bool', read: ({ milestone }) => milestone, touchedBy: touch.own },
  workingDaysLeft: { type: 'int', read: (task) => task.workingDaysLeft, touchedBy: touch.own | touch.day },
}
