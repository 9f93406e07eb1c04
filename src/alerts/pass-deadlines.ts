/**
 * What fell due in a shard by now: each subject is looked at once, however far the clock moved, and only at what is.
 */
import { civilFromDay, dayFromCivil, startOfDay } from '../core/day.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { passAlertWatch } from './alert-orders.js'
import type { CommonDue, Trigger } from './bench.js'
import type { Due } from './deadlines.js'
import { freezeOf } from './freeze.js'
import { type AlertWatch, type Holder, Rectification } from './holder.js'
import { judgeRectification } from './judge-holder.js'
import { judgeOneMatter, judgeOwnRules, judgeWhole, noteWorst, passDay, settle } from './judge-unit.js'
import type { Load } from './load.js'
import { Matter } from './matter.js'
import type { ShardState, Year } from './shard-state.js'
import { passSilence } from './silences.js'
import { touch, touchAll } from './touch.js'
import { type Lift, Unit } from './unit.js'
import { compiledOf } from './watch.js'

type Owner = Matter | Unit | Lift | Load<Unit> | Year | CommonDue

/** `first`: the batch's first position. */
export function passDeadlines(state: ShardState, first: LogPosition): void {
  const due = inOrder(state.deadlines.take(state.nowMs))
  if (due.length === 0) return
  const trigger: Trigger = { position: first, late: false, cause: 'deadline' }
  // Lifts end before anything is judged, so that no verdict of this moment still sees them; then loads, for the same
  // reason; freezes are settled last.
  const lifted = due.filter((owner): owner is Lift => owner.kind === 'lift')
  for (const { unit } of lifted) {
    state.touch(unit)
    freezeOf(unit).lift = undefined
  }
  for (const owner of due) if (owner.kind === 'load') endLoad(state, owner, { ...trigger, cause: 'load' })
  if (due.includes(state.newYear)) passYear(state, trigger)
  for (const owner of due) passOne(state, owner, trigger)
  for (const { unit } of lifted) settle(state, unit, trigger)
}

/** Whatever moments they were due at: first what is judged, then what hangs on the verdict. */
const ranks: readonly Owner['kind'][] = [
  'lift',
  'load',
  'year',
  'unit',
  'task',
  'loan',
  'request',
  'case',
  'report',
  'rectification',
  'alert',
  'silence',
]

/** A restored shard comes by its deadlines in another order than a living one; what follows must not show it. */
const inOrder = (due: Owner[]): Owner[] => due.sort((a, b) => ranks.indexOf(a.kind) - ranks.indexOf(b.kind))

function passOne(state: ShardState, owner: Owner & Due, trigger: Trigger): void {
  switch (owner.kind) {
    case 'unit':
      state.touch(owner)
      passDay(state, owner, trigger)
      return
    case 'alert': {
      const unit = unitOf(state, owner.holder)
      if (unit) state.touch(unit)
      passWatch(state, owner, trigger)
      return
    }
    case 'silence': {
      const unit = unitOf(state, owner.holder)
      if (unit) state.keep(unit)
      passSilence(state, owner, trigger)
      return
    }
    case 'rectification': {
      const unit = unitOf(state, owner)
      if (unit) state.touch(unit)
      judgeRectification(state, owner, trigger)
      if (unit) noteWorst(state, unit)
      return
    }
    case 'lift':
    case 'load':
    case 'year':
      return
    default: {
      const unit = unitOf(state, owner)
      if (!unit) return
      state.touch(unit)
      judgeOneMatter(state, unit, owner, trigger)
    }
  }
}

/** The end of a hold is judged as the figure stands now; then what else was due of the alert. */
function passWatch(state: ShardState, watch: AlertWatch, trigger: Trigger): void {
  const { holder, rule } = watch
  if (compiledOf(state, holder, rule)?.rule.hold) rejudge(state, holder, trigger)
  passAlertWatch(state, watch, trigger)
}

function rejudge(state: ShardState, holder: Holder, trigger: Trigger): void {
  const unit = unitOf(state, holder)
  if (holder instanceof Rectification) judgeRectification(state, holder, trigger)
  else if (unit && holder instanceof Matter) judgeOneMatter(state, unit, holder, trigger)
  else if (unit && judgeOwnRules(state, unit, touchAll, trigger)) settle(state, unit, trigger)
}

function unitOf(state: ShardState, holder: Holder): Unit | undefined {
  if (holder instanceof Unit) return holder
  if (holder instanceof Rectification) return unitOf(state, holder.of)
  return holder instanceof Matter ? state.units.get(holder.owner.id) : undefined
}

/** New Year: thresholds by year, and facts that are counted by year. */
function passYear(state: ShardState, trigger: Trigger): void {
  for (const unit of state.units.values()) {
    state.touch(unit)
    if (judgeOwnRules(state, unit, touch.year, trigger)) settle(state, unit, trigger)
    for (const matter of unit.matters) judgeOneMatter(state, unit, matter, trigger)
  }
  scheduleYear(state)
}

/** Sets the next New Year; not at all while no rule looks at the year. */
export function scheduleYear(state: ShardState): void {
  const { of } = state.rules
  const mattersToo = [...of.task, ...of.loan, ...of.request, ...of.case, ...of.report]
  const isNeeded = [...of.unit, ...mattersToo].some(({ touchedBy }) => (touchedBy & touch.year) !== 0)
  const { year } = civilFromDay(state.today)
  state.deadlines.set(state.newYear, isNeeded ? startOfDay(dayFromCivil(year + 1, 1, 1)) : (0 as UnixMs))
}

export function endLoad(state: ShardState, load: Load<Unit>, trigger: Trigger): void {
  state.deadlines.set(load, 0)
  for (const unit of load.touched) {
    state.touch(unit)
    unit.openLoads -= 1
    if (unit.openLoads === 0) judgeWhole(state, unit, trigger)
  }
  // Last: a unit that is kept for a snapshot names the loads that are open.
  state.loads.delete(load.name)
}
