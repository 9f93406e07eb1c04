/**
 * What keeps a valid event from being accepted, judged by what is known at this moment.
 *
 * Only this file decides what an event may refer to; whether it is a repeat or too old is the sequencer's business.
 */
import type { WaitKey } from '../core/entry.js'
import { type ErrorCode, explain } from '../core/errors.js'
import type { QuotaEvent } from '../core/event.js'
import { isClosed, isRegistered, type Known, whatIsLeft } from './known.js'
import type { KnownSubjects } from './known-subjects.js'

export interface Hindrance {
  readonly code: ErrorCode
  readonly reason: string
  readonly field?: string
  /** Set when it may come in by itself later. */
  readonly waitsFor?: WaitKey
}

/** Undefined when nothing hinders it. */
export function findHindrance(event: QuotaEvent, subjects: KnownSubjects): Hindrance | undefined {
  const unit = event.subject
  const known = subjects.get(unit)
  if (event.type === 'unit.registered') return undefined
  if (!isRegistered(known, unit)) return waits('QW_UNIT_UNKNOWN', { unit }, { kind: 'unit', key: unit }, '/subject')
  if (isClosed(known)) return hindrance('QW_UNIT_CLOSED', { unit }, '/subject')
  switch (event.type) {
    case 'unit.closed':
      return closing(event.data.successor, unit, known, subjects)
    case 'pool.returned':
      return returning(unit, event.data.loanId, event.data.count, known)
    case 'task.progressed': {
      const { taskId } = event.data
      if (known?.tasks.has(taskId)) return undefined
      return waits('QW_TASK_UNKNOWN', { taskId, unit }, { kind: 'task', key: `${unit}/${taskId}` }, '/data/taskId')
    }
    case 'case.answered': {
      const { caseId } = event.data
      if (known?.cases.has(caseId)) return undefined
      return waits('QW_CASE_UNKNOWN', { caseId, unit }, { kind: 'case', key: `${unit}/${caseId}` }, '/data/caseId')
    }
    default:
      return undefined
  }
}

export function hindrance(code: ErrorCode, detail: Readonly<Record<string, unknown>>, field?: string): Hindrance {
  return { code, reason: explain(code, detail), ...(field === undefined ? {} : { field }) }
}

function waits(
  code: ErrorCode,
  detail: Readonly<Record<string, unknown>>,
  waitsFor: WaitKey,
  field: string,
): Hindrance {
  return { code, reason: explain(code, detail), field, waitsFor }
}

function closing(
  successor: string | undefined,
  unit: string,
  known: Known | undefined,
  subjects: KnownSubjects,
): Hindrance | undefined {
  if (successor !== undefined && !isRegistered(subjects.get(successor), successor))
    return waits('QW_UNIT_UNKNOWN', { unit: successor }, { kind: 'unit', key: successor }, '/data/successor')
  const left = known === undefined ? undefined : whatIsLeft(known)
  return left === undefined ? undefined : hindrance('QW_UNIT_NOT_EMPTY', { unit, left }, '/subject')
}

function returning(unit: string, loanId: string, count: number, known: Known | undefined): Hindrance | undefined {
  const out = known?.loans.get(loanId)
  const key = `${unit}/${loanId}`
  if (out === undefined) return waits('QW_LOAN_UNKNOWN', { loanId, unit }, { kind: 'loan', key }, '/data/loanId')
  if (count <= out) return undefined
  return waits('QW_RETURN_EXCEEDS_LOAN', { count, loanId, out }, { kind: 'posts-out', key }, '/data/count')
}
