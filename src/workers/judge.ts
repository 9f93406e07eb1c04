/**
 * The judge: committed batches in, numbered transitions out, in order.
 *
 * Batches go to the shards' threads, several in one call when the judge is behind; the fold on this thread merges what
 * they say, judges figures over units, and numbers. Reads and captures run between calls, when all shards stand at the
 * same position, so an answer is true at exactly one `n`.
 */
import { createFold, type Fold, restoreFold } from '../alerts/fold.js'
import type { ShardOutput, ShardQuery } from '../alerts/shard.js'
import { QwError } from '../core/errors.js'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import type { CommittedBatch } from '../log/log.js'
import { mergeReads, type ReadQuery, shardQueryOf } from './merge-reads.js'
import { type RoutedBatch, routeBatch } from './routing.js'
import type { ShardAnswer, ShardCall } from './shard-host.js'
import { openShardPool, type ShardPool } from './shard-pool.js'

/** The engine's state at a position: what a snapshot keeps. */
export interface EngineState {
  readonly position: LogPosition
  /** The last transition up to there. */
  readonly n: N
  readonly shards: readonly string[]
  readonly fold: string
}

export interface JudgeSettings {
  readonly shards: number
  /** State to begin from; absent: from the log's first entry. */
  readonly state?: EngineState
  /** The newest kept state at or before `position`, to rebuild a shard whose thread was replaced. */
  readonly stateBefore: (position: LogPosition) => Promise<EngineState | undefined>
  /** The log from `from`, to rebuild a shard. */
  readonly readLog: (from: LogPosition) => AsyncIterable<CommittedBatch>
  /** At most so many entries go to the shards in one call. */
  readonly callEntriesMax: number
  /** At most so many reads wait; more are refused with QW_OVERLOADED. */
  readonly readsWaitingMax: number
  /** Where a shard lives: on a thread, unless a simulation takes its place. */
  readonly openPool?: (shard: number) => ShardPool
  readonly onJudged: (judged: Judged) => void
  /** The engine threw, or a shard could not be rebuilt: the process must end. */
  readonly onFatal: (error: Error) => void
}

export interface Judged {
  readonly batch: CommittedBatch
  readonly lastPosition: LogPosition
  readonly transitions: readonly Transition[]
  /** When the engine's next deadline passes; absent when none is set. */
  readonly nextDeadlineMs?: UnixMs
}

export type { ReadQuery } from './merge-reads.js'

/** `value` is true after transition `n`. */
export interface Answer {
  readonly n: N
  readonly value: unknown
}

interface WaitingRead {
  readonly query: ReadQuery
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

export class Judge {
  readonly #settings: JudgeSettings
  readonly #pools: readonly ShardPool[]
  readonly #fold: Fold
  readonly #queue: RoutedBatch[] = []
  #position: LogPosition
  #backlogEntries = 0
  #reads: WaitingRead[] = []
  #captures: ((state: Promise<EngineState>) => void)[] = []
  #running: Promise<void> | undefined
  #failed: Error | undefined

  private constructor(settings: JudgeSettings, pools: readonly ShardPool[]) {
    this.#settings = settings
    this.#pools = pools
    this.#fold = settings.state ? restoreFold(settings.state.fold) : createFold()
    this.#position = settings.state?.position ?? (0 as LogPosition)
  }

