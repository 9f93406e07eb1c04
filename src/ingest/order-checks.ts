/**
 * What the sequencer itself must know of an order before it is taken, and the event that a decision makes.
 *
 * Whether an order applies to an alert, a request or a proposal only the engine knows; room node has asked it before.
 */
import { formatTime } from '../core/day.js'
import type { EventEntry } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import { decisionSource } from '../core/event.js'
import { isCityWideSubject, type UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import { parseTime } from '../core/rfc3339.js'
import { isClosed, isRegistered, type Known } from './known.js'
import type { KnownSubjects } from './known-subjects.js'
import type { Loads } from './loads.js'
import type { QuotaChange } from './prepared.js'

export interface Grounds {
  readonly subjects: KnownSubjects
  readonly loads: Loads
}

/** @throws QwError when it cannot be followed */
export function requireFollowable(order: Order, { subjects, loads }: Grounds, nowMs: UnixMs): void {
  const until = 'until' in order ? parseTime(order.until) : undefined
  const isOver = until === undefined || until <= nowMs
  switch (order.order) {
    case 'lift':
      if (isOver) throw new QwError('QW_LIFT_END_INVALID', { field: '/until' })
      requireUnit(subjects, order.subject)
      return
    case 'freeze':
    case 'release':
      requireUnit(subjects, order.subject)
      return
    case 'load.open':
      if (isOver) throw overAlready()
      if (loads.isUsed(order.load)) throw new QwError('QW_LOAD_NAME_USED', { load: order.load })
      return
    case 'silence':
      requireSpan(order, nowMs)
      return
    case 'acknowledge':
      if (until !== undefined && isOver) throw overAlready()
      return
    case 'load.close':
      if (!loads.isOpen(order.load, nowMs)) throw new QwError('QW_LOAD_NOT_OPEN', { load: order.load })
      return
  }
}

function requireSpan({ from, until }: Order & { readonly order: 'silence' }, nowMs: UnixMs): void {
  const untilMs = parseTime(until) ?? 0
  if (untilMs <= nowMs) throw overAlready()
  if (from !== undefined && (parseTime(from) ?? 0) >= untilMs)
    throw new QwError('QW_BODY_INVALID', { reason: '/from must be before /until', field: '/from' })
}

const overAlready = (): QwError =>
  new QwError('QW_BODY_INVALID', { reason: '/until must be after now', field: '/until' })

function requireUnit(subjects: KnownSubjects, unit: string): void {
  const known = subjects.get(unit)
  if (isCityWideSubject(unit) || !isRegistered(known, unit) || isClosed(known))
    throw new QwError('QW_NOT_FOUND', { what: `unit ${unit}` })
}

/** The quota as it is known, with what is on its way, moved by what was decided. */
export function approvalOf(
  { unit, posts, cause, id }: QuotaChange,
  known: Known | undefined,
  nowMs: UnixMs,
): EventEntry {
  // It has the last word, also where a department's approval is dated ahead.
  const timeMs = Math.max(nowMs, (known?.approvedAt?.[0] ?? 0) + 1) as UnixMs
  const approved = Math.max(0, (known?.approved ?? 0) + posts)
  return {
    kind: 'event',
    timeMs,
    event: {
      specversion: '1.0',
      id,
      source: decisionSource,
      type: 'quota.approved',
      subject: unit,
      time: formatTime(timeMs),
      data: { approved, cause },
    },
  }
}
