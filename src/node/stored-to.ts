/**
 * How far the store has heard: the position up to which it holds everything, and the time of which it can tell.
 *
 * The writer says the position, some of the time late; never too early. The time is the core's to work out: while the
 * store has the whole log that is now, also where nothing has happened for an hour. While it is behind it is just before the
 * last batch that is stored, because the next may bear the same time; or the last moment at which it had everything.
 */
import type { LogPosition, UnixMs } from '../core/names.js'
import type { WriterReport } from './writer-words.js'

export interface StoredTo {
  /** Everything up to here is in the store. */
  readonly position: LogPosition
  /** Everything that was taken up to here, inclusive, is in the store; at now: so far. */
  readonly atMs: UnixMs
}

export interface LogEnd {
  readonly head: LogPosition
  readonly pendingEntries: number
}

export class StoredToWatch {
  readonly #log: LogEnd
  readonly #nowMs: () => UnixMs
  #position = 0 as LogPosition
  #atMs: UnixMs | undefined

  constructor(log: LogEnd, nowMs: () => UnixMs) {
    this.#log = log
    this.#nowMs = nowMs
  }

  /** A writer that begins anew goes over what is stored once more; that is not taken out meanwhile. */
  heard({ position, atMs }: Pick<WriterReport, 'position' | 'atMs'>): void {
    this.#position = Math.max(this.#position, position) as LogPosition
    if (atMs !== undefined) this.#told(atMs - 1)
    this.#look()
  }

  /** Undefined while nothing is known: no writer of this store has been heard since the core began. */
  now(): StoredTo | undefined {
    this.#look()
    return this.#atMs === undefined ? undefined : { position: this.#position, atMs: this.#atMs }
  }

  /** What is pending bears a time already. */
  #look(): void {
    const { head, pendingEntries } = this.#log
    if (pendingEntries === 0 && this.#position >= head) this.#told(this.#nowMs())
  }

  #told(ms: number): void {
    this.#atMs = Math.max(this.#atMs ?? 0, ms) as UnixMs
  }
}
