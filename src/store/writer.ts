/**
 * The writer: follows the log and the record and puts everything into the store, exactly once.
 *
 * Nobody waits for it: alerts are long out, and when the store is away the log simply keeps more. One range at a time:
 * gathered, made known to the disk, delivered part by part, and only then the next. When calm that is about one insert a
 * second and table; when behind, ranges are as large as their bounds allow and follow each other at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { QwError } from '../core/errors.js'
import type { LogPosition, N } from '../core/names.js'
import { beginning } from './beginning.js'
import { deliverPart } from './delivery.js'
import type { Derivation } from './derivation.js'
import type { Follower } from './follower.js'
import { gatherRange, type Range } from './gather.js'
import { migrate, type SchemaSettings } from './migrations.js'
import { tokenOf } from './part.js'
import type { ProgressFiles } from './progress.js'
import type { StoreSource } from './source.js'
import type { StoreAccess } from './stored-log.js'

export interface WriterSettings extends SchemaSettings {
  readonly rangeRowsMax: number
  readonly rangeBytesMax: number
  /** Pause between two ranges when calm. */
  readonly insertEveryMs: number
  /** First wait after a failure; doubles up to the greatest. */
  readonly backoffMs: number
  readonly backoffMsMax: number
  /** The log keeps what was stored within this time … */
  readonly marginMs: number
  /** … or within so many entries, whichever is reached first. */
  readonly marginEntries: number
  readonly say: (level: 'info' | 'warn', message: string) => void
}

export type WriterState =
  | { readonly kind: 'calm' }
  /** More is waiting than one range holds. */
  | { readonly kind: 'behind' }
  /** The last try failed; another follows. `since` by the host's monotonic clock. */
  | { readonly kind: 'away'; readonly sinceMs: number; readonly why: string }
  /** It has given up; a person has to decide. */
  | { readonly kind: 'refused'; readonly error: Error }
  | { readonly kind: 'stopped' }

export interface WriterCounters {
  readonly ranges: number
  readonly rows: number
  /** Rows that were sent, also those sent again after a failure. */
  readonly rowsSent: number
  readonly failures: number
}

class Stopping extends Error {}

export class Writer {
  readonly #settings: WriterSettings
  readonly #source: StoreSource
  readonly #access: StoreAccess
  readonly #files: ProgressFiles
  readonly #stopping = new AbortController()
  /** Ends requests that are under way. */
  readonly #ending = new AbortController()
  readonly #waiting: { readonly position: LogPosition; readonly resolve: () => void }[] = []
  readonly #counters = { ranges: 0, rows: 0, rowsSent: 0, failures: 0 }
  readonly #running: Promise<void>
  #position = 0 as LogPosition
  #n = 0 as N
  #keepFrom = 1 as LogPosition
  #candidate: { readonly position: LogPosition; readonly atMs: number } | undefined
  #state: WriterState = { kind: 'calm' }

  constructor(settings: WriterSettings, source: StoreSource, access: StoreAccess, files: ProgressFiles) {
    this.#settings = settings
    this.#source = source
    this.#access = access
    this.#files = files
    this.#running = this.#run()
  }

  /** Everything up to here is in the store. */
  get position(): LogPosition {
    return this.#position
  }

  /** The last transition in the store. */
  get n(): N {
    return this.#n
  }

  /** The oldest entry of the log that a start would read: the log is trimmed before this, never behind it. */
  get keepFrom(): LogPosition {
    return this.#keepFrom
  }

  get state(): WriterState {
    return this.#state
  }

