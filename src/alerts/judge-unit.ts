/**
 * All that is judged about one unit: its own rules, its matters, its freeze.
 *
 * A unit that does not stand, or that an open load touched, is not judged; what ended meanwhile still ends.
 */
import type { UnixMs } from '../core/names.js'
import type { Trigger } from './bench.js'
import { nextDayThatCounts } from './days.js'
import { freezeOf, reasonsOf, releaseOrders, settleFreeze } from './freeze.js'
import { worstOf } from './judge.js'
import { adoptRules, endHolder, judgeOne } from './judge-holder.js'
import { judgeMatter } from './judge-matter.js'
import type { Matter } from './matter.js'
import type { CompiledRule } from './rules.js'
import type { ShardState } from './shard-state.js'
import { touch, touchAll } from './touch.js'
import type { Unit } from './unit.js'
import type { UnitFacts } from './unit-facts.js'

const isJudged = (unit: Unit): boolean => unit.stands && unit.openLoads === 0

/** The unit's own rules that `touched` may have changed, and the freeze that follows. */
export function judgeUnit(state: ShardState, unit: Unit, touched: number, trigger: Trigger): void {
  if (judgeOwnRules(state, unit, touched | noteSince(state, unit), trigger)) settle(state, unit, trigger)
}

/** Everything about the unit at once, as when a load ends. */
export function judgeWhole(state: ShardState, unit: Unit, trigger: Trigger): void {
  noteSince(state, unit)
  judgeOwnRules(state, unit, touchAll, trigger)
  for (const matter of unit.matters) judgeOneMatter(state, unit, matter, trigger)
  settle(state, unit, trigger)
}

/** A matter of the unit, now; and when it is next to be looked at. */
export function judgeOneMatter(state: ShardState, unit: Unit, matter: Matter, trigger: Trigger): void {
  if (isJudged(unit) && judgeMatter(state, matter, trigger)) noteWorst(state, unit)
  scheduleMatter(state, unit, matter)
}

/** After a change of rules: alerts whose rule is gone end, all else is judged again, nothing is reset. */
export function judgeUnderNewRules(state: ShardState, unit: Unit, trigger: Trigger): void {
  const { of } = state.rules
  adoptRules(state, unit, of.unit, trigger)
  for (const matter of unit.matters)
    adoptRules(state, matter, of[matter.scope] as readonly CompiledRule<never>[], trigger)
  if (unit.worst > 0) noteWorst(state, unit)
  judgeWhole(state, unit, trigger)
  scheduleUnit(state, unit)
}

/** The unit was closed: its alerts end green, its freeze ends, nothing of it is due any more. */
export function endAllOf(state: ShardState, unit: Unit, trigger: Trigger): void {
  endHolder(state, unit, trigger)
  for (const matter of unit.matters) {
    state.deadlines.set(matter, 0)
    endHolder(state, matter, trigger)
  }
  unit.worst = 0
  unit.enteredWhileFrozen = 0
  noteSince(state, unit)
  if (!unit.freeze) return
  releaseOrders(unit.freeze)
  dropLift(state, unit)
  settleFreeze(state, unit, state.rules.freezing, trigger)
}

export function dropLift(state: ShardState, unit: Unit): void {
  const freeze = freezeOf(unit)
  if (freeze.lift) state.deadlines.set(freeze.lift, 0)
  freeze.lift = undefined
}

/** Sets when the passing of time can next change a verdict on it. */
export function scheduleMatter(state: ShardState, unit: Unit, matter: Matter): void {
  state.deadlines.set(matter, unit.stands ? matter.nextDue(state) : 0)
}

/** The freeze, and what ends with it: what was entered during a freeze is forgotten when its last reason goes. */
export function settle(state: ShardState, unit: Unit, trigger: Trigger, newLift = false): void {
  settleFreeze(state, unit, state.rules.freezing, trigger, newLift)
  if (unit.enteredWhileFrozen === 0 || reasonsOf(unit, state.rules.freezing).length > 0) return
  unit.enteredWhileFrozen = 0
  judgeOwnRules(state, unit, touch.frozenUse, trigger)
}

/** A midnight of a unit that is over quota or below zero: its days count on. */
export function passDay(state: ShardState, unit: Unit, trigger: Trigger): void {
  if (judgeOwnRules(state, unit, touch.day, trigger)) settle(state, unit, trigger)
  scheduleUnit(state, unit)
}

/** Since when, by now, the unit has been over its quota and a head count below zero. @returns what changed of it. */
function noteSince(state: ShardState, unit: Unit): number {
  const isOver = unit.stands && unit.hasQuota && unit.filled > unit.usable
  const isNegative = unit.stands && isAnyBelowZero(unit)
  let touched = 0
  if (isOver !== (unit.overSince !== 0)) {
    unit.overSince = isOver ? state.today : (0 as typeof unit.overSince)
    touched |= touch.over
  }
  if (isNegative !== (unit.negativeSince !== 0)) {
    unit.negativeSince = isNegative ? state.today : (0 as typeof unit.negativeSince)
    touched |= touch.negative
  }
  if (touched !== 0) scheduleUnit(state, unit)
  return touched
}

const isAnyBelowZero = ({ permanent, secondedIn, secondedOut, postedIn, postedOut }: Unit): boolean =>
  permanent < 0 || secondedIn < 0 || secondedOut < 0 || postedIn < 0 || postedOut < 0

export function scheduleUnit(state: ShardState, unit: Unit): void {
  const counts = state.unitDaysCount && (unit.overSince !== 0 || unit.negativeSince !== 0)
  state.deadlines.set(unit, counts ? nextDayThatCounts(state, undefined) : (0 as UnixMs))
}

export function judgeOwnRules(state: ShardState, unit: Unit, touched: number, trigger: Trigger): boolean {
  if (!isJudged(unit) || unit.isWide) return false
  const rules = state.rules.unitTouchedBy(touched)
  if (rules.length === 0) return false
  const facts = state.factsOf(unit)
  let changed = false
  for (const compiled of rules)
    if (judgeOne(state, unit, compiled, facts, trigger, isUncertain(state, unit, compiled))) changed = true
  if (unit.care) state.flagged.add(unit)
  if (changed) noteWorst(state, unit)
  return changed
}

/** The rule counts days of a year that the calendar does not know. */
function isUncertain({ calendar, today }: ShardState, unit: Unit, { touchedBy }: CompiledRule<UnitFacts>): boolean {
  if ((touchedBy & touch.day) === 0) return false
  const { overSince, negativeSince } = unit
  return (
    ((touchedBy & touch.over) !== 0 && overSince !== 0 && !calendar.knows(overSince, today)) ||
    ((touchedBy & touch.negative) !== 0 && negativeSince !== 0 && !calendar.knows(negativeSince, today))
  )
}

/** After any alert of the unit or its matters changed colour. */
export function noteWorst(state: ShardState, unit: Unit): void {
  state.flagged.add(unit)
  let worst = worstOf(unit)
  const { alertedMatters } = unit
  for (let at = 0; worst < 2 && at < alertedMatters.length; at++)
    worst = Math.max(worst, worstOf(alertedMatters[at] as Matter))
  unit.worst = worst
}
