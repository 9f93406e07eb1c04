/**
 * The pure engine over a made-up log, on this thread: one shard, the fold, no thread, no text, no disk.
 *
 * Only the engine's own time is counted; the log is made in between. What it says is hashed when the record matters.
 */
import { createHash } from 'node:crypto'
import { createFold, type Fold, restoreFold } from '../../src/alerts/fold.js'
import { createShard, type Draft, goesToFold, restoreShard, type Shard, shardsOf } from '../../src/alerts/shard.js'
import type { LogPosition } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import type { MadeBatch } from './made-log.js'

export class EngineRun {
  #shard: Shard = createShard()
  #fold: Fold = createFold()
  readonly #hash = createHash('sha256')
  readonly #isHashed: boolean
  #nanoseconds = 0n
  #longestNs = 0n
  entries = 0
  transitions = 0
  position = 0 as LogPosition

  constructor({ hashed }: { readonly hashed: boolean }) {
    this.#isHashed = hashed
  }

  take({ firstPosition, nowMs, entries }: MadeBatch): readonly Transition[] {
    const lastPosition = (firstPosition + entries.length - 1) as LogPosition
    const items = entries.map((entry, i) => ({ position: (firstPosition + i) as LogPosition, entry }))
    const ofShard = items.filter(({ entry }) => shardsOf(entry, 1) !== 'none')
    const ofFold = items.filter(({ entry }) => goesToFold(entry))
    const from = process.hrtime.bigint()
    const outputs = [this.#shard.step({ firstPosition, nowMs, items: ofShard })]
    const entryAt = (position: LogPosition) => entries[position - firstPosition]
    const feeds = this.#fold.begin({ firstPosition, lastPosition, nowMs, items: ofFold, entryAt }, outputs)
    const fed = feeds.length === 0 ? [] : [this.#shard.feed(lastPosition, feeds)]
    const { transitions } = this.#fold.end(fed)
    const tookNs = process.hrtime.bigint() - from
    this.#nanoseconds += tookNs
    if (tookNs > this.#longestNs) this.#longestNs = tookNs
    this.entries += entries.length
    this.transitions += transitions.length
    this.position = lastPosition
    if (this.#isHashed) for (const transition of transitions) this.#hash.update(JSON.stringify(transition))
    return transitions
  }

  /** What was counted so far begins anew: the standing city is no part of the figure. */
  restartClock(): void {
    this.#nanoseconds = 0n
    this.#longestNs = 0n
    this.entries = 0
    this.transitions = 0
  }

  /** What stands now, of the shard and of the fold. */
  freeze(): Draft[] {
    return [this.#shard.freeze(), this.#fold.freeze()]
  }

  /** Everything through text and back, as at a restart. */
  restore(): void {
    this.#shard = restoreShard(this.#shard.snapshot())
    this.#fold = restoreFold(this.#fold.snapshot())
  }

  get seconds(): number {
    return Number(this.#nanoseconds) / 1e9
  }

  get longestBatchMs(): number {
    return Number(this.#longestNs) / 1e6
  }

  /** SHA-256 over all transitions, in order. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}
