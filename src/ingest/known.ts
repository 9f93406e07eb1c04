/**
 * What the sequencer knows of units: just enough to say at once whether an event refers to something that is there,
 * whether more is returned than was lent, and whether a closed unit is empty.
 *
 * The engine folds the same events into far more; this is the part an HTTP answer depends on. What is set rather than
 * counted goes by the latest (time, source, id), exactly as in the engine, so that the order of arrival makes no
 * difference.
 */
import type { QuotaEvent } from '../core/event.js'
import { bases, isCityWideSubject, type UnitId, type UnixMs } from '../core/names.js'

/** Orders what is set: the latest (time, source, id) holds. */
export type Stamp = readonly [timeMs: number, source: string, id: string]

/** One unit, or a city-wide subject (`city`, a county, `pool`), which is never registered or closed. */
export interface Known {
  registered?: Stamp
  closed?: Stamp
  approved: number
  approvedAt?: Stamp
  /** In the order of `bases`. May pass below zero while reports are under way. */
  readonly heads: number[]
  contract: number
  /** Posts out, by loan. */
  readonly loans: Map<string, number>
  readonly tasks: Set<string>
  readonly requests: Set<string>
  readonly cases: Set<string>
}

export const createKnown = (): Known => ({
  approved: 0,
  heads: [0, 0, 0, 0, 0],
  contract: 0,
  loans: new Map(),
  tasks: new Set(),
  requests: new Set(),
  cases: new Set(),
})

/** A city-wide subject needs no registration. */
export const isRegistered = (known: Known | undefined, subject: string): boolean =>
  known?.registered !== undefined || isCityWideSubject(subject)

export const isClosed = (known: Known | undefined): boolean =>
  known?.closed !== undefined && (known.registered === undefined || isLater(known.closed, known.registered))

export function isLater(a: Stamp, b: Stamp): boolean {
  if (a[0] !== b[0]) return a[0] > b[0]
  if (a[1] !== b[1]) return a[1] > b[1]
  return a[2] > b[2]
}

/** What a unit must have given away before it may be closed, in words; undefined when nothing is left. */
export function whatIsLeft(known: Known): string | undefined {
  const left: string[] = []
  if (known.approved !== 0) left.push(`${known.approved} approved posts`)
  known.heads.forEach((count, index) => {
    if (count !== 0) left.push(`${count} ${bases[index]}`)
  })
  if (known.contract !== 0) left.push(`${known.contract} contract staff`)
  let onLoan = 0
  for (const out of known.loans.values()) onLoan += out
  if (onLoan !== 0) left.push(`${onLoan} posts on loan`)
  return left.length === 0 ? undefined : left.join(', ')
}

/** Takes an accepted event into account. */
export function learn(known: Known, event: QuotaEvent, timeMs: UnixMs): void {
  switch (event.type) {
    case 'unit.registered':
      known.registered = latest(known.registered, [timeMs, event.source, event.id])
      return
    case 'unit.closed':
      known.closed = latest(known.closed, [timeMs, event.source, event.id])
      return
    case 'quota.approved':
      learnApproved(known, event.data.approved, [timeMs, event.source, event.id])
      return
    case 'staff.entered':
      learnHeads(known, bases.indexOf(event.data.basis), event.data.count)
      return
    case 'staff.left':
      learnHeads(known, bases.indexOf(event.data.basis), -event.data.count)
      return
    case 'contract.entered':
      known.contract += event.data.count
      return
    case 'contract.left':
      known.contract -= event.data.count
      return
    case 'pool.lent':
      learnLoan(known, event.data.loanId, event.data.count)
      return
    case 'pool.returned':
      learnLoan(known, event.data.loanId, -event.data.count)
      return
    case 'request.submitted':
      known.requests.add(event.data.requestId)
      return
    case 'task.planned':
      known.tasks.add(event.data.taskId)
      return
    case 'case.opened':
      known.cases.add(event.data.caseId)
      return
  }
}

/** True for the types that `learn` takes anything from about a city-wide subject. */
export const teachesCityWide = (event: QuotaEvent): boolean =>
  event.type === 'task.planned' || event.type === 'case.opened'

/** What an accepted event brings that others may wait for; undefined when nothing. Key as in `WaitKey`. */
export function bringsKey(event: QuotaEvent): string | undefined {
  switch (event.type) {
    case 'unit.registered':
      return unitKey(event.subject)
    case 'pool.lent':
      return loanKey(event.subject, event.data.loanId)
    case 'task.planned':
      return `task:${event.subject}/${event.data.taskId}`
    case 'case.opened':
      return `case:${event.subject}/${event.data.caseId}`
    case 'request.submitted':
      return `request:${event.subject}/${event.data.requestId}`
    default:
      return undefined
  }
}

export const unitKey = (unit: UnitId): string => `unit:${unit}`
/** Waiting for a loan and waiting for more posts of it end with the same kind of event, so they share a key. */
export const loanKey = (unit: UnitId, loanId: string): string => `loan:${unit}/${loanId}`

const latest = (held: Stamp | undefined, come: Stamp): Stamp =>
  held === undefined || isLater(come, held) ? come : held

function learnApproved(known: Known, approved: number, at: Stamp): void {
  if (known.approvedAt !== undefined && !isLater(at, known.approvedAt)) return
  known.approvedAt = at
  known.approved = approved
}

function learnHeads(known: Known, basis: number, count: number): void {
  known.heads[basis] = (known.heads[basis] as number) + count
}

function learnLoan(known: Known, loanId: string, count: number): void {
  known.loans.set(loanId, (known.loans.get(loanId) ?? 0) + count)
}
