/**
 * Where a log ends, against what proves that it once went further.
 *
 * A tail that is not whole looks the same whether nobody was told of it or a bit of it was lost later. Who knows better
 * (a snapshot, the record, the store's writer) is heard before anything is cut: open-segments.ts and survey.ts ask here.
 */
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'
import type { Segment } from './segment.js'
import type { ProvenEnd, TornTail } from './settings.js'

export interface LogEnd {
  readonly head: LogPosition
  /** The newest file; absent where there is none. */
  readonly newest: Segment | undefined
  readonly torn?: TornTail | undefined
}

/** The place where what is proven is missing. */
export interface MissingEnd {
  readonly file: string
  readonly offset: number
  readonly reason: string
}

/** Undefined when the log reaches as far as is proven. */
export function missingEnd(directory: string, end: LogEnd, proven: ProvenEnd | undefined): MissingEnd | undefined {
  if (proven === undefined || proven.position <= end.head) return undefined
  const file = end.torn?.file ?? end.newest?.path ?? directory
  const offset = end.torn?.offset ?? end.newest?.bytes ?? 0
  const stands = end.torn ? `${end.torn.bytes} bytes that are no whole batch stand there` : 'nothing stands there'
  return { file, offset, reason: `${stands}, but ${proven.shownBy} is of position ${proven.position}` }
}

/** QW_LOG_SHORT; nothing has been changed then. */
export function mustReach(directory: string, end: LogEnd, proven: ProvenEnd | undefined): void {
  const missing = missingEnd(directory, end, proven)
  if (missing) throw new QwError('QW_LOG_SHORT', { head: end.head, position: proven?.position, ...missing })
}
