/**
 * When a snapshot is made: after so many entries, and at a clean stop. One at a time.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogPosition, UnixMs } from '../core/names.js'
import { type Sequencer, snapshotSequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Judge } from '../workers/judge.js'
import { listSnapshots } from '../workers/snapshot-file.js'
import { writeState } from './snapshots.js'
import type { Standing } from './standing.js'

export interface SnapshotterParts {
  readonly directory: string
  readonly keep: number
  readonly everyEntries: number
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

export class Snapshotter {
  readonly #parts: SnapshotterParts
  #last: LogPosition
  /** Of the last one that was made by this process. */
  #bytes = 0
  /** Where the last try began: one that failed is not tried again with every batch. */
  #tried = 0
  #writing: Promise<void> | undefined

  /** `last`: position of the newest snapshot there is. */
  constructor(parts: SnapshotterParts, last: LogPosition) {
    this.#parts = parts
    this.#last = last
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

  /** Makes one now; resolves when it is on disk. */
  async make(): Promise<void> {
    while (this.#writing) await this.#writing
    if (this.#parts.judge.position === this.#last) return
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  async #write(): Promise<void> {
    const { directory, keep, log, record, judge, sequencer, standing } = this.#parts
    this.#tried = judge.position
    // The engine first: the tail is read from its position, so the sequencer must stand there or further on.
    const engine = await judge.capture()
    const { position, chunks } = snapshotSequencer(sequencer)
    const bytes = await gathered(chunks)
    // The sequencer counts what is pending; a snapshot may only be kept once that is durable.
    while (log.head < position) await nextTurn()
    await record.sync()
    this.#bytes = await writeState(directory, { engine, sequencer: bytes, standing }, keep)
    this.#last = engine.position
    await this.#trim()
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

/** One piece a turn of the loop, so that requests are answered in between. */
async function gathered(chunks: Iterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (const chunk of chunks) {
    pieces.push(chunk)
    await nextTurn()
  }
  return Buffer.concat(pieces)
}
