/**
 * All that is judged about one unit: its own rules, its tasks, its freeze.
 *
 * A unit that does not stand, or that an open load touched, is not judged; what ended meanwhile still ends.
 */
import { dayOf } from '../core/day.js'
import type { UnixMs } from '../core/names.js'
import type { AlertHolder } from './alert.js'
import { freezeOf, reasonsOf, settleFreeze } from './freeze.js'
import { endAlert, judgeRule, type Trigger, worstOf } from './judge.js'
import type { CompiledRule } from './rules.js'
import type { ShardState } from './shard-state.js'
import { isJudgedAt, nextDue } from './task.js'
import { factsOfTask } from './task-facts.js'
import { touch, touchAll } from './touch.js'
import type { Task, Unit } from './unit.js'

const isJudged = (unit: Unit): boolean => unit.stands && unit.openLoads === 0

/** The unit's own rules that `touched` may have changed, and the freeze that follows. */
export function judgeUnit(state: ShardState, unit: Unit, touched: number, trigger: Trigger): void {
  if (judgeOwnRules(state, unit, touched, trigger)) settle(state, unit, trigger)
}

export function judgeTask(state: ShardState, task: Task, trigger: Trigger): void {
  if (!isJudged(task.unit) || !isJudgedAt(task, state.nowMs) || state.rules.task.length === 0) return
  const facts = factsOfTask(task, dayOf(state.nowMs), state.calendar)
  if (!facts) return
  let changed = false
  for (const compiled of state.rules.task)
    changed = judgeRule(state, compiled, facts, task, trigger, facts.uncertain) || changed
  if (changed) noteWorst(state, task.unit)
}

/** Everything about the unit at once, as when a load ends. */
export function judgeWhole(state: ShardState, unit: Unit, trigger: Trigger): void {
  judgeOwnRules(state, unit, touchAll, trigger)
  for (const task of unit.tasks?.values() ?? []) judgeTask(state, task, trigger)
  settle(state, unit, trigger)
}

/** After a change of rules: alerts whose rule is gone end, all else is judged again, nothing is reset. */
export function judgeUnderNewRules(state: ShardState, unit: Unit, trigger: Trigger): void {
  endAlertsOfGoneRules(state, unit, state.rules.unit, trigger)
  for (const task of unit.tasks?.values() ?? []) endAlertsOfGoneRules(state, task, state.rules.task, trigger)
  if (unit.worst > 0) noteWorst(state, unit)
  judgeWhole(state, unit, trigger)
}

/** The unit was closed: its alerts end green, its freeze ends, nothing of it is due any more. */
export function endAllOf(state: ShardState, unit: Unit, trigger: Trigger): void {
  for (const rule of unit.alerts?.keys() ?? []) endAlert(state, unit, rule, trigger)
  for (const task of unit.tasks?.values() ?? []) {
    state.deadlines.set(task, 0)
    for (const rule of task.alerts?.keys() ?? []) endAlert(state, task, rule, trigger)
  }
  unit.worst = 0
  unit.enteredWhileFrozen = 0
  if (!unit.freeze) return
  unit.freeze.ordered = false
  dropLift(state, unit)
  settleFreeze(state, unit, state.rules.freezing, trigger)
}

export function dropLift(state: ShardState, unit: Unit): void {
  const freeze = freezeOf(unit)
  if (freeze.lift) state.deadlines.set(freeze.lift, 0)
  freeze.lift = undefined
}

/** Sets when the passing of time can next change a task's verdict. */
export function scheduleTask(state: ShardState, task: Task): void {
  state.deadlines.set(task, task.unit.stands ? nextDue(task, state.nowMs, state.calendar) : (0 as UnixMs))
}

/** The freeze, and what ends with it: what was entered during a freeze is forgotten when its last reason goes. */
export function settle(state: ShardState, unit: Unit, trigger: Trigger, newLift = false): void {
  settleFreeze(state, unit, state.rules.freezing, trigger, newLift)
  if (unit.enteredWhileFrozen === 0 || reasonsOf(unit, state.rules.freezing).length > 0) return
  unit.enteredWhileFrozen = 0
  judgeOwnRules(state, unit, touch.frozenUse, trigger)
}

function judgeOwnRules(state: ShardState, unit: Unit, touched: number, trigger: Trigger): boolean {
  if (!isJudged(unit)) return false
  let changed = false
  for (const compiled of state.rules.unitTouchedBy(touched))
    changed = judgeRule(state, compiled, unit, unit, trigger) || changed
  if (changed) noteWorst(state, unit)
  return changed
}

function endAlertsOfGoneRules<S>(
  state: ShardState,
  holder: AlertHolder,
  kept: readonly CompiledRule<S>[],
  trigger: Trigger,
): void {
  for (const id of holder.alerts?.keys() ?? [])
    if (!kept.some(({ rule }) => rule.id === id)) endAlert(state, holder, id, trigger)
}

/** After any alert of the unit or its tasks changed colour. */
export function noteWorst(state: ShardState, unit: Unit): void {
  state.flagged.add(unit)
  let worst = worstOf(unit)
  for (const task of unit.tasks?.values() ?? []) worst = Math.max(worst, worstOf(task))
  unit.worst = worst
}
