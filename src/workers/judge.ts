/**
 * The judge: committed batches in, numbered transitions out, in order.
 *
 * Batches go to the engine (engine.ts), several in one call when the judge is behind. Reads and captures run between
 * calls, when all shards stand at the same position, so an answer is true at exactly one `n`.
 *
 * When the engine throws or a thread dies, the engine is rebuilt from the newest state and the log, and the batch is
 * tried once more. An entry that makes it throw again and again is found by bisection (poison.ts), set aside in the log,
 * and never judged; nothing is said that was judged without it before that is durable. Room node makes one judge.
 */
import { QwError } from '../core/errors.js'
import type { LogPosition, N } from '../core/names.js'
import type { CommittedBatch } from '../log/log.js'
import type { Capture, EngineState } from './capture.js'
import { Engine, type EngineSettings, type ReadValue, type Stepped } from './engine.js'
import type { ReadQuery } from './merge-reads.js'
import { findPoison } from './poison.js'
import { lastPositionOf, type Omits } from './routing.js'

export type { Capture, EngineState, Pieces } from './capture.js'
export type { ReadQuery } from './merge-reads.js'

/** What became of one batch. */
export type Judged = Stepped

/** An entry that the engine cannot take. */
export interface PoisonedEntry {
  readonly position: LogPosition
  readonly error: Error
}

export interface JudgeSettings extends EngineSettings {
  /** State to begin from; absent: from the log's first entry. */
  readonly state?: EngineState
  /** The newest kept state at or before `position`, to rebuild the engine from. */
  readonly stateBefore: (position: LogPosition) => Promise<EngineState | undefined>
  /** The log from `from`, to rebuild the engine. */
  readonly readLog: (from: LogPosition) => AsyncIterable<CommittedBatch>
  /** Positions that were set aside, as far as the log says so from `from` on. */
  readonly skippedFrom: (from: LogPosition) => Promise<Iterable<LogPosition>>
  /** Resolves when the log says durably that this entry is set aside. */
  readonly setAside: (poisoned: PoisonedEntry) => Promise<void>
  /** Told when the engine threw or a thread died, before it is rebuilt. */
  readonly onTrouble: (error: Error) => void
  /** At most so many entries go to the shards in one call. */
  readonly judgeCallEntriesMax: number
  /** At most so many reads wait; more are refused with QW_OVERLOADED. */
  readonly readsWaitingMax: number
  /** At most so many entries are set aside; beyond it the engine is at fault and not the entries. */
  readonly skippedEntriesMax: number
  readonly onJudged: (judged: Judged) => void
  /** The engine cannot go on, whatever is set aside: the process must end. */
  readonly onFatal: (error: Error) => void
}

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

/** What is done between two batches. */
interface Errand {
  /** Throws only what ends the judge. */
  readonly run: () => Promise<void>
  readonly reject: (error: Error) => void
}

/** Batches that were not judged, and what the engine threw at the first of them. */
interface Failure {
  readonly left: readonly CommittedBatch[]
  readonly error: Error
}

// A thread that dies of something passing does not die three times in a row.
const triesMax = 3

export class Judge {
  readonly #settings: JudgeSettings
  readonly #engine: Engine
  readonly #queue: CommittedBatch[] = []
  readonly #skipped = new Set<LogPosition>()
  readonly #omits: Omits = (position) => this.#skipped.has(position)
  #n = 0 as N
  #position = 0 as LogPosition
  #skippedLive = 0
  #rebuilds = 0
  #isRebuilding = false
  #backlogEntries = 0
  #reads: WaitingRead[] = []
  #errands: Errand[] = []
  #running: Promise<void> | undefined
  #failed: Error | undefined

  private constructor(settings: JudgeSettings) {
    this.#settings = settings
    this.#engine = new Engine(settings)
  }

  static async open(settings: JudgeSettings): Promise<Judge> {
    const judge = new Judge(settings)
    await judge.#begin(settings.state)
    judge.#n = judge.#engine.n
    judge.#position = judge.#engine.position
    judge.#engine.openGate()
    return judge
  }

  /** Number of the last transition that was handed on. */
  get n(): N {
    return this.#n
  }

