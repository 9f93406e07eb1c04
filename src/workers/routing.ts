/**
 * A committed batch, cut into what each shard and the fold need to see.
 *
 * With one shard (the default on two cores) and nothing for the fold alone, a batch is passed on as it is.
 */
import { goesToFold, mayFeed, shardsOf } from '../alerts/shard.js'
import type { LogEntry } from '../core/entry.js'
import type { LogPosition } from '../core/names.js'
import type { CommittedBatch } from '../log/log.js'
import type { ShardBatch } from './shard-host.js'

export interface RoutedBatch {
  readonly batch: CommittedBatch
  readonly lastPosition: LogPosition
  /** One for each shard, in shard order. */
  readonly shards: readonly ShardBatch[]
  readonly fold: readonly { readonly position: LogPosition; readonly entry: LogEntry }[]
}

/** Entries that nobody is to see; absent: all are seen. */
export type Omits = (position: LogPosition) => boolean

export const lastPositionOf = ({ firstPosition, entries }: CommittedBatch): LogPosition =>
  (firstPosition + entries.length - 1) as LogPosition

export function routeBatch(batch: CommittedBatch, shards: number, omits?: Omits): RoutedBatch {
  const lastPosition = lastPositionOf(batch)
  const lines: string[][] = Array.from({ length: shards }, () => [])
  const indexes: number[][] = Array.from({ length: shards }, () => [])
  const fold: { position: LogPosition; entry: LogEntry }[] = []
  const give = (shard: number, index: number) => {
    lines[shard]?.push(batch.lines[index] as string)
    indexes[shard]?.push(index)
  }
  batch.entries.forEach((entry, index) => {
    const position = (batch.firstPosition + index) as LogPosition
    if (omits?.(position)) return
    const route = shardsOf(entry, shards)
    if (route === 'all') for (let shard = 0; shard < shards; shard++) give(shard, index)
    else if (route !== 'none') give(route, index)
    if (goesToFold(entry)) fold.push({ position, entry })
  })
  const head = { firstPosition: batch.firstPosition, lastPosition, nowMs: batch.nowMs }
  return {
    batch,
    lastPosition,
    fold,
    shards: lines.map((own, shard) =>
      own.length === batch.entries.length
        ? { ...head, lines: own }
        : { ...head, lines: own, indexes: indexes[shard] as number[] },
    ),
  }
}

/** Cut after each batch that the fold may answer with feeds: what follows it must not be judged before they are taken. */
export function groupsBetweenFeeds(batches: readonly CommittedBatch[]): CommittedBatch[][] {
  const groups: CommittedBatch[][] = []
  let group: CommittedBatch[] = []
  for (const batch of batches) {
    group.push(batch)
    if (!batch.entries.some(mayFeed)) continue
    groups.push(group)
    group = []
  }
  if (group.length > 0) groups.push(group)
  return groups
}
