/**
 * The writer: follows the log and the record and puts everything into the store, exactly once.
 *
 * Nobody waits for it: alerts are long out, and when the store is away the log simply keeps more. One range at a time:
 * gathered, made known to the disk, delivered part by part, and only then the next. When calm that is about one insert a
 * second and table; when behind, ranges are as large as their bounds allow and follow each other at once.
 */
import { QwError } from '../core/errors.js'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import { type Beginning, beginning } from './beginning.js'
import { deliverPart } from './delivery.js'
import type { Derivation } from './derivation.js'
import type { Follower } from './follower.js'
import { gatherRange, type Range } from './gather.js'
import { migrate, type SchemaSettings } from './migrations.js'
import { tokenOf } from './part.js'
import { Patience, type PatienceSettings, Stopping } from './patience.js'
import type { ProgressFiles } from './progress.js'
import type { StoreSource } from './source.js'
import type { StoreAccess } from './stored-log.js'

export interface WriterSettings extends SchemaSettings, PatienceSettings {
  readonly rangeRowsMax: number
  readonly rangeBytesMax: number
  /** Pause between two ranges when calm. */
  readonly insertEveryMs: number
  /** The log keeps what was stored within this time … */
  readonly marginMs: number
  /** … or within so many entries, whichever is reached first. */
  readonly marginEntries: number
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

interface Waiting {
  readonly position: LogPosition
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class Writer {
  readonly #settings: WriterSettings
  readonly #source: StoreSource
  readonly #access: StoreAccess
  readonly #files: ProgressFiles
  readonly #stopping = new AbortController()
  /** Ends requests that are under way. */
  readonly #ending = new AbortController()
  readonly #waiting: Waiting[] = []
  readonly #counters = { ranges: 0, rows: 0, rowsSent: 0, failures: 0 }
  readonly #patience: Patience
  readonly #running: Promise<void>
  #position = 0 as LogPosition
  #n = 0 as N
  #atMs: UnixMs | undefined
  #keepFrom = 1 as LogPosition
  #candidate: { readonly position: LogPosition; readonly atMs: number } | undefined
  #state: WriterState = { kind: 'calm' }
  #ended: Error | undefined

  constructor(settings: WriterSettings, source: StoreSource, access: StoreAccess, files: ProgressFiles) {
    this.#settings = settings
    this.#source = source
    this.#access = access
    this.#files = files
    this.#patience = new Patience(settings, this.#stopping.signal, {
      failure: (why) => this.#away(why),
      success: () => {
        this.#state = { kind: 'behind' }
      },
    })
    this.#running = this.#run()
  }

  /** Everything up to here is in the store. */
  get position(): LogPosition {
    return this.#position
  }

  /** Of the batch that ends at `position`; undefined until this writer has stored one. */
  get atMs(): UnixMs | undefined {
    return this.#atMs
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

  /** Resolves when everything up to `position` is in the store; rejects when the writer ends before, with the reason. */
  reached(position: LogPosition): Promise<void> {
    if (this.#position >= position) return Promise.resolve()
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => this.#waiting.push({ position, resolve, reject }))
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
      const begin = await this.#patience.until(async () => {
        await migrate(this.#access, this.#settings)
        return beginning(this.#source, this.#access, this.#files, (text) => this.#settings.say('warn', text))
      })
      this.#advance(begin.follower.position, begin.follower.n)
      this.#keepFrom = (begin.follower.position + 1) as LogPosition
      await this.#follow(begin)
      throw new Stopping()
    } catch (error) {
      this.#end(error as Error)
    }
  }

  async #follow({ follower, derivation, begun, mayHoldUpTo }: Beginning): Promise<void> {
    const wait = async () => {
      await this.#patience.pause(this.#settings.insertEveryMs)
      if (this.#stopping.signal.aborted) throw new Stopping()
    }
    // A machine that has no descriptor or gives back no block now is waited for; whatever else is wrong with the log is not.
    const next = () => this.#patience.until(() => follower.next(), isOfTheSystem)
    const gather = () => outcomeOf(gatherRange(follower, derivation, this.#settings, begun, { next, wait }))
    let gathering = gather()
    try {
      while (!this.#stopping.signal.aborted) {
        const range = (await gathering)()
        if (range) await this.#patience.until(() => this.#checkpoint(follower, derivation))
        // When behind, the next range is gathered while this one is on its way.
        if (range?.full) gathering = gather()
        // What was begun stays known until it is met again: a server may still be busy with it, and a crash now must not
        // make it a range of other ends.
        if (range && range.to > (begun?.to ?? 0)) await this.#patience.until(() => this.#files.writeRange(range))
        if (range) await this.#store(range, range.from <= mayHoldUpTo)
        if (range?.full) continue
        await this.#patience.pause(this.#settings.insertEveryMs)
        gathering = gather()
      }
    } finally {
      await gathering
      await follower.close()
    }
  }

  #end(error: Error): void {
    this.#ended = error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    if (error instanceof Stopping) {
      this.#state = { kind: 'stopped' }
      return
    }
    this.#state = { kind: 'refused', error }
    const text = error instanceof QwError ? error.message : String(error.stack)
    this.#settings.say('warn', `nothing more is written to the store: ${text}`)
  }

  #away(why: string): void {
    this.#counters.failures += 1
    const sinceMs = this.#state.kind === 'away' ? this.#state.sinceMs : performance.now()
    this.#state = { kind: 'away', sinceMs, why }
  }

  async #store(range: Range, inDoubt: boolean): Promise<void> {
    for (const part of range.parts) {
      const tries = this.#patience.tries()
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
    this.#atMs = range.nowMs
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
      // What cannot be adopted for certain is forgotten, also when only the last step of it failed: the log keeps more
      // until another one is.
      this.#candidate = undefined
      await this.#files.adoptCandidate()
      this.#keepFrom = (held.position + 1) as LogPosition
    }
    await this.#files.writeCandidate({ position: follower.position, n: follower.n, kept: derivation.kept() })
    this.#candidate = { position: follower.position, atMs }
  }
}

const isOfTheSystem = (error: unknown): boolean =>
  typeof (error as NodeJS.ErrnoException | undefined)?.code === 'string'

/** What a promise comes to, to be returned or thrown when it is asked for: it never rejects with nobody listening. */
const outcomeOf = <T>(promise: Promise<T>): Promise<() => T> =>
  promise.then(
    (value) => () => value,
    (error) => () => {
      throw error
    },
  )
