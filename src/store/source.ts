/** What the store follows: the log, and the record of what was judged. Room log has both; the node joins them. */
import type { Batch } from '../core/entry.js'
import type { LogPosition, N } from '../core/names.js'
import type { Transition } from '../core/transition.js'

/** A committed batch of the log: `lines[i]` is the JSON of `entries[i]`. */
export interface StoredBatch extends Batch {
  readonly lines: readonly string[]
}

export interface StoreSource {
  /** The oldest entry that `read` still gives. */
  readonly first: LogPosition
  /** Everything up to here is durable and judged, and its transitions can be read. The end of a batch. */
  readonly settled: LogPosition
  /** Whole batches, in order, up to the head; the first may begin before `from`. */
  read(from: LogPosition): AsyncIterable<StoredBatch>
  /** At most `limit` transitions with n > since, in order. */
  transitions(since: N, limit: number): Promise<readonly Transition[]>
}
