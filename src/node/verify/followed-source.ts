/**
 * The log and the record as the store follows them. What the log no longer keeps is taken from the store's own copy, so
 * that what follows from it can be compared all the same.
 */
import type { LogPosition, N } from '../../core/names.js'
import { RecordFollower } from '../../log/follow-record.js'
import type { LogReader } from '../../log/reader.js'
import type { Store, StoredBatch, StoreSource } from '../../store/store.js'

/** How far the record holds all that follows from the log. */
export interface Settled {
  readonly position: LogPosition
  readonly n: N
}

export function followedSource(store: Store, reader: LogReader, recordPath: string, settled: Settled): StoreSource {
  const record = new RecordFollower(recordPath)
  return {
    first: 1 as LogPosition,
    settled: settled.position,
    read: (from) => (from < reader.first ? readBoth(store, reader, from) : reader.read(from)),
    transitions: (since, limit) => record.read(since, limit, settled.n),
  }
}

async function* readBoth(store: Store, reader: LogReader, from: LogPosition): AsyncGenerator<StoredBatch> {
  const stored = await store.log()
  for await (const batch of stored.read(from)) {
    if (batch.firstPosition >= reader.first) break
    yield batch
  }
  yield* reader.read(reader.first)
}
