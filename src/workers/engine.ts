/**
 * All of the engine at one position of the log: its shards on their threads, and the fold on this one.
 *
 * Whatever throws here leaves it half way: whoever calls (judge.ts) then begins it anew from a state. Nothing of it is
 * decided here.
 */
import { createFold, type Fold, restoreFoldFrom } from '../alerts/fold.js'
import type { Draft, Feed, ShardOutput, ShardQuery } from '../alerts/shard.js'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import type { CommittedBatch } from '../log/log.js'
import type { Captured, EngineState, Piece, Pieces } from './capture.js'
import { GateCommonWriter, type GateMemory, type ShardMemory } from './gate-board.js'
import { mergeReads, type ReadQuery, shardQueryOf } from './merge-reads.js'
import { groupsBetweenFeeds, type Omits, type RoutedBatch, routeBatch } from './routing.js'
import type { ShardAnswer, ShardCall, ShardValue } from './shard-host.js'
import { openShardPool, type ShardPool, type ShardPoolSettings } from './shard-pool.js'

export interface EngineSettings extends ShardPoolSettings {
  readonly shards: number
  /** Where a shard lives: on a thread, unless a simulation takes its place. */
  readonly openPool?: (shard: number) => ShardPool
  /** Where the gate reads, of as many shards; absent when nobody asks. */
  readonly gate?: GateMemory
}

/** What became of one batch. */
export interface Stepped {
  readonly batch: CommittedBatch
  readonly lastPosition: LogPosition
  readonly transitions: readonly Transition[]
  /** When the engine's next deadline passes; absent when none is set. */
  readonly nextDeadlineMs?: UnixMs
}

/** What of the state as it stood was not fetched yet. */
interface Frozen {
  readonly fold: Draft
  /** Sections of which all was fetched. */
  readonly done: Set<number>
}

// A line of it takes about 0.5 us.
const foldLinesPerPiece = 1000
// When nothing else waits for the engine.
const wholeSliceMs = 100

/** A value that was read, or why it could not be. */
export type ReadValue = { readonly value: unknown } | { readonly failed: Error }

export class Engine {
  readonly #pools: readonly ShardPool[]
  readonly #gate: GateMemory | undefined
  readonly #gateCommon: GateCommonWriter | undefined
  #fold: Fold = createFold()
  #position = 0 as LogPosition
  /** One at a time: shards keep what changes for one. */
  #frozen: Frozen | undefined

  /** It stands nowhere before `begin`. */
  constructor(settings: EngineSettings) {
    const openPool = settings.openPool ?? ((shard) => openShardPool(shard, settings))
    this.#pools = Array.from({ length: settings.shards }, (_, shard) => openPool(shard))
    this.#gate = settings.gate
    this.#gateCommon = settings.gate && new GateCommonWriter(settings.gate)
  }

  /** Number of the last transition. */
  get n(): N {
    return this.#fold.n
  }

  /** The last entry that the fold has taken. */
  get position(): LogPosition {
    return this.#position
  }