  get counters(): WriterCounters {
    return { ...this.#counters }
  }

  /** Resolves when everything up to `position` is in the store. */
  reached(position: LogPosition): Promise<void> {
    if (this.#position >= position) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ position, resolve }))
  }

  /** Lets the request under way end for at most so long; what it leaves in doubt is asked about at the next start. */
  async stop(waitMs: number): Promise<void> {
    this.#stopping.abort()
    const timer = setTimeout(() => this.#ending.abort(), waitMs)
    await this.#running
    clearTimeout(timer)
  }

  async #run(): Promise<void> {
    try {
      const { follower, derivation, begun, mayHoldUpTo } = await this.#patiently(async () => {
        await migrate(this.#access, this.#settings)
        return beginning(this.#source, this.#access, this.#files)
      })
      this.#advance(follower.position, follower.n)
      this.#keepFrom = (follower.position + 1) as LogPosition
      const gather = () => gatherRange(follower, derivation, this.#settings, begun)
      let range = await gather()
      while (!this.#stopping.signal.aborted) {
        if (range) await this.#patiently(() => this.#checkpoint(follower, derivation))
        // When behind, the next range is gathered while this one is on its way.
        const early = range?.full ? settled(gather()) : undefined
        if (range) await this.#store(range, range.from <= mayHoldUpTo)
        if (!early) await this.#pause(this.#settings.insertEveryMs)
        range = await (early ? (await early)() : gather())
      }
      await follower.close()
      this.#state = { kind: 'stopped' }
    } catch (error) {
      this.#end(error)
    }
  }

  #end(error: unknown): void {
    if (error instanceof Stopping) {
      this.#state = { kind: 'stopped' }
      return
    }
    this.#state = { kind: 'refused', error: error as Error }
    const text = error instanceof QwError ? error.message : String((error as Error).stack)
    this.#settings.say('warn', `nothing more is written to the store: ${text}`)
  }

  async #store(range: Range, inDoubt: boolean): Promise<void> {
    await this.#patiently(() => this.#files.writeRange(range))
    for (const part of range.parts) {
      const tries = this.#tries()
      await deliverPart(
        {
          ...this.#access,
          signal: this.#ending.signal,
          onSent: (rows) => {
            this.#counters.rowsSent += rows
          },
          backOff: (error) => tries.failed(error),
        },
        part,
        tokenOf(range.from, range.to, part),
        inDoubt,
      )
      tries.succeeded()
    }
    this.#counters.ranges += 1
    this.#counters.rows += range.rows
    this.#state = { kind: range.full ? 'behind' : 'calm' }
    this.#advance(range.to, range.n)
  }

  #advance(position: LogPosition, n: N): void {
    this.#position = position
    this.#n = n
    const reached = this.#waiting.filter((waiting) => waiting.position <= position)
    for (const waiting of reached) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      waiting.resolve()
    }
  }

  /**
   * A candidate becomes the checkpoint when it is in the store and lies as far behind as the margin asks; then the next
   * is taken, of what has been gathered.
   */
  async #checkpoint(follower: Follower, derivation: Derivation): Promise<void> {
    const atMs = performance.now()
    const { marginMs, marginEntries } = this.#settings
    const held = this.#candidate
    const isFar = held && (atMs - held.atMs >= marginMs || this.#position - held.position >= marginEntries)
    if (held && (!isFar || held.position > this.#position)) return
    if (held) {
      await this.#files.adoptCandidate()
      this.#keepFrom = (held.position + 1) as LogPosition
    }
    await this.#files.writeCandidate({ position: follower.position, n: follower.n, kept: derivation.kept() })
    this.#candidate = { position: follower.position, atMs }
  }

  /** Tries until it succeeds, with growing pauses. An expected error that trying does not mend is thrown. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const tries = this.#tries()
    for (;;) {
      try {
        const result = await work()
        tries.succeeded()
        return result
      } catch (error) {
        if (error instanceof QwError) throw error
        await tries.failed(error)
      }
    }
  }

  #tries(): { failed(error: unknown): Promise<void>; succeeded(): void } {
    let waitMs = this.#settings.backoffMs
    let failures = 0
    return {
      failed: async (error) => {
        if (this.#stopping.signal.aborted) throw new Stopping()
        const why = error instanceof Error ? error.message : String(error)
        failures += 1
        this.#counters.failures += 1
        if (failures === 1) this.#settings.say('warn', `the store is away (${why}); the log keeps what it misses`)
        const sinceMs = this.#state.kind === 'away' ? this.#state.sinceMs : performance.now()
        this.#state = { kind: 'away', sinceMs, why }
        await this.#pause(waitMs)
        if (this.#stopping.signal.aborted) throw new Stopping()
        waitMs = Math.min(waitMs * 2, this.#settings.backoffMsMax)
      },
      succeeded: () => {
        if (failures === 0) return
        this.#state = { kind: 'behind' }
        this.#settings.say('info', `the store is back after ${failures} failed tries`)
      },
    }
  }

  /** Ends early when the writer is to stop. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }
}

/** A promise that never rejects by itself: what it came to is thrown or returned when it is asked for. */
const settled = <T>(promise: Promise<T>): Promise<() => T> =>
  promise.then(
    (value) => () => value,
    (error) => () => {
      throw error
    },
  )
