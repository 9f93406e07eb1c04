/**
 * What runs inside a shard's thread: it holds one engine shard and does what it is told. No logic lives here.
 *
 * Every call states the log position it expects. Piscina replaces a dead thread with an empty one without a word, so a
 * mismatch is answered with `lost` and the judge rebuilds the shard. There are no timers in a thread: Piscina parks it.
 */
import { createShard, restoreShard, type Shard, type ShardOutput, type ShardQuery } from '../alerts/shard.js'
import type { LogEntry } from '../core/entry.js'
import type { LogPosition, UnixMs } from '../core/names.js'

/** One batch as one shard sees it. `lines[i]` is the JSON of the entry at `firstPosition + (indexes?.[i] ?? i)`. */
export interface ShardBatch {
  readonly firstPosition: LogPosition
  readonly lastPosition: LogPosition
  readonly nowMs: UnixMs
  readonly lines: readonly string[]
  readonly indexes?: readonly number[]
}

export type ShardCall =
  | { readonly kind: 'begin'; readonly position: LogPosition; readonly snapshot?: string }
  | { readonly kind: 'step'; readonly expects: LogPosition; readonly batches: readonly ShardBatch[] }
  | { readonly kind: 'read'; readonly expects: LogPosition; readonly queries: readonly ShardQuery[] }
  | { readonly kind: 'snapshot'; readonly expects: LogPosition }

export type ShardAnswer =
  | { readonly kind: 'lost' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'stepped'; readonly outputs: readonly ShardOutput[] }
  | { readonly kind: 'values'; readonly values: readonly unknown[] }
  | { readonly kind: 'snapshot'; readonly text: string }

let shard: Shard | undefined
let position = 0 as LogPosition

export default function answer(call: ShardCall): ShardAnswer {
  if (call.kind === 'begin') {
    shard = call.snapshot === undefined ? createShard() : restoreShard(call.snapshot)
    position = call.position
    return { kind: 'begun' }
  }
  if (!shard || call.expects !== position) return { kind: 'lost' }
  switch (call.kind) {
    case 'step':
      return { kind: 'stepped', outputs: stepAll(shard, call.batches) }
    case 'read': {
      const held = shard
      return { kind: 'values', values: call.queries.map((query) => held.read(query)) }
    }
    case 'snapshot':
      return { kind: 'snapshot', text: shard.snapshot() }
  }
}

function stepAll(held: Shard, batches: readonly ShardBatch[]): ShardOutput[] {
  return batches.map((batch) => {
    const entries = JSON.parse(`[${batch.lines.join(',')}]`) as LogEntry[]
    const items = entries.map((entry, i) => ({
      position: (batch.firstPosition + (batch.indexes?.[i] ?? i)) as LogPosition,
      entry,
    }))
    const output = held.step({ firstPosition: batch.firstPosition, nowMs: batch.nowMs, items })
    position = batch.lastPosition
    return output
  })
}