  /** The last entry that was judged, and what follows from it handed on. */
  get position(): LogPosition {
    return this.#position
  }

  /** Entries committed and not judged yet. */
  get backlogEntries(): number {
    return this.#backlogEntries
  }

  /** Whether this entry was set aside, as far as this start has looked. */
  isSkipped(position: LogPosition): boolean {
    return this.#skipped.has(position)
  }

  /** All entries that were set aside from the state on that this start began from. */
  get skipped(): readonly LogPosition[] {
    return [...this.#skipped]
  }

  /** Entries that were set aside since this start. */
  get skippedEntries(): number {
    return this.#skippedLive
  }

  /** Times that the engine was built anew since this start. */
  get rebuilds(): number {
    return this.#rebuilds
  }

  /** True while nothing is judged because the engine is being built anew. */
  get isRebuilding(): boolean {
    return this.#isRebuilding
  }

  /** Takes the next committed batch. */
  submit(batch: CommittedBatch): void {
    this.#queue.push(batch)
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

  /** The engine as it stands between two batches. Its pieces are made between batches that come later. */
  async capture(): Promise<Capture> {
    return this.#between(async () => {
      const { position, n } = this.#engine
      const frozen = await this.#engine.freeze()
      const next = (sliceMs: number) => this.#between(() => this.#engine.next(frozen, sliceMs))
      return { position, n, shards: this.#settings.shards, next }
    })
  }

  /** Between two batches, when all of the engine stands at one position. */
  #between<T>(act: () => Promise<T>): Promise<T> {
    if (this.#failed) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      const run = async () => {
        try {
          resolve(await act())
        } catch (error) {
          reject(error)
          await this.#rebuildAfter(asError(error))
        }
      }
      this.#errands.push({ run, reject })
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
    await this.#engine.close()
  }