  static async open(settings: JudgeSettings): Promise<Judge> {
    if (settings.state && settings.state.shards.length !== settings.shards)
      throw new Error(`state of ${settings.state.shards.length} shards given to ${settings.shards}`)
    const openPool = settings.openPool ?? openShardPool
    const pools = Array.from({ length: settings.shards }, (_, shard) => openPool(shard))
    const judge = new Judge(settings, pools)
    await Promise.all(pools.map((_, shard) => judge.#begin(shard, settings.state)))
    return judge
  }

  /** Number of the last transition. */
  get n(): N {
    return this.#fold.n
  }

  /** The last entry that was judged. */
  get position(): LogPosition {
    return this.#position
  }

  /** Entries committed and not judged yet. */
  get backlogEntries(): number {
    return this.#backlogEntries
  }

  /** Topic -> its last n. */
  heads(): Readonly<Record<string, N>> {
    return this.#fold.heads()
  }

  /** Takes the next committed batch. */
  submit(batch: CommittedBatch): void {
    this.#queue.push(routeBatch(batch, this.#settings.shards))
    this.#backlogEntries += batch.entries.length
    this.#wake()
  }

  /** Answers between batches, true at `n`. Everything submitted before is counted in. */
  read(query: ReadQuery): Promise<Answer> {
    if (this.#failed) return Promise.reject(this.#failed)
    if (this.#reads.length >= this.#settings.readsWaitingMax)
      return Promise.reject(new QwError('QW_OVERLOADED', { queue: 'reads' }))
    return new Promise((resolve, reject) => {
      this.#reads.push({ query, resolve, reject })
      this.#wake()
    })
  }

  /** The engine's state between batches. */
  async capture(): Promise<EngineState> {
    return new Promise<EngineState>((resolve) => {
      this.#captures.push(resolve)
      this.#wake()
    })
  }

  /** Resolves when everything submitted is judged. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running
  }

  /** Judges what was submitted, then ends the threads. */
  async close(): Promise<void> {
    await this.drained()
    await Promise.all(this.#pools.map((pool) => pool.close()))
  }

  #wake(): void {
    if (this.#running || this.#failed) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      if (this.#hasWork()) this.#wake()
    })
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || this.#reads.length > 0 || this.#captures.length > 0
  }

  async #run(): Promise<void> {
    try {
      while (this.#hasWork()) {
        if (this.#queue.length > 0) await this.#judgeNext()
        if (this.#reads.length > 0) await this.#answerReads()
        for (const resolve of this.#captures.splice(0)) {
          const state = this.#state()
          resolve(state)
          await state
        }
      }
    } catch (error) {
      this.#failed = error as Error
      for (const { reject } of this.#reads.splice(0)) reject(this.#failed)
      for (const resolve of this.#captures.splice(0)) resolve(Promise.reject(this.#failed))
      this.#settings.onFatal(this.#failed)
    }
  }

  /** As many batches as fit into one call. */
  #takeBatches(): RoutedBatch[] {
    let entries = 0
    let count = 0
    for (const { batch } of this.#queue) {
      entries += batch.entries.length
      if (count > 0 && entries > this.#settings.callEntriesMax) break
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  async #judgeNext(): Promise<void> {
    const group = this.#takeBatches()
    const outputs = await Promise.all(this.#pools.map((_, shard) => this.#step(shard, group)))
    group.forEach((routed, i) => {
      const { transitions, nextDeadlineMs } = this.#fold.step(
        {
          firstPosition: routed.batch.firstPosition,
          lastPosition: routed.lastPosition,
          nowMs: routed.batch.nowMs,
          items: routed.fold,
        },
        outputs.map((ofShard) => ofShard[i] as ShardOutput),
      )
      this.#position = routed.lastPosition
      this.#backlogEntries -= routed.batch.entries.length
      this.#settings.onJudged({
        batch: routed.batch,
        lastPosition: routed.lastPosition,
        transitions,
        ...(nextDeadlineMs === undefined ? {} : { nextDeadlineMs }),
      })
    })
  }

  async #step(shard: number, group: readonly RoutedBatch[]): Promise<readonly ShardOutput[]> {
    const batches = group.map((routed) => routed.shards[shard] as RoutedBatch['shards'][number])
    const answer = await this.#call(shard, { kind: 'step', expects: this.#position, batches })
    return answer.kind === 'stepped' ? answer.outputs : unexpected(answer)
  }

  async #answerReads(): Promise<void> {
    const reads = this.#reads.splice(0)
    const queries = reads.map(({ query }) => shardQueryOf(query)).filter((query) => query !== undefined)
    const answers =
      queries.length === 0 ? [] : await Promise.all(this.#pools.map((_, s) => this.#readShard(s, queries)))
    let next = 0
    for (const { query, resolve } of reads) {
      const at = shardQueryOf(query) === undefined ? undefined : next++
      const ofShards = at === undefined ? [] : answers.map((ofShard) => ofShard[at])
      resolve({ n: this.#fold.n, value: mergeReads(query, ofShards, this.#fold) })
    }
  }

  async #readShard(shard: number, queries: readonly ShardQuery[]): Promise<readonly unknown[]> {
    const answer = await this.#call(shard, { kind: 'read', expects: this.#position, queries })
    return answer.kind === 'values' ? answer.values : unexpected(answer)
  }

  async #state(): Promise<EngineState> {
    const position = this.#position
    const n = this.#fold.n
    const fold = this.#fold.snapshot()
    const shards = await Promise.all(
      this.#pools.map(async (_, shard) => {
        const answer = await this.#call(shard, { kind: 'snapshot', expects: position })
        return answer.kind === 'snapshot' ? answer.text : unexpected(answer)
      }),
    )
    return { position, n, shards, fold }
  }

  /** One call; when the thread died or was replaced, the shard is rebuilt and the call made once more. */
  async #call(shard: number, call: ShardCall): Promise<ShardAnswer> {
    const pool = this.#pools[shard] as ShardPool
    try {
      const answer = await pool.call(call)
      if (answer.kind !== 'lost') return answer
    } catch (error) {
      if (!isThreadDeath(error)) throw error
    }
    await this.#rebuild(shard)
    const answer = await pool.call(call)
    if (answer.kind === 'lost') throw new Error(`shard ${shard} is lost again at position ${this.#position}`)
    return answer
  }

  async #begin(shard: number, state: EngineState | undefined): Promise<void> {
    const snapshot = state?.shards[shard]
    const position = state?.position ?? (0 as LogPosition)
    const call: ShardCall = { kind: 'begin', position, ...(snapshot === undefined ? {} : { snapshot }) }
    const answer = await (this.#pools[shard] as ShardPool).call(call)
    if (answer.kind !== 'begun') unexpected(answer)
  }

  /** Newest state plus the log up to where the others stand; what the shard says on the way was said before. */
  async #rebuild(shard: number): Promise<void> {
    const target = this.#position
    const state = await this.#settings.stateBefore(target)
    await this.#begin(shard, state)
    let at = state?.position ?? (0 as LogPosition)
    if (at >= target) return
    for await (const batch of this.#settings.readLog((at + 1) as LogPosition)) {
      const routed = routeBatch(batch, this.#settings.shards)
      if (routed.lastPosition <= at) continue
      if (batch.firstPosition > target) break
      const batches = [routed.shards[shard] as RoutedBatch['shards'][number]]
      const answer = await (this.#pools[shard] as ShardPool).call({ kind: 'step', expects: at, batches })
      if (answer.kind !== 'stepped') unexpected(answer)
      at = routed.lastPosition
    }
  }
}

function unexpected(answer: ShardAnswer): never {
  throw new Error(`a shard answered ${answer.kind}`)
}

/** Piscina rejects the running task with the worker's exit; an error of the engine itself comes through as it was. */
function isThreadDeath(error: unknown): boolean {
  const text = error instanceof Error ? error.message : ''
  return /worker.*(exit|terminat)|ERR_WORKER_OUT_OF_MEMORY|memory limit/i.test(text)
}
