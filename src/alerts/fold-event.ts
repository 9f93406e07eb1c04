/**
 * An event -> the facts of its unit. Says which facts were touched; judging is not its business.
 *
 * Set facts are last-writer-wins by (time, source, id), counted facts are sums, so any order of the same events ends in
 * the same facts (design 8). Only `enteredWhileFrozen` is about the order of the log, by its definition.
 */
import { dayOf, startOfDay } from '../core/day.js'
import type { EventEntry } from '../core/entry.js'
import type { EventDataByType } from '../core/event.js'
import { type Basis, bases, type DayNumber } from '../core/names.js'
import type { Approval } from './approvals.js'
import { millionths, planOf } from './plan.js'
import type { ShardState } from './shard-state.js'
import { replaces, type Stamp } from './stamp.js'
import { touch } from './touch.js'
import { type Loan, Task, type Unit } from './unit.js'

/** The task that an event is about, made when it is new; undefined for events about the unit itself. */
export function taskOf(unit: Unit, { event }: EventEntry): Task | undefined {
  if (event.type !== 'task.planned' && event.type !== 'task.progressed') return undefined
  unit.tasks ??= new Map()
  const known = unit.tasks.get(event.data.taskId)
  if (known) return known
  const task = new Task(unit, event.data.taskId)
  unit.tasks.set(task.id, task)
  return task
}

/** @returns bits of `touch.ts`; 0 when nothing that a rule reads can have changed. */
export function foldIntoUnit(state: ShardState, unit: Unit, entry: EventEntry, inLoad: boolean): number {
  const { event } = entry
  switch (event.type) {
    case 'unit.registered':
      return register(state, unit, entry, event.data)
    case 'unit.closed':
      if (!replaces(stampOf(state, entry), unit.closed)) return 0
      unit.closed = stampOf(state, entry)
      return touch.profile
    case 'quota.approved':
      unit.approvals.add(approvalOf(state, entry, event.data))
      return touch.quota
    case 'staff.entered':
      return enter(state, unit, entry, event.data, inLoad)
    case 'staff.left':
      countHeads(state, unit, event.data.basis, -event.data.count)
      return touch.heads
    case 'contract.entered':
      unit.contract += event.data.count
      return touch.contract
    case 'contract.left':
      unit.contract -= event.data.count
      return touch.contract
    case 'pool.lent': {
      const loan = lend(unit, event.data.loanId, event.data.count)
      const stamp = stampOf(state, entry)
      if (replaces(stamp, loan.due)) loan.due = { ...stamp, dueOn: event.data.dueOn }
      return touch.loans
    }
    case 'pool.returned':
      lend(unit, event.data.loanId, -event.data.count)
      return touch.loans
    default:
      return 0
  }
}

/** @returns whether anything changed. */
export function foldIntoTask(state: ShardState, task: Task, entry: EventEntry): boolean {
  const { event } = entry
  const stamp = stampOf(state, entry)
  if (event.type === 'task.planned') {
    task.judgedFromMs ||= startOfDay((dayOf(state.nowMs) + 1) as DayNumber)
    if (!replaces(stamp, task.plan)) return false
    task.plan = planOf(stamp, event.data)
    return true
  }
  if (event.type !== 'task.progressed' || !replaces(stamp, task.report)) return false
  const { timeMs, source, id } = stamp
  task.report = { timeMs, source, id, done: millionths(event.data.done) }
  return true
}

/** After a change of policy. */
export function recount(state: ShardState, unit: Unit): void {
  unit.filled = unit.heads.reduce((sum, heads, basis) => sum + (state.counted[basis] ? heads : 0), 0)
}

function register(state: ShardState, unit: Unit, entry: EventEntry, data: EventDataByType['unit.registered']): number {
  const stamp = stampOf(state, entry)
  if (!replaces(stamp, unit.profile)) return 0
  const { timeMs, source, id } = stamp
  unit.profile = { timeMs, source, id, name: data.name, cell: state.interned.cell(data) }
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
  const used = freeze?.state === 'frozen' && !inLoad && timeMs >= freeze.sinceMs && state.counted[bases.indexOf(basis)]
  if (!used) return touch.heads
  unit.enteredWhileFrozen += count
  return touch.heads | touch.frozenUse
}

function countHeads(state: ShardState, unit: Unit, basis: Basis, count: number): void {
  const at = bases.indexOf(basis)
  unit.heads[at] = (unit.heads[at] as number) + count
  if (state.counted[at]) unit.filled += count
}

function lend(unit: Unit, loanId: string, count: number): Loan {
  unit.loans ??= new Map()
  const loan = unit.loans.get(loanId) ?? { out: 0, due: undefined }
  unit.loans.set(loanId, loan)
  loan.out += count
  unit.onLoan += count
  return loan
}

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

const stampOf = (state: ShardState, { timeMs, event }: EventEntry): Stamp => ({
  timeMs,
  source: state.interned.text(event.source),
  id: event.id,
})
