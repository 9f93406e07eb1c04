/** The moments that history is asked for: evenly spaced, and not too many. */
import { QwError } from '../core/errors.js'
import type { UnixMs } from '../core/names.js'

export interface HistoryQuery {
  /** A unit's id, a county's code or `county/<code>`, `sector/<name>` or `city`. */
  readonly subject: string
  readonly fromMs: UnixMs
  readonly toMs: UnixMs
  readonly stepMs: number
  /** Up to here, inclusive, the store has everything. What it may have of later is half of the truth: no point shows it. */
  readonly storedToMs: UnixMs
  /** More moments than this are refused with QW_QUERY_INVALID. */
  readonly pointsMax: number
}

/** QW_QUERY_INVALID for moments that do not fit, also where there is no store to be asked. */
export function checkHistory({ fromMs, toMs, stepMs, pointsMax }: Omit<HistoryQuery, 'subject' | 'storedToMs'>): void {
  const invalid = (field: string, reason: string) => new QwError('QW_QUERY_INVALID', { reason, field })
  if (!(stepMs > 0)) throw invalid('/step', 'step must be longer than nothing')
  if (fromMs > toMs) throw invalid('/from', 'from is after to')
  if ((toMs - fromMs) / stepMs >= pointsMax)
    throw invalid('/step', `more than ${pointsMax} moments; take a longer step`)
}

/** The last time of which an answer may tell; before `from` where the store has not come so far. */
export const toldToMs = ({ toMs, storedToMs }: HistoryQuery): UnixMs => Math.min(toMs, storedToMs) as UnixMs

/** The first moment that is not before `ms`, counted from 0; what lies before `from` belongs to the first. */
export const momentOf = (ms: string) =>
  `if(${ms} <= {from:Int64}, 0, intDiv(${ms} - {from:Int64} + {step:Int64} - 1, {step:Int64}))`