  /** Takes the place of whatever it held. Undefined: from before the log's first entry. */
  async begin(state: EngineState | undefined): Promise<void> {
    if (state && state.shards.length !== this.#pools.length)
      throw new Error(`state of ${state.shards.length} shards given to ${this.#pools.length}`)
    this.#frozen = undefined
    const position = state?.position ?? (0 as LogPosition)
    this.#gateCommon?.shut()
    await this.#each((pool, shard) => beginShard(pool, position, state?.shards[shard], this.#gate?.shards[shard]))
    this.#fold = state ? restoreFoldFrom(textOf(state.fold)) : createFold()
    this.#position = position
  }

  /**
   * The next batches, in one call to each shard. What follows from them is given one batch after the other, so what was
   * given before something threw holds good. `omits`: entries that are not judged.
   */
  async *step(batches: readonly CommittedBatch[], omits?: Omits): AsyncGenerator<Stepped> {
    for (const group of groupsBetweenFeeds(batches)) {
      const routed = group.map((batch) => routeBatch(batch, this.#pools.length, omits))
      const outputs = await this.#each((pool, shard) => stepShard(pool, shard, this.#position, routed))
      for (const [index, of] of routed.entries()) {
        const ofShards = outputs.map((ofShard) => ofShard[index] as ShardOutput)
        yield await this.#foldIn(of, ofShards, index === routed.length - 1)
      }
    }
  }

  /** `isLast`: the shards stand where the batch ends, so they may be fed. */
  async #foldIn(
    { batch, lastPosition, fold: items }: RoutedBatch,
    outputs: readonly ShardOutput[],
    isLast: boolean,
  ): Promise<Stepped> {
    const { firstPosition, nowMs } = batch
    const entryAt = (position: LogPosition) => batch.entries[position - firstPosition]
    const feeds = this.#fold.begin({ firstPosition, lastPosition, nowMs, items, entryAt }, outputs)
    if (feeds.length > 0 && !isLast) throw new Error(`feeds after ${lastPosition} came too late`)
    const fed = feeds.length === 0 ? [] : await this.#each((pool) => feedShard(pool, lastPosition, feeds))
    const folded = this.#fold.end(fed)
    this.#position = lastPosition
    return { batch, lastPosition, ...folded }
  }

  /** Lets the gate answer from here: it stands where its last answer was, or further. */
  openGate(): void {
    this.#gateCommon?.write(this.#fold.n, this.#fold.nowMs, this.#fold.gateCommon())
  }

  /** One value for each query, all true at the same `n`. */
  async read(queries: readonly ReadQuery[]): Promise<ReadValue[]> {
    const asked = queries.map(shardQueryOf).filter((query) => query !== undefined)
    const answers = asked.length === 0 ? [] : await this.#each((pool) => readShard(pool, this.#position, asked))
    let next = 0
    return queries.map((query) => {
      const at = shardQueryOf(query) === undefined ? undefined : next++
      return this.#merged(query, at === undefined ? [] : answers.map((ofShard) => ofShard[at] as ShardValue))
    })
  }

  #merged(query: ReadQuery, ofShards: readonly ShardValue[]): ReadValue {
    try {
      const values = ofShards.map((of) => {
        if ('failed' in of) throw of.failed
        return of.value
      })
      return { value: mergeReads(query, values, this.#fold) }
    } catch (error) {
      return { failed: error as Error }
    }
  }

  /** What stands now is what `next` gives of it, whatever steps come in between. */
  async freeze(): Promise<Frozen> {
    const frozen: Frozen = { fold: this.#fold.freeze(), done: new Set() }
    await this.#each(async (pool) => {
      const answer = await pool.call({ kind: 'freeze', expects: this.#position })
      if (answer.kind !== 'frozen') unexpected(answer)
    })
    this.#frozen = frozen
    return frozen
  }

  /** A piece of each section that is not whole yet; a shard writes for so long. */
  async next(frozen: Frozen, sliceMs: number): Promise<Captured> {
    if (frozen !== this.#frozen) return { kind: 'givenUp', reason: 'the engine was begun anew' }
    const pieces: Piece[] = []
    const take = (section: number, bytes: Uint8Array) => {
      if (bytes.length > 0) pieces.push({ section, bytes })
      else frozen.done.add(section)
    }
    if (!frozen.done.has(0)) take(0, encoder.encode(frozen.fold.next(foldLinesPerPiece)))
    const answers = await this.#each(async (pool, shard) => {
      if (frozen.done.has(shard + 1)) return undefined
      return pool.call({ kind: 'piece', expects: this.#position, sliceMs })
    })
    for (const [shard, answer] of answers.entries()) {
      if (answer?.kind === 'givenUp') return { kind: 'givenUp', reason: `too much changed at once in shard ${shard}` }
      if (answer) take(shard + 1, answer.kind === 'piece' ? answer.bytes : unexpected(answer))
    }
    return pieces.length > 0 ? { kind: 'pieces', pieces } : { kind: 'whole' }
  }

  /** The state as it is now, whole. */
  async capture(): Promise<EngineState> {
    const [position, n, frozen] = [this.#position, this.n, await this.freeze()]
    const sections: Uint8Array[][] = [[], ...this.#pools.map(() => [])]
    for (;;) {
      const captured = await this.next(frozen, wholeSliceMs)
      if (captured.kind === 'givenUp') throw new Error(captured.reason)
      if (captured.kind === 'whole') break
      for (const { section, bytes } of captured.pieces) sections[section]?.push(bytes)
    }
    const [fold = [], ...shards] = sections
    return { position, n, fold, shards }
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()))
  }

  /** All shards at once; when one fails, only after the others are done, so that nothing of it is still under way. */
  async #each<T>(call: (pool: ShardPool, shard: number) => Promise<T>): Promise<T[]> {
    const settled = await Promise.allSettled(this.#pools.map(call))
    return settled.map((each) => {
      if (each.status === 'rejected') throw each.reason
      return each.value
    })
  }
}

const encoder = new TextEncoder()

function* textOf(pieces: Pieces): Generator<string> {
  const decoder = new TextDecoder()
  for (const piece of pieces) yield decoder.decode(piece)
}

/** Without pieces: empty. */
async function beginShard(
  pool: ShardPool,
  position: LogPosition,
  pieces: Pieces | undefined,
  gate: ShardMemory | undefined,
): Promise<void> {
  const begun = await pool.call({ kind: 'begin', position, restores: pieces !== undefined, ...(gate ? { gate } : {}) })
  if (begun.kind !== 'begun') unexpected(begun)
  for (const [index, bytes] of (pieces ?? []).entries()) {
    const answer = await pool.call({ kind: 'restore', bytes, isLast: index === (pieces?.length ?? 0) - 1 })
    if (answer.kind !== 'begun') unexpected(answer)
  }
}

async function stepShard(pool: ShardPool, shard: number, expects: LogPosition, group: readonly RoutedBatch[]) {
  const batches = group.map((routed) => routed.shards[shard] as RoutedBatch['shards'][number])
  const answer = await pool.call({ kind: 'step', expects, batches })
  return answer.kind === 'stepped' ? answer.outputs : unexpected(answer)
}

async function feedShard(pool: ShardPool, expects: LogPosition, feeds: readonly Feed[]) {
  const answer = await pool.call({ kind: 'feed', expects, feeds })
  return answer.kind === 'fed' ? answer.output : unexpected(answer)
}

async function readShard(pool: ShardPool, expects: LogPosition, queries: readonly ShardQuery[]) {
  const call: ShardCall = { kind: 'read', expects, queries }
  const answer = await pool.call(call)
  return answer.kind === 'values' ? answer.values : unexpected(answer)
}

function unexpected(answer: ShardAnswer): never {
  throw new Error(answer.kind === 'lost' ? 'a shard was lost' : `a shard answered ${answer.kind}`)
}
