/**
 * A log entry -> what a shard does. The walk of one step: deadlines that passed, then entry by entry, each judged as it
 * comes.
 */
import type { EventEntry, LogEntry } from '../core/entry.js'
import type { LogPosition } from '../core/names.js'
import type { Order } from '../core/order.js'
import { foldIntoTask, foldIntoUnit, recount, taskOf } from './fold-event.js'
import { freezeOf } from './freeze.js'
import type { Trigger } from './judge.js'
import {
  dropLift,
  endAllOf,
  judgeTask,
  judgeUnderNewRules,
  judgeUnit,
  judgeWhole,
  scheduleTask,
  settle,
} from './judge-unit.js'
import { endOf, type Load, openLoad } from './load.js'
import { compileRules } from './rules.js'
import { countedBases, policyNameOf, type ShardState } from './shard-state.js'
import { touch } from './touch.js'
import type { Lift, Task, Unit } from './unit.js'
import { WorkingDays } from './working-days.js'

/** What fell due by `state.nowMs`. Each subject is judged once, now; `first` is the batch's first position. */
export function passDeadlines(state: ShardState, first: LogPosition): void {
  const due = state.deadlines.take(state.nowMs)
  const trigger = (cause: 'deadline' | 'load'): Trigger => ({ position: first, late: false, cause })
  const lifted = due.filter((owner): owner is Lift => owner.kind === 'lift')
  for (const { unit } of lifted) {
    state.touch(unit)
    freezeOf(unit).lift = undefined
  }
  for (const owner of due) if (owner.kind === 'load') endLoad(state, owner, trigger('load'))
  for (const owner of due) if (owner.kind === 'task') passMidnight(state, owner, trigger('deadline'))
  for (const { unit } of lifted) settle(state, unit, trigger('deadline'))
}

function passMidnight(state: ShardState, task: Task, trigger: Trigger): void {
  state.touch(task.unit)
  judgeTask(state, task, trigger)
  scheduleTask(state, task)
}

export function applyEntry(state: ShardState, position: LogPosition, entry: LogEntry): void {
  switch (entry.kind) {
    case 'event':
      applyEvent(state, position, entry)
      return
    case 'order':
      applyOrder(state, position, entry.order)
      return
    case 'rules':
      state.rules = compileRules(entry.rules)
      forAll(state, (unit) => judgeUnderNewRules(state, unit, because(position, 'rules')))
      return
    case 'policy':
      state.policy = entry.policy
      state.policyName = policyNameOf(entry.policy)
      state.counted = countedBases(entry.policy)
      forAll(state, (unit) => {
        recount(state, unit)
        judgeUnit(state, unit, touch.heads, because(position, 'policy'))
      })
      return
    case 'calendar':
      state.calendarEntry = entry
      state.calendar = new WorkingDays(entry)
      forAll(state, (unit) => judgeTasks(state, unit, because(position, 'calendar')))
      return
    case 'engine':
    case 'tick':
    case 'quarantined':
    case 'skipped':
      return
  }
}

const because = (position: LogPosition, cause: NonNullable<Trigger['cause']>): Trigger => ({
  position,
  late: false,
  cause,
})

function forAll(state: ShardState, act: (unit: Unit) => void): void {
  for (const unit of state.units.values()) {
    state.touch(unit)
    act(unit)
  }
}

function judgeTasks(state: ShardState, unit: Unit, trigger: Trigger): void {
  for (const task of unit.tasks?.values() ?? []) {
    judgeTask(state, task, trigger)
    scheduleTask(state, task)
  }
}

function applyEvent(state: ShardState, position: LogPosition, entry: EventEntry): void {
  const unit = state.unit(entry.event.subject)
  state.touch(unit)
  const load = entry.event.load === undefined ? undefined : state.loads.get(entry.event.load)
  if (load) join(state, unit, load)
  const task = taskOf(unit, entry)
  if (task) applyToTask(state, position, entry, task)
  else applyToUnit(state, position, entry, unit, load !== undefined)
}

function applyToTask(state: ShardState, position: LogPosition, entry: EventEntry, task: Task): void {
  if (!foldIntoTask(state, task, entry)) return
  judgeTask(state, task, { position, events: [entry.event], late: comesLate(task, entry) })
  scheduleTask(state, task)
}

function applyToUnit(state: ShardState, position: LogPosition, entry: EventEntry, unit: Unit, inLoad: boolean): void {
  const stood = unit.stands
  const touched = foldIntoUnit(state, unit, entry, inLoad)
  if (touched === 0) return
  const { event } = entry
  const trigger: Trigger = { position, events: [event], late: comesLate(unit, entry) }
  if ((touched & state.rules.cityTouchedBy) !== 0 && !inLoad)
    state.note({ position, touched, event: { source: event.source, id: event.id }, late: trigger.late })
  if (unit.stands === stood) judgeUnit(state, unit, touched, trigger)
  else if (stood) endAllOf(state, unit, { ...trigger, cause: 'closed' })
  else reopen(state, unit, trigger)
}

/** Whether it happened before one that was counted already; takes note of its time. */
function comesLate(of: Unit | Task, { timeMs }: EventEntry): boolean {
  if (timeMs < of.latestMs) return true
  of.latestMs = timeMs
  return false
}

/** Registered for the first time, or again after it was closed. */
function reopen(state: ShardState, unit: Unit, trigger: Trigger): void {
  judgeWhole(state, unit, trigger)
  for (const task of unit.tasks?.values() ?? []) scheduleTask(state, task)
}

function applyOrder(state: ShardState, position: LogPosition, order: Order): void {
  if (order.order === 'load.open') {
    const load = openLoad<Unit>(order, state.nowMs)
    if (!load || state.loads.has(load.name)) return
    state.loads.set(load.name, load)
    state.deadlines.set(load, load.untilMs)
  } else if (order.order === 'load.close') {
    const load = state.loads.get(order.load)
    if (load) endLoad(state, load, because(position, 'load'))
  } else orderFreeze(state, position, order)
}

/** Orders about a unit that does not stand change nothing: there is nothing to freeze. */
function orderFreeze(
  state: ShardState,
  position: LogPosition,
  order: Order & { readonly order: 'freeze' | 'lift' | 'release' },
): void {
  const unit = state.units.get(order.subject)
  if (!unit?.stands) return
  state.touch(unit)
  state.flagged.add(unit)
  const freeze = freezeOf(unit)
  const trigger: Trigger = { position, late: false, order }
  if (order.order === 'lift') {
    const untilMs = endOf(order.until)
    // Its end may have passed while the order was on its way into the log.
    if (untilMs <= state.nowMs) return
    dropLift(state, unit)
    freeze.lift = { kind: 'lift', unit, untilMs, by: order.by, dueMs: 0 }
    state.deadlines.set(freeze.lift, untilMs)
    settle(state, unit, trigger, true)
    return
  }
  freeze.ordered = order.order === 'freeze'
  if (freeze.ordered) dropLift(state, unit)
  settle(state, unit, trigger)
}

/** Sets the unit aside until the load ends. */
function join(state: ShardState, unit: Unit, load: Load<Unit>): void {
  state.touchedLoads.add(load.name)
  if (load.touched.has(unit)) return
  load.touched.add(unit)
  unit.openLoads += 1
}

function endLoad(state: ShardState, load: Load<Unit>, trigger: Trigger): void {
  state.loads.delete(load.name)
  state.deadlines.set(load, 0)
  for (const unit of load.touched) {
    state.touch(unit)
    unit.openLoads -= 1
    if (unit.openLoads === 0) judgeWhole(state, unit, trigger)
  }
}
