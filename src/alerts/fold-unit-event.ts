/**
 * An event -> the facts of its unit. Says which facts were touched; judging is not its business.
 *
 * Set facts are last-writer-wins by (time, source, id), counted facts are sums, so any order of the same events ends in
 * the same facts (design 8). Only `enteredWhileFrozen` is about the order of the log, by its definition.
 */
import type { EventEntry } from '../core/entry.js'
import type { EventDataByType, QuotaEvent } from '../core/event.js'
import { type Basis, bases, type LogPosition, type UnixMs } from '../core/names.js'
import type { Approval } from './approvals.js'
import { assessmentOf, keyOfPeriod } from './assessments.js'
import { wasFrozen } from './freeze.js'
import type { FundNews, ShardState } from './shard-state.js'
import { replaces, type Stamp } from './stamp.js'
import { touch } from './touch.js'
import type { Unit } from './unit.js'

/** @returns bits of `touch.ts`; 0 when nothing that a rule reads can have changed. */
export function foldIntoUnit(
  state: ShardState,
  unit: Unit,
  position: LogPosition,
  entry: EventEntry,
  inLoad: boolean,
): number {
  const { event } = entry
  switch (event.type) {
    case 'staff.entered':
      return enter(state, unit, entry, event.data, inLoad)
    case 'staff.left':
      countHeads(state, unit, event.data.basis, -event.data.count)
      return touch.heads
    // One event in five; it need not be compared with all the rest.
    case 'task.progressed':
      return 0
    case 'contract.entered':
      unit.contract += event.data.count
      return touch.contract
    case 'contract.left':
      unit.contract -= event.data.count
      return touch.contract
    case 'unit.registered':
      return register(state, unit, entry, event.data)
    case 'unit.closed':
      if (!replaces(stampOf(state, entry), unit.closed)) return 0
      unit.closed = stampOf(state, entry)
      return touch.profile
    case 'quota.approved':
      unit.approve(approvalOf(state, entry, event.data))
      return touch.quota
    case 'pool.lent':
      unit.onLoan += event.data.count
      return touch.loans
    case 'pool.returned':
      unit.onLoan -= event.data.count
      return touch.loans
    case 'assessment.published':
      return assess(state, unit, entry, event.data)
    case 'fund.budgeted':
    case 'fund.spent':
      addFund(unit, event)
      // The city's own the fold takes itself.
      if (!unit.isWide) state.funds.push(fundNewsOf(position, entry.timeMs, event))
      return 0
    default:
      return 0
  }
}

/** After a change of policy. */
export function recount(state: ShardState, unit: Unit): void {
  unit.filled = unit.heads.reduce((sum, heads, basis) => sum + (state.counted[basis] ? heads : 0), 0)
}

function register(state: ShardState, unit: Unit, entry: EventEntry, data: EventDataByType['unit.registered']): number {
  const stamp = stampOf(state, entry)
  if (!replaces(stamp, unit.profile)) return 0
  const { timeMs, source, id } = stamp
  unit.setProfile({ timeMs, source, id, name: data.name, cell: state.interned.cell(data) })
  return touch.profile
}

function enter(
  state: ShardState,
  unit: Unit,
  { timeMs }: EventEntry,
  { count, basis }: EventDataByType['staff.entered'],
  inLoad: boolean,
): number {
  countHeads(state, unit, basis, count)
  const { freeze } = unit
  // The state is the one before this entry, so the entry that causes a freeze is none. A load reports the past.
  const used = freeze !== undefined && !inLoad && wasFrozen(freeze, timeMs) && state.counted[bases.indexOf(basis)]
  if (!used) return touch.heads
  unit.enteredWhileFrozen += count
  return touch.heads | touch.frozenUse
}

function countHeads(state: ShardState, unit: Unit, basis: Basis, count: number): void {
  unit.countHeads(basis, count)
  if (state.counted[bases.indexOf(basis)]) unit.filled += count
}

/** A figure of a period that is not closed yet is kept and moves no verdict. */
function assess(
  state: ShardState,
  unit: Unit,
  entry: EventEntry,
  data: EventDataByType['assessment.published'],
): number {
  const key = keyOfPeriod(data.kind, data.period)
  const held = unit.extras?.assessments?.get(key)
  const assessment = assessmentOf(stampOf(state, entry), data)
  if (!replaces(assessment, held)) return 0
  unit.assess(key, assessment)
  state.unitsAssessedIn(data.kind, data.period).add(unit)
  if (data.kind === 'economic_contribution')
    state.noteAssessed(data.period, assessment.figure - (held?.figure ?? 0), held ? 0 : 1)
  return state.closedPeriods.has(key) ? touch.assessed : 0
}

function addFund(unit: Unit, event: FundEvent): void {
  const { account, amountCny } = event.data
  const held = unit.fundTaken(account)
  if (event.type === 'fund.budgeted') held.budgetedFen += fenOf(amountCny)
  else held.spentFen += fenOf(amountCny)
}

type FundEvent = Extract<QuotaEvent, { readonly type: 'fund.budgeted' | 'fund.spent' }>

/** What an account gains by an event, about whomever it is. */
export function fundNewsOf(position: LogPosition, timeMs: UnixMs, event: FundEvent): FundNews {
  const fen = fenOf(event.data.amountCny)
  return {
    account: event.data.account,
    budgetedFen: event.type === 'fund.budgeted' ? fen : 0,
    spentFen: event.type === 'fund.spent' ? fen : 0,
    position,
    timeMs,
    event: { source: event.source, id: event.id },
  }
}

/** Two places at most have passed the border. */
export const fenOf = (cny: number): number => Math.round(cny * 100)

// What a unit keeps is written out member by member: an object made by spreading keeps room for more members, and a
// million units keep several of them.
function approvalOf(
  state: ShardState,
  { timeMs, event }: EventEntry,
  { approved, cause }: EventDataByType['quota.approved'],
): Approval {
  return {
    timeMs,
    source: state.interned.text(event.source),
    id: event.id,
    approved,
    cause: state.interned.text(cause),
  }
}

export const stampOf = (state: ShardState, { timeMs, event }: EventEntry): Stamp => ({
  timeMs,
  source: state.interned.text(event.source),
  id: event.id,
})
