/**
 * When a snapshot is made: after so many entries, and at a clean stop. One at a time.
 *
 * The engine's state is fetched piece by piece while it goes on, with a pause after each piece, so that no batch waits
 * longer than for one of them; what was fetched is on its way to the disk before more is asked for.
 */
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { LogPosition, UnixMs } from '../core/names.js'
import { type Sequencer, snapshotSequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Capture, Judge } from '../workers/judge.js'
import { listSnapshots } from '../workers/snapshot-file.js'
import { dataPaths } from './data-directory.js'
import type { Foundation } from './foundation.js'
import { StateWriter } from './snapshots.js'
import type { Standing } from './standing.js'

export interface SnapshotterParts {
  readonly directory: string
  readonly keep: number
  readonly everyEntries: number
  /** So long a shard writes between two batches, and so long is waited after it. */
  readonly sliceMs: number
  /** A capture that was given up. */
  readonly warn: (message: string) => void
  /** A snapshot that is large is made more rarely: it may cost so many bytes for each entry since the last. */
  readonly bytesPerEntryMax: number
  /** Segments of the log behind the oldest snapshot and older than this are deleted; 0 keeps all. */
  readonly logKeepMs: number
  /** The oldest entry that the store's writer may still read; undefined when there is none. */
  readonly logNeededFrom: () => LogPosition | undefined
  readonly log: Log
  readonly record: TransitionRecord
  readonly judge: Judge
  readonly sequencer: Sequencer
  readonly standing: Standing
}

// A whole shard changes at a policy, at rules, at midnight: not three times in a row.
const triesMax = 3
// At the end there are no batches that could wait.
const lastSliceMs = 100

export class Snapshotter {
  readonly #parts: SnapshotterParts
  #last: LogPosition
  /** Of the last one that was made by this process. */
  #bytes = 0
  /** Where the last try began: one that failed is not tried again with every batch. */
  #tried = 0
  #isLast = false
  #writing: Promise<void> | undefined
  /** Why there was none at the last try. */
  failure: string | undefined
  /** Tries that came to nothing. */
  failures = 0

  /** `last`: position of the newest snapshot there is. */
  constructor(parts: SnapshotterParts, last: LogPosition) {
    this.#parts = parts
    this.#last = last
  }

  /** Of a core that stands on this. `logNeededFrom` as in `SnapshotterParts`. */
  static of(base: Foundation, standing: Standing, logNeededFrom: () => LogPosition | undefined): Snapshotter {
    const { begin, log, record, recovered, logger } = base
    const { config } = begin
    const { judge, sequencer, statePosition } = recovered
    const parts = {
      directory: dataPaths(config.dataDirectory).snapshotPath,
      keep: config.snapshotsKept,
      everyEntries: config.snapshotEveryEntries,
      sliceMs: config.snapshotSliceMs,
      warn: (message: string) => logger.warn(message),
      bytesPerEntryMax: config.snapshotPerEntryBytesMax,
      logKeepMs: config.logKeepMs,
    }
    return new Snapshotter({ ...parts, logNeededFrom, log, record, judge, sequencer, standing }, statePosition)
  }

  /** Position of the newest snapshot. */
  get position(): LogPosition {
    return this.#last
  }

  /** True when enough was judged since the last one and none is being made. */
  get isDue(): boolean {
    const { judge, everyEntries, bytesPerEntryMax } = this.#parts
    const entries = judge.position - Math.max(this.#last, this.#tried)
    return !this.#writing && entries >= everyEntries && entries * bytesPerEntryMax >= this.#bytes
  }

  /** The one at the end, and what is being made before it, without pauses: nobody is served any more. */
  async finish(): Promise<void> {
    this.#isLast = true
    await this.make()
  }

  /** Makes one now; resolves when it is on disk. */
  async make(): Promise<void> {
    while (this.#writing) await this.#writing
    if (this.#parts.judge.position === this.#last) return
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
    })
    try {
      await this.#writing
      this.failure = undefined
    } catch (error) {
      this.failure = (error as Error).message
      this.failures += 1
      throw error
    }
  }

  async #write(): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#tried = this.#parts.judge.position
      const reason = await this.#try()
      if (reason === undefined) break
      if (tries === triesMax) throw new Error(`no snapshot after ${triesMax} tries: ${reason}`)
      this.#parts.warn(`a snapshot is begun anew: ${reason}`)
    }
    await this.#trim()
  }

  /** Why there is none, when it was given up. */
  async #try(): Promise<string | undefined> {
    const { directory, keep, judge, standing } = this.#parts
    const capture = await judge.capture()
    const file = await StateWriter.begin(directory, { ...capture, standing })
    try {
      // The engine first: the tail is read from its position, so the sequencer must stand there or further on.
      const givenUp = await this.#writeEngine(file, capture)
      if (givenUp !== undefined) {
        await file.abandon()
        return givenUp
      }
      await this.#writeSequencer(file)
      this.#bytes = await file.commit(keep)
    } catch (error) {
      await file.abandon()
      throw error
    }
    this.#last = capture.position
    return undefined
  }

  async #writeEngine(file: StateWriter, capture: Capture): Promise<string | undefined> {
    const { sliceMs } = this.#parts
    for (;;) {
      const captured = await capture.next(this.#isLast ? lastSliceMs : sliceMs)
      if (captured.kind === 'whole') return undefined
      if (captured.kind === 'givenUp') return captured.reason
      for (const { section, bytes } of captured.pieces) await file.engine(section, bytes)
      if (!this.#isLast) await delay(sliceMs)
    }
  }

  async #writeSequencer(file: StateWriter): Promise<void> {
    const { log, record, sequencer } = this.#parts
    const { position, chunks, close } = snapshotSequencer(sequencer)
    try {
      for (const chunk of chunks) {
        await file.sequencer(chunk)
        // One piece a turn of the loop, so that requests are answered in between.
        await nextTurn()
      }
    } finally {
      close()
    }
    // The sequencer counts what is pending; a snapshot may only be kept once that is durable.
    while (log.head < position) await nextTurn()
    await record.sync()
  }

  /** A snapshot that is damaged must not be the end: the log stays as far back as the oldest one that is kept. */
  async #trim(): Promise<void> {
    const { directory, log, logKeepMs, logNeededFrom } = this.#parts
    const oldest = (await listSnapshots(directory)).at(-1)
    if (logKeepMs === 0 || !oldest) return
    const before = Math.min(oldest.position + 1, logNeededFrom() ?? Number.POSITIVE_INFINITY) as LogPosition
    await log.trim(before, (log.nowMs - logKeepMs) as UnixMs)
  }
}
