/**
 * One engine shard as it stands behind a call: it holds the shard and its position, and does what it is told.
 *
 * Every call states the log position it expects. Piscina replaces a dead thread with an empty one without a word, so a
 * mismatch is answered with `lost` and the judge rebuilds the engine. shard-thread.ts puts one into each thread; a
 * simulation holds them in its own.
 */
import {
  beginRestore,
  createShard,
  type Draft,
  type FedOutput,
  type Feed,
  type Shard,
  type ShardOutput,
  type ShardQuery,
  type ShardRestore,
} from '../alerts/shard.js'
import type { LogEntry } from '../core/entry.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { GateWriter, type ShardMemory } from './gate-board.js'

/** One batch as one shard sees it. `lines[i]` is the JSON of the entry at `firstPosition + (indexes?.[i] ?? i)`. */
export interface ShardBatch {
  readonly firstPosition: LogPosition
  readonly lastPosition: LogPosition
  readonly nowMs: UnixMs
  readonly lines: readonly string[]
  readonly indexes?: readonly number[]
}

export type ShardCall =
  | {
      readonly kind: 'begin'
      readonly position: LogPosition
      /** With pieces of a snapshot that come next; it stands nowhere before the last of them. */
      readonly restores: boolean
      /** Where the gate reads; absent when nobody asks. */
      readonly gate?: ShardMemory
    }
  | { readonly kind: 'restore'; readonly bytes: Uint8Array; readonly isLast: boolean }
  | { readonly kind: 'step'; readonly expects: LogPosition; readonly batches: readonly ShardBatch[] }
  /** After the step that ended at `expects`. */
  | { readonly kind: 'feed'; readonly expects: LogPosition; readonly feeds: readonly Feed[] }
  | { readonly kind: 'read'; readonly expects: LogPosition; readonly queries: readonly ShardQuery[] }
  /** What stands now is what the next pieces are of. */
  | { readonly kind: 'freeze'; readonly expects: LogPosition }
  | { readonly kind: 'piece'; readonly expects: LogPosition; readonly sliceMs: number }

/** What was read, or what the reading threw: one question must not spoil its neighbours'. */
export type ShardValue = { readonly value: unknown } | { readonly failed: unknown }

export type ShardAnswer =
  | { readonly kind: 'lost' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'stepped'; readonly outputs: readonly ShardOutput[] }
  | { readonly kind: 'fed'; readonly output: FedOutput }
  | { readonly kind: 'values'; readonly values: readonly ShardValue[] }
  | { readonly kind: 'frozen' }
  /** Without bytes: it was the last one before. */
  | { readonly kind: 'piece'; readonly bytes: Uint8Array }
  /** More changed at once than a draft may keep. */
  | { readonly kind: 'givenUp' }

// The clock is looked at so often: 32 units take about 0.2 ms.
const unitsPerLook = 32

export class ShardHost {
  #shard: Shard | undefined
  #restore: ShardRestore | undefined
  #draft: Draft | undefined
  #position = 0 as LogPosition
  #gate: GateWriter | undefined

  answer(call: ShardCall): ShardAnswer {
    if (call.kind === 'begin') {
      this.#shard = call.restores ? undefined : createShard()
      this.#restore = call.restores ? beginRestore() : undefined
      this.#draft = undefined
      this.#position = call.position
      this.#gate = call.gate && new GateWriter(call.gate)
      this.#gate?.begin()
      if (this.#shard) this.#show(this.#shard, 'all')
      return { kind: 'begun' }
    }
    if (call.kind === 'restore') return this.#takePiece(call.bytes, call.isLast)
    const shard = this.#shard
    if (!shard || call.expects !== this.#position) return { kind: 'lost' }
    switch (call.kind) {
      case 'step':
        return { kind: 'stepped', outputs: this.#wholly(() => call.batches.map((batch) => this.#step(shard, batch))) }
      case 'feed':
        return { kind: 'fed', output: this.#wholly(() => this.#feed(shard, call.expects, call.feeds)) }
      case 'read':
        return { kind: 'values', values: call.queries.map((query) => readOne(shard, query)) }
      case 'freeze':
        this.#draft = shard.freeze()
        return { kind: 'frozen' }
      case 'piece':
        return this.#draft ? writePiece(this.#draft, call.sliceMs) : { kind: 'lost' }
    }
  }

  #takePiece(bytes: Uint8Array, isLast: boolean): ShardAnswer {
    const restore = this.#restore
    if (!restore) return { kind: 'lost' }
    restore.add(decoder.decode(bytes))
    if (isLast) {
      this.#shard = restore.end()
      this.#restore = undefined
      this.#show(this.#shard, 'all')
    }
    return { kind: 'begun' }
  }

  /** What threw half way is no state that anybody may be answered from. */
  #wholly<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      this.#shard = undefined
      throw error
    }
  }

  #step(shard: Shard, { firstPosition, lastPosition, nowMs, lines, indexes }: ShardBatch): ShardOutput {
    const entries = JSON.parse(`[${lines.join(',')}]`) as LogEntry[]
    const items = entries.map((entry, i) => ({
      position: (firstPosition + (indexes?.[i] ?? i)) as LogPosition,
      entry,
    }))
    const output = shard.step({ firstPosition, nowMs, items })
    this.#position = lastPosition
    this.#show(shard, 'touched')
    return output
  }

  #feed(shard: Shard, position: LogPosition, feeds: readonly Feed[]): FedOutput {
    const output = shard.feed(position, feeds)
    this.#show(shard, 'touched')
    return output
  }

  #show(shard: Shard, of: 'all' | 'touched'): void {
    if (this.#gate) shard.gateRows(of, this.#gate.write)
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** As much as is written in that time. */
function writePiece(draft: Draft, sliceMs: number): ShardAnswer {
  const endMs = performance.now() + sliceMs
  let text = ''
  do {
    const lines = draft.next(unitsPerLook)
    if (lines === undefined) return { kind: 'givenUp' }
    if (lines === '') break
    text += lines
  } while (performance.now() < endMs)
  return { kind: 'piece', bytes: encoder.encode(text) }
}

function readOne(shard: Shard, query: ShardQuery): ShardValue {
  try {
    return { value: shard.read(query) }
  } catch (failed) {
    return { failed }
  }
}
