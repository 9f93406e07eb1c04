/**
 * An event -> the facts of a task, loan, request, case or report of its subject.
 */
import { startOfDay } from '../core/day.js'
import type { EventEntry } from '../core/entry.js'
import type { DayNumber } from '../core/names.js'
import { Case } from './case.js'
import { fenOf, stampOf } from './fold-unit-event.js'
import { Loan } from './loan.js'
import type { Matter } from './matter.js'
import { millionths, planOf } from './plan.js'
import { Reports } from './reports.js'
import { Request } from './request.js'
import type { ShardState } from './shard-state.js'
import { replaces } from './stamp.js'
import { Task } from './task.js'
import type { Unit } from './unit.js'

/** The matter that the event changed, made when it is new; undefined when it changed none. */
export function foldIntoMatter(state: ShardState, unit: Unit, entry: EventEntry): Matter | undefined {
  const { event } = entry
  switch (event.type) {
    case 'task.planned':
    case 'task.progressed': {
      const task = matterOf(unit, 'task', event.data.taskId, Task)
      return foldIntoTask(state, task, entry) ? task : undefined
    }
    case 'pool.lent':
    case 'pool.returned': {
      const loan = matterOf(unit, 'loan', event.data.loanId, Loan)
      foldIntoLoan(state, loan, entry)
      return loan
    }
    case 'request.submitted': {
      const request = matterOf(unit, 'request', event.data.requestId, Request)
      return foldIntoRequest(state, request, entry) ? request : undefined
    }
    case 'case.opened':
    case 'case.answered': {
      const opened = matterOf(unit, 'case', event.data.caseId, Case)
      return foldIntoCase(state, opened, entry) ? opened : undefined
    }
    case 'risk.reported': {
      const reports = reportsOf(unit)
      if (!reports.take(event.data.period)) return undefined
      reports.expectFrom(state.nowMs)
      return reports
    }
    default:
      return undefined
  }
}

export const reportsOf = (unit: Unit): Reports => matterOf(unit, 'report', '', Reports)

function matterOf<M extends Matter>(
  unit: Unit,
  kind: M['kind'],
  id: string,
  make: new (owner: Unit, id: string) => M,
): M {
  const known = unit.matter(kind, id)
  if (known) return known as M
  const matter = new make(unit, id)
  unit.addMatter(matter)
  return matter
}

function foldIntoTask(state: ShardState, task: Task, entry: EventEntry): boolean {
  const { event } = entry
  if (event.type === 'task.progressed') return report(state, task, entry, event.data.done)
  if (event.type !== 'task.planned') return false
  const stamp = stampOf(state, entry)
  task.judgedFromMs ||= startOfDay((state.today + 1) as DayNumber)
  if (!replaces(stamp, task.plan)) return false
  task.plan = planOf(stamp, event.data)
  return true
}

/** One object for stamp and figure: reports are many. */
function report(state: ShardState, task: Task, { timeMs, event }: EventEntry, done: number): boolean {
  const reported = { timeMs, source: state.interned.text(event.source), id: event.id, done: millionths(done) }
  if (!replaces(reported, task.report)) return false
  task.report = reported
  return true
}

function foldIntoLoan(state: ShardState, loan: Loan, entry: EventEntry): void {
  const { event } = entry
  if (event.type === 'pool.returned') loan.out -= event.data.count
  if (event.type !== 'pool.lent') return
  const { count, dueOn, project, investmentCny } = event.data
  const stamp = stampOf(state, entry)
  const { timeMs, source, id } = stamp
  loan.out += count
  if (replaces(stamp, loan.due))
    loan.due = project === undefined ? { timeMs, source, id, dueOn } : { timeMs, source, id, dueOn, project }
  if (investmentCny !== undefined && replaces(stamp, loan.investment))
    loan.investment = { timeMs, source, id, fen: fenOf(investmentCny) }
}

function foldIntoRequest(state: ShardState, request: Request, entry: EventEntry): boolean {
  const { event } = entry
  const stamp = stampOf(state, entry)
  if (event.type !== 'request.submitted' || !replaces(stamp, request.submitted)) return false
  const { timeMs, source, id } = stamp
  const { kind: what, count, investmentCny } = event.data
  request.submitted =
    investmentCny === undefined
      ? { timeMs, source, id, what, count }
      : { timeMs, source, id, what, count, investmentFen: fenOf(investmentCny) }
  return true
}

function foldIntoCase(state: ShardState, opened: Case, entry: EventEntry): boolean {
  const { event } = entry
  const stamp = stampOf(state, entry)
  if (event.type === 'case.opened') {
    if (!replaces(stamp, opened.opened)) return false
    const { timeMs, source, id } = stamp
    opened.opened = { timeMs, source, id, channel: event.data.channel }
    return true
  }
  if (event.type !== 'case.answered' || !replaces(stamp, opened.answered)) return false
  opened.answered = stamp
  return true
}
