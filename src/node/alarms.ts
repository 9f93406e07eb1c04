/**
 * What the service says of itself, in the log: a part gets worse, or is well again. Rule `self` makes alerts of it, so that
 * whoever watches the city hears that the watching is in danger. (An entry that was set aside says so itself.)
 *
 * One entry for each change, and only for one that has lasted: a part that comes and goes must not fill the log.
 */
import type { AlarmEntry } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import type { Disk } from './disk.js'
import type { Snapshotter } from './snapshotter.js'
import type { StoreLink } from './store-link.js'

export type Level = AlarmEntry['level']

export interface Condition {
  readonly level: Level
  readonly reason: string
}

/** A part of the service, and how it is now. */
export interface Watched {
  readonly part: string
  readonly look: () => Condition
}

export interface AlarmSettings {
  readonly watched: readonly Watched[]
  /** A change is said when it has lasted for so long. */
  readonly alarmHoldMs: number
  /** What the log said last of this part, as far as the engine knows. */
  readonly saidOf: (part: string) => Promise<Level>
  /** False when nothing can be written now: it is tried again. */
  readonly append: (entry: AlarmEntry) => boolean
}

interface Spoken extends Watched {
  said: Level
  /** Since when it is worse than was said, or better; undefined while it is as was said. */
  change: { readonly isWorse: boolean; readonly sinceMs: number } | undefined
}

const lookEveryMs = 1000
/** Of the duplicate memory. */
const nearlyFull = 0.8

export class Alarms {
  readonly #settings: AlarmSettings
  readonly #parts: Spoken[] = []
  #timer: NodeJS.Timeout | undefined

  private constructor(settings: AlarmSettings) {
    this.#settings = settings
  }

  static async open(settings: AlarmSettings): Promise<Alarms> {
    const alarms = new Alarms(settings)
    for (const watched of settings.watched)
      alarms.#parts.push({ ...watched, said: await settings.saidOf(watched.part), change: undefined })
    return alarms
  }

  start(): void {
    this.#timer = setInterval(() => this.look(performance.now()), lookEveryMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** `nowMs`: of any clock that only goes forward. */
  look(nowMs: number): void {
    for (const each of this.#parts) {
      const { level, reason } = each.look()
      const isWorse = level > each.said
      if (level === each.said) each.change = undefined
      else if (each.change?.isWorse !== isWorse) each.change = { isWorse, sinceMs: nowMs }
      if (!each.change || nowMs - each.change.sinceMs < this.#settings.alarmHoldMs) continue
      if (!this.#settings.append({ kind: 'alarm', part: each.part, level, reason })) continue
      each.said = level
      each.change = undefined
    }
  }
}

export interface WatchedParts {
  readonly snapshots: Pick<Snapshotter, 'failure'>
  readonly duplicateKeys: () => number
  readonly duplicateKeysMax: number
  readonly disk: Disk
  readonly refusal: () => QwError | undefined
  readonly backlogEntries: () => number
  readonly judgeBacklogEntriesMax: number
  readonly store: StoreLink | undefined
}

export function watchedParts(parts: WatchedParts): Watched[] {
  const { disk, store } = parts
  return [
    { part: 'disk', look: () => diskCondition(disk) },
    { part: 'delay', look: () => delayCondition(parts) },
    { part: 'memory', look: () => memoryCondition(parts) },
    { part: 'snapshots', look: () => snapshotCondition(parts) },
    ...(store ? [{ part: 'store', look: () => storeCondition(store) }] : []),
  ]
}

function diskCondition({ freeBytes, isLow, isNear }: Disk): Condition {
  const reason = `${Math.floor(freeBytes / 1024 / 1024)} MiB are left where the log lives`
  return { level: isLow ? 2 : isNear ? 1 : 0, reason }
}

/** Refusals that mean that there is too much to do. */
const isDelay: ReadonlySet<string> = new Set(['QW_OVERLOADED', 'QW_TOO_LATE'])

/** Half of what is refused at is on its way to it. */
function delayCondition({ refusal, backlogEntries, judgeBacklogEntriesMax }: WatchedParts): Condition {
  const refused = refusal()
  if (refused instanceof QwError && isDelay.has(refused.code)) return { level: 2, reason: refused.message }
  const waiting = backlogEntries()
  return { level: waiting * 2 > judgeBacklogEntriesMax ? 1 : 0, reason: `${waiting} entries wait to be judged` }
}

/** History is missing while it is away; when it has given up nobody but a person brings it back. */
function storeCondition({ standing, part }: StoreLink): Condition {
  return { level: standing === 'refused' ? 2 : standing === 'away' ? 1 : 0, reason: part.state }
}

/** Nothing more is taken when it is full, and it empties as slowly as it has filled: whoever can give it room must know before. */
function memoryCondition({ duplicateKeys, duplicateKeysMax }: WatchedParts): Condition {
  const keys = duplicateKeys()
  const reason = `${keys} of ${duplicateKeysMax} pairs of source and id are remembered (duplicateKeysMax)`
  return { level: keys >= duplicateKeysMax ? 2 : keys >= nearlyFull * duplicateKeysMax ? 1 : 0, reason }
}

/** The next start takes longer and longer. */
function snapshotCondition({ snapshots: { failure } }: WatchedParts): Condition {
  return { level: failure === undefined ? 0 : 1, reason: failure ?? 'snapshots are made' }
}
