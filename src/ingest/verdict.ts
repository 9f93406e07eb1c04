/**
 * What the sequencer says: verdicts on events, and the plan of entries that they become.
 */
import type { Correction, LogEntry } from '../core/entry.js'
import { type ErrorCode, QwError } from '../core/errors.js'
import type { QuotaEvent } from '../core/event.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { Hindrance } from './hindrance.js'

/** What the answer says of one event. */
export type Verdict =
  | { readonly status: 'accepted' | 'duplicate'; readonly position: LogPosition }
  | {
      readonly status: 'quarantined'
      /** Of the quarantine's entry; as text it is the item's id. */
      readonly position: LogPosition
      readonly code: ErrorCode
      readonly field?: string
      readonly reason: string
      readonly waiting?: true
    }
  /** Neither taken nor kept: it must be sent again. */
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly reason: string }

/** An event that could not even be read or does not fit its schema. `event`: as it is to be kept. */
export interface Refusal {
  readonly code: ErrorCode
  readonly field?: string
  readonly reason: string
  readonly event: unknown
}

/** A valid event in the place of one that was kept, and who says so. */
export interface Corrected extends Correction {
  readonly event: QuotaEvent
  readonly timeMs: UnixMs
}

/** Entries that were decided and applied, to be appended to the log in the same turn of the event loop. */
export class Plan {
  readonly first: LogPosition
  readonly entries: LogEntry[] = []
  /** The JSON of `entries[i]`, where it is known already; sparse. */
  readonly texts: string[] = []

  /** `first`: the position that the log will give to the next entry. */
  constructor(first: LogPosition) {
    this.first = first
  }

  get next(): LogPosition {
    return (this.first + this.entries.length) as LogPosition
  }
}

/** Of an event that is no valid one, or that cannot come in. */
export const refusedCorrection = ({ code, reason, field }: Pick<Hindrance, 'code' | 'reason' | 'field'>): QwError =>
  new QwError('QW_CORRECTION_REFUSED', {
    reason: `${code} ${reason}`,
    ...(field === undefined ? {} : { field: `/event${field}` }),
  })

export function verdictOf(
  why: Pick<Hindrance, 'code' | 'field' | 'reason' | 'waitsFor'>,
  position: LogPosition,
): Verdict {
  return {
    status: 'quarantined',
    position,
    code: why.code,
    ...(why.field === undefined ? {} : { field: why.field }),
    reason: why.reason,
    ...(why.waitsFor === undefined ? {} : { waiting: true }),
  }
}
