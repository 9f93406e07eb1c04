/**
 * When a task must be looked at next.
 *
 * Its figure changes with the days, so a running task is due at 00:00 of each working day up to its due day. One that
 * was never reported is first judged at the midnight after it was planned (domain 4).
 */
import { dayOf, startOfDay } from '../core/day.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import type { Task } from './unit.js'
import type { WorkingDays } from './working-days.js'

export const isJudgedAt = (task: Task, nowMs: UnixMs): boolean =>
  task.plan !== undefined && (task.report !== undefined || nowMs >= task.judgedFromMs)

/** When the passing of time can next change its verdict; 0 when it cannot. */
export function nextDue(task: Task, nowMs: UnixMs, calendar: WorkingDays): UnixMs | 0 {
  const { plan } = task
  if (!plan) return 0
  if (!isJudgedAt(task, nowMs)) return task.judgedFromMs
  const today = dayOf(nowMs)
  if (calendar.between(plan.startsOn, plan.dueOn) === 0) return today < plan.dueOn ? startOfDay(plan.dueOn) : 0
  const next = calendar.firstBetween(Math.max(today, plan.startsOn) as DayNumber, plan.dueOn)
  return next === undefined ? 0 : startOfDay(next)
}
