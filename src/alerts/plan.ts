/**
 * What was planned of a task, and what was reported.
 */
import { parseDay } from '../core/day.js'
import type { EventDataByType, TaskKind } from '../core/event.js'
import type { DayNumber } from '../core/names.js'
import type { Stamp } from './stamp.js'

export interface Plan extends Stamp {
  readonly title: string
  readonly kind: TaskKind
  /** In millionths. */
  readonly target: number
  readonly startsOn: DayNumber
  readonly dueOn: DayNumber
}

export interface Report extends Stamp {
  /** In millionths. */
  readonly done: number
}

/** @throws when the border let through what it must refuse: days that do not exist. */
export function planOf(stamp: Stamp, task: EventDataByType['task.planned']): Plan {
  const [startsOn, dueOn] = [parseDay(task.startsOn), parseDay(task.dueOn)]
  if (startsOn === undefined || dueOn === undefined)
    throw new Error(`task ${task.taskId}: ${task.startsOn} to ${task.dueOn} passed the border`)
  const { timeMs, source, id } = stamp
  const { title, kind } = task
  return { timeMs, source, id, title, kind, target: millionths(task.target), startsOn, dueOn }
}

/**
 * A decimal of at most six places as a whole number of millionths. A double holds six places up to 9 * 10^9; the border
 * refuses more, and should it not, the figure stops growing there instead of becoming inexact.
 */
export function millionths(value: number): number {
  return Math.min(Math.round(value * 1_000_000), Number.MAX_SAFE_INTEGER)
}
