/**
 * The facts of a task that a rule may name, on the day of judging.
 *
 * `done` and `target` are in millionths, because progress is reported with up to six places; the share of working days
 * gone by is `daysGone / daysTotal`.
 */
import type { DayNumber } from '../core/names.js'
import type { FactTable } from './figure.js'
import { touch } from './touch.js'
import type { Task } from './unit.js'
import type { WorkingDays } from './working-days.js'

export interface TaskFacts {
  readonly done: number
  readonly target: number
  readonly daysGone: number
  readonly daysTotal: number
  readonly milestone: boolean
  /** A year that the calendar does not know was counted. */
  readonly uncertain: boolean
}

/** Undefined while no plan is known. */
export function factsOfTask(task: Task, today: DayNumber, calendar: WorkingDays): TaskFacts | undefined {
  const { plan, report } = task
  if (!plan) return undefined
  const total = calendar.between(plan.startsOn, plan.dueOn)
  const gone = Math.min(calendar.between(plan.startsOn, today), total)
  return {
    done: report?.done ?? 0,
    target: plan.target,
    // A span without a working day has no share until dueOn, then all of it.
    daysGone: total === 0 ? (today >= plan.dueOn ? 1 : 0) : gone,
    daysTotal: total === 0 ? 1 : total,
    milestone: plan.kind === 'milestone',
    uncertain: !calendar.knows(plan.startsOn, plan.dueOn),
  }
}

export const taskFacts: FactTable<TaskFacts> = {
  done: { type: 'int', read: ({ done }) => done, touchedBy: touch.task },
  target: { type: 'int', read: ({ target }) => target, touchedBy: touch.task },
  daysGone: { type: 'int', read: ({ daysGone }) => daysGone, touchedBy: touch.task },
  daysTotal: { type: 'int', read: ({ daysTotal }) => daysTotal, touchedBy: touch.task },
  milestone: { type: 'bool', read: ({ milestone }) => milestone, touchedBy: touch.task },
}