  #wake(): void {
    if (this.#running || this.#failed) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      if (this.#hasWork()) this.#wake()
    })
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || this.#reads.length > 0 || this.#errands.length > 0
  }

  async #run(): Promise<void> {
    try {
      while (this.#hasWork()) {
        if (this.#queue.length > 0) await this.#judgeNext()
        if (this.#reads.length > 0) await this.#answerReads()
        await this.#errands.shift()?.run()
      }
    } catch (error) {
      this.#failed = error as Error
      for (const { reject } of this.#reads.splice(0)) reject(this.#failed)
      for (const { reject } of this.#errands.splice(0)) reject(this.#failed)
      this.#settings.onFatal(this.#failed)
    }
  }

  /** As many batches as fit into one call. */
  #takeBatches(): CommittedBatch[] {
    let entries = 0
    let count = 0
    for (const batch of this.#queue) {
      entries += batch.entries.length
      if (count > 0 && entries > this.#settings.judgeCallEntriesMax) break
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  async #judgeNext(): Promise<void> {
    const failure = await this.#judge(this.#takeBatches())
    if (failure) await this.#judgeWithCare(failure)
  }

  /** Hands on what follows from each batch, up to the first that makes the engine throw. */
  async #judge(batches: readonly CommittedBatch[]): Promise<Failure | undefined> {
    const steps = this.#engine.step(batches, this.#skipped.size > 0 ? this.#omits : undefined)
    for (let done = 0; ; done++) {
      let next: IteratorResult<Stepped>
      try {
        next = await steps.next()
      } catch (error) {
        return { left: batches.slice(done), error: asError(error) }
      }
      if (next.done) return undefined
      this.#backlogEntries -= next.value.batch.entries.length
      this.#n = this.#engine.n
      this.#position = next.value.lastPosition
      this.#engine.openGate()
      this.#settings.onJudged(next.value)
    }
  }

  /** One batch after the other; what fails again although the engine is new has a poisonous entry in it. */
  async #judgeWithCare({ left, error }: Failure): Promise<void> {
    await this.#rebuildAfter(error)
    for (const batch of left) {
      let failure = await this.#judge([batch])
      for (let tries = 1; failure; tries++) {
        const found = await this.#setPoisonAside(batch, failure.error)
        if (found) tries = 0
        else if (tries >= triesMax) throw failure.error
        failure = await this.#judge([batch])
      }
    }
  }

  /** Leaves the engine before the batch. False when no entry of it made the engine throw this time. */
  async #setPoisonAside(batch: CommittedBatch, error: Error): Promise<boolean> {
    await this.#rebuildAfter(error)
    const state = await this.#engine.capture()
    const poison = await findPoison(batch.entries.length, async (entries) => {
      await this.#begin(state)
      return this.#trial(batch, (batch.firstPosition + entries) as LogPosition)
    })
    await this.#begin(state)
    if (!poison) return false
    if (this.#skippedLive >= this.#settings.skippedEntriesMax) throw poison.error
    const position = (batch.firstPosition + poison.index) as LogPosition
    await this.#settings.setAside({ position, error: poison.error })
    this.#skipped.add(position)
    this.#skippedLive += 1
    return true
  }

  /** What the engine throws when it is given the entries before `end`. */
  async #trial(batch: CommittedBatch, end: LogPosition): Promise<Error | undefined> {
    const omits: Omits = (position) => position >= end || this.#omits(position)
    try {
      await drain(this.#engine.step([batch], omits))
      return undefined
    } catch (error) {
      return asError(error)
    }
  }

  async #answerReads(): Promise<void> {
    const reads = this.#reads.splice(0)
    let values: readonly ReadValue[]
    try {
      values = await this.#engine.read(reads.map(({ query }) => query))
    } catch (first) {
      await this.#rebuildAfter(asError(first))
      values = await this.#readOneByOne(reads)
    }
    reads.forEach(({ resolve, reject }, index) => {
      const read = values[index] as ReadValue
      if ('failed' in read) reject(read.failed)
      else resolve({ n: this.#n, value: read.value })
    })
  }

  /** A question that kills the thread again is not asked a third time. */
  async #readOneByOne(reads: readonly WaitingRead[]): Promise<ReadValue[]> {
    const values: ReadValue[] = []
    for (const { query } of reads)
      try {
        values.push(...(await this.#engine.read([query])))
      } catch (error) {
        const failed = asError(error)
        await this.#rebuildAfter(failed)
        values.push({ failed })
      }
    return values
  }

  /** Back to where it stood after the last batch that was handed on. */
  async #rebuildAfter(error: Error): Promise<void> {
    this.#settings.onTrouble(error)
    this.#isRebuilding = true
    for (let tries = 1; ; tries++)
      try {
        await this.#rebuild()
        break
      } catch (again) {
        if (tries >= triesMax) throw again
      }
    this.#engine.openGate()
    this.#isRebuilding = false
  }

  /** Newest state plus the log; what the engine says on the way was said before. */
  async #rebuild(): Promise<void> {
    this.#rebuilds += 1
    const target = this.#position
    await this.#begin(await this.#settings.stateBefore(target))
    const from = (this.#engine.position + 1) as LogPosition
    if (from <= target)
      for await (const group of groupsOf(this.#settings.readLog(from), target, this.#settings.judgeCallEntriesMax))
        await drain(this.#engine.step(group, this.#omits))
    if (this.#engine.position !== target || this.#engine.n !== this.#n)
      throw new Error(`rebuilt at ${this.#engine.position}, n ${this.#engine.n}, not at ${target}, n ${this.#n}`)
  }

  async #begin(state: EngineState | undefined): Promise<void> {
    const from = ((state?.position ?? 0) + 1) as LogPosition
    for (const position of await this.#settings.skippedFrom(from)) this.#skipped.add(position)
    await this.#engine.begin(state)
  }
}

/** The batches up to `target`, as many in one group as go into one call. */
async function* groupsOf(
  batches: AsyncIterable<CommittedBatch>,
  target: LogPosition,
  entriesMax: number,
): AsyncGenerator<CommittedBatch[]> {
  let group: CommittedBatch[] = []
  let entries = 0
  for await (const batch of batches) {
    if (batch.firstPosition > target) break
    group.push(batch)
    entries += batch.entries.length
    if (entries < entriesMax && lastPositionOf(batch) < target) continue
    yield group
    group = []
    entries = 0
    if (lastPositionOf(batch) >= target) break
  }
  if (group.length > 0) yield group
}

async function drain(steps: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of steps);
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
