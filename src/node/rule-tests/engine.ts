/**
 * The whole engine on one thread: any count of shards, one fold, batches in, numbered transitions out.
 *
 * What room workers does with threads, positions and rebuilding, in the plain: the same routes, steps and feeds, so what
 * a rule test sees is what the service would say. Rule tests run on it, and the tests of room alerts.
 */
import { createFold, type Fold, type FoldQuery, restoreFold } from '../../alerts/fold.js'
import {
  createShard,
  goesToFold,
  restoreShard,
  type Shard,
  type ShardOutput,
  type ShardQuery,
  shardsOf,
} from '../../alerts/shard.js'
import type { LogEntry } from '../../core/entry.js'
import type { LogPosition, UnixMs } from '../../core/names.js'
import type { Transition } from '../../core/transition.js'

export interface WorldBatch {
  readonly nowMs: UnixMs
  readonly entries: readonly LogEntry[]
}

export class Engine {
  shards: Shard[]
  fold: Fold
  readonly transitions: Transition[] = []
  /** When the engine wants to be woken, by its last word. */
  nextDeadlineMs: UnixMs | undefined
  #position = 0

  constructor(shards = 1) {
    this.shards = Array.from({ length: shards }, createShard)
    this.fold = createFold()
  }

  step({ nowMs, entries }: WorldBatch): Transition[] {
    const firstPosition = (this.#position + 1) as LogPosition
    const items = entries.map((entry, i) => ({ position: (firstPosition + i) as LogPosition, entry }))
    this.#position += entries.length
    const outputs: ShardOutput[] = this.shards.map((shard, index) =>
      shard.step({
        firstPosition,
        nowMs,
        items: items.filter(({ entry }) => ['all', index].includes(shardsOf(entry, this.shards.length))),
      }),
    )
    const lastPosition = this.#position as LogPosition
    const ofFold = items.filter(({ entry }) => goesToFold(entry))
    const entryAt = (position: LogPosition) => entries[position - firstPosition]
    const feeds = this.fold.begin({ firstPosition, lastPosition, nowMs, items: ofFold, entryAt }, outputs)
    const fed = feeds.length === 0 ? [] : this.shards.map((shard) => shard.feed(lastPosition, feeds))
    const { transitions, nextDeadlineMs } = this.fold.end(fed)
    this.nextDeadlineMs = nextDeadlineMs
    this.transitions.push(...transitions)
    return transitions
  }

  run(batches: readonly WorldBatch[]): this {
    for (const batch of batches) this.step(batch)
    return this
  }

  /** Everything through text and back, as at a restart. */
  restart(): this {
    this.shards = this.shards.map((shard) => restoreShard(shard.snapshot()))
    this.fold = restoreFold(this.fold.snapshot())
    return this
  }

  snapshot(): string {
    return JSON.stringify([this.shards.map((shard) => shard.snapshot()), this.fold.snapshot()])
  }

  /** The answers of all shards, lists joined. */
  read(query: ShardQuery): unknown {
    const answers = this.shards.map((shard) => this.fold.withNumbers(query, shard.read(query)))
    return query.kind === 'unit' ? answers.find((answer) => answer !== undefined) : answers.flat()
  }

  readFold(query: FoldQuery): unknown {
    return this.fold.read(query)
  }
}
