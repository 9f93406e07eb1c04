/**
 * A log entry -> what a shard does. The walk of one step: deadlines that passed (pass-deadlines.ts), then entry by
 * entry, each judged as it comes.
 */
import type { EventEntry, LogEntry } from '../core/entry.js'
import type { LogPosition } from '../core/names.js'
import { tellOfRequest, tellOfRequests } from './apply-request.js'
import { isClosedBehind, keyOfPeriod } from './assessments.js'
import type { Trigger } from './bench.js'
import { foldIntoMatter, reportsOf } from './fold-matter-event.js'
import { foldIntoUnit, recount } from './fold-unit-event.js'
import { judgeRectifications } from './judge-holder.js'
import {
  endAllOf,
  judgeOneMatter,
  judgeUnderNewRules,
  judgeUnit,
  judgeWhole,
  noteWorst,
  scheduleUnit,
} from './judge-unit.js'
import type { Load } from './load.js'
import { Loan } from './loan.js'
import type { Matter } from './matter.js'
import { writeMoved } from './moved.js'
import { applyOrder } from './orders.js'
import { scheduleYear } from './pass-deadlines.js'
import { Request } from './request.js'
import type { ShardState } from './shard-state.js'
import { toldBits } from './told.js'
import { touch } from './touch.js'
import type { Unit } from './unit.js'
import { watchAlerts } from './watch.js'

/** `found`: the unit of an event, where it was looked up already (ahead.ts). */
export function applyEntry(state: ShardState, position: LogPosition, entry: LogEntry, found?: Unit): void {
  switch (entry.kind) {
    case 'event':
      applyEvent(state, position, entry, found)
      return
    case 'order':
      applyOrder(state, position, entry.order)
      return
    case 'rules':
      state.setRules(entry.rules)
      scheduleYear(state)
      forAll(state, (unit) => judgeUnderNewRules(state, unit, because(position, 'rules')))
      return
    case 'policy':
      state.setPolicy(entry.policy)
      forAll(state, (unit) => {
        recount(state, unit)
        judgeUnit(state, unit, touch.heads, because(position, 'policy'))
      })
      return
    case 'calendar':
      state.setCalendar(entry)
      forAll(state, (unit) => judgeByCalendar(state, unit, because(position, 'calendar')))
      return
    case 'engine':
    case 'tick':
    case 'quarantined':
    case 'dismissed':
    case 'alarm':
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

function judgeByCalendar(state: ShardState, unit: Unit, trigger: Trigger): void {
  watchAlerts(state, unit)
  for (const matter of unit.matters) watchAlerts(state, matter)
  judgeUnit(state, unit, touch.day, trigger)
  scheduleUnit(state, unit)
  for (const matter of unit.matters) judgeOneMatter(state, unit, matter, trigger)
  for (const holder of [unit, ...unit.matters]) judgeRectifications(state, holder, trigger)
  if (unit.worst > 0) noteWorst(state, unit)
}

function applyEvent(state: ShardState, position: LogPosition, entry: EventEntry, found: Unit | undefined): void {
  const { event } = entry
  if (event.type === 'assessment.closed') {
    state.hear(event.source)
    closePeriod(state, keyOfPeriod(event.data.kind, event.data.period), { position, events: [event], late: false })
    return
  }
  const unit = found ?? state.unit(event.subject)
  state.touch(unit)
  unit.heardOn = state.today
  state.hear(event.source)
  const load = event.load === undefined ? undefined : state.loads.get(event.load)
  if (load) join(state, unit, load)
  if (unit.isWide) expectReports(state, unit, position, entry)
  const touched = applyToUnit(state, position, entry, unit, load !== undefined)
  // Only a loan is a fact of the unit and a matter of its own.
  if ((touched & ~touch.loans) !== 0) return
  const matter = foldIntoMatter(state, unit, entry)
  if (matter) applyToMatter(state, position, entry, unit, matter)
}

/** A county is expected to report once it is described, the city once anything is said of it. */
function expectReports(state: ShardState, unit: Unit, position: LogPosition, { event }: EventEntry): void {
  if (event.type !== 'county.described' && unit.id !== 'city') return
  const reports = reportsOf(unit)
  if (!reports.isSettled) return
  reports.expectFrom(state.nowMs)
  judgeOneMatter(state, unit, reports, { position, events: [event], late: false })
}

/** @returns what of the unit it touched. */
function applyToUnit(state: ShardState, position: LogPosition, entry: EventEntry, unit: Unit, inLoad: boolean): number {
  const stood = unit.stands
  const touched = foldIntoUnit(state, unit, position, entry, inLoad)
  noteTold(state, unit, entry, touched)
  if (touched === 0) return 0
  const { event } = entry
  // What is published after the close corrects it, whatever its time (domain 2, `assessment.closed`).
  const late = unit.comesLate(entry.timeMs, state.nowMs) || (touched & touch.assessed) !== 0
  if ((touched & (state.rules.sumsTouchedBy | touch.assessed)) !== 0 && !inLoad && unit.cell)
    writeMoved(state.moved, position, touched, late, unit.cell.place)
  const trigger: Trigger = { position, events: [event], late }
  if (unit.stands === stood) judgeUnit(state, unit, touched, trigger)
  else if (stood) endAllOf(state, unit, { ...trigger, cause: 'closed' })
  else judgeWhole(state, unit, trigger)
  if ((touched & touch.profile) !== 0) tellOfRequests(state, unit, position)
  return touched
}

function noteTold({ tellers, teller }: ShardState, unit: Unit, { event }: EventEntry, touched: number): void {
  if (teller < 0) return
  const bits = toldBits(event.type, touched)
  if (bits !== 0) unit.told = tellers.after(unit.told, teller, bits)
}

function applyToMatter(state: ShardState, position: LogPosition, entry: EventEntry, unit: Unit, matter: Matter): void {
  const late = matter.comesLate(entry.timeMs, state.nowMs)
  judgeOneMatter(state, unit, matter, { position, events: [entry.event], late })
  if (matter instanceof Request) tellOfRequest(state, unit, matter, position)
  if (matter instanceof Loan && unit.cell && entry.event.type === 'pool.lent') state.changes.countLoan(unit.cell)
}

/** From now on the figures of the period are judged. The mean of a half-year is the fold's to say (shard.ts, `feed`). */
function closePeriod(state: ShardState, key: string, trigger: Trigger): void {
  if (state.closedPeriods.has(key)) return
  const late = isClosedBehind(key, state.closedPeriods)
  state.closedPeriods.add(key)
  for (const unit of state.assessedIn.get(key) ?? []) {
    state.touch(unit)
    judgeUnit(state, unit, touch.assessed, { ...trigger, late })
  }
}

/** Sets the unit aside until the load ends. */
function join(state: ShardState, unit: Unit, load: Load<Unit>): void {
  state.touchedLoads.add(load.name)
  if (load.touched.has(unit)) return
  load.touched.add(unit)
  unit.openLoads += 1
}
