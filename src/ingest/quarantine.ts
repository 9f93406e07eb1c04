/**
 * Events that were not accepted: those that wait for something, those that a person must look at, and, for a while, what
 * became of them.
 *
 * The first two are never forgotten, for they were answered: waiting ones are bounded by `QW_WAITING_FULL`, the others by
 * `QW_QUARANTINE_FULL`, both answers that say it before anything is promised. What is done with leaves the list of
 * those that were done when that is full, and stays in the log. Waiting ones are indexed by what they wait for, and all by
 * their pair, so that an event that comes in settles what was wrong with it before.
 */
import type { Correction, QuarantinedEntry, WaitKey } from '../core/entry.js'
import type { ErrorCode } from '../core/errors.js'
import type { QuotaEvent } from '../core/event.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { loanKey } from './known.js'
import { isObject } from './validate.js'

/** A word of a person, and when it came. */
export interface SignedCorrection extends Correction {
  readonly atMs: UnixMs
}

export interface QuarantineItem {
  /** The position of the log entry that put it here, as text. */
  readonly item: string
  readonly code: ErrorCode
  readonly field?: string
  readonly reason: string
  readonly waitsFor?: WaitKey
  readonly event: unknown
  /** Where another event of its pair had been taken already when it came. */
  readonly taken?: LogPosition
  /** When it came, by the service's clock. */
  readonly atMs: UnixMs
  /** The last that was done to it without letting it in. */
  readonly corrected?: SignedCorrection
}

export interface WaitingItem extends QuarantineItem {
  readonly waitsFor: WaitKey
  /** Only valid events wait. */
  readonly event: QuotaEvent
}

/** What became of an item. */
export interface Resolution {
  /**
   * `corrected`: a person's correction came in. `resent`: an event of its pair came in from its sender. `arrived`: what
   * it waited for came. `superseded`: a later event of its pair waits in its place. `dismissed`: by a person.
   */
  readonly kind: 'corrected' | 'resent' | 'arrived' | 'superseded' | 'dismissed'
  /** Of the log entry that did it. */
  readonly position: LogPosition
  readonly atMs: UnixMs
  readonly by?: string
  readonly reason?: string
}

export interface DoneItem extends QuarantineItem {
  readonly resolution: Resolution
}

export interface QuarantineLimits {
  readonly quarantineItemsMax: number
  readonly quarantineBytesMax: number
  readonly quarantineDoneItemsMax: number
}

export class Quarantine {
  private readonly limits: QuarantineLimits
  private readonly settled = new Map<string, QuarantineItem>()
  /** Of the JSON of the settled ones' events. */
  settledCharacters = 0
  private readonly waiting = new Map<string, WaitingItem>()
  private readonly done = new Map<string, DoneItem>()
  private readonly waitingByPair = new Map<string, string>()
  private readonly settledByKey = new Map<string, Set<string>>()
  private readonly itemsByKey = new Map<string, Set<string>>()

  constructor(limits: QuarantineLimits) {
    this.limits = limits
  }

  get waitingCount(): number {
    return this.waiting.size
  }

  get settledCount(): number {
    return this.settled.size
  }

  /** The bound that an event of so many characters of JSON would be beyond, when it does not wait. */
  fullBy(characters: number): { readonly option: keyof QuarantineLimits; readonly limit: number } | undefined {
    const { quarantineItemsMax, quarantineBytesMax } = this.limits
    if (this.settled.size >= quarantineItemsMax) return { option: 'quarantineItemsMax', limit: quarantineItemsMax }
    if (this.settledCharacters + characters > quarantineBytesMax)
      return { option: 'quarantineBytesMax', limit: quarantineBytesMax }
    return undefined
  }

  /** Waiting, or to be looked at by a person. */
  get(item: string): QuarantineItem | undefined {
    return this.waiting.get(item) ?? this.settled.get(item)
  }

  /** What became of it, while that is remembered. */
  getDone(item: string): DoneItem | undefined {
    return this.done.get(item)
  }

  /** The waiting ones first, each kind in the order in which it came. */
  *items(waiting?: boolean): Generator<QuarantineItem> {
    if (waiting !== false) yield* this.waiting.values()
    if (waiting !== true) yield* this.settled.values()
  }

  /** In the order in which they were done. */
  doneItems(): IterableIterator<DoneItem> {
    return this.done.values()
  }

  waitingPair(source: string, id: string): WaitingItem | undefined {
    // Nearly always nothing waits, and then no string is built.
    if (this.waiting.size === 0) return undefined
    const item = this.waitingByPair.get(pairOf(source, id))
    return item === undefined ? undefined : this.waiting.get(item)
  }

  /** The item that holds the same event for the same reason: a sender that repeats itself fills nothing. */
  sameAs(event: unknown, code: ErrorCode): QuarantineItem | undefined {
    const text = JSON.stringify(event)
    for (const item of this.settledByKey.get(keyOfEvent(event)) ?? []) {
      const held = this.settled.get(item) as QuarantineItem
      if (held.code === code && JSON.stringify(held.event) === text) return held
    }
    return undefined
  }

  /** What waits for `key` (`bringsKey`), oldest first. */
  waitingFor(key: string): WaitingItem[] {
    const items: WaitingItem[] = []
    for (const item of this.itemsByKey.get(key) ?? []) items.push(this.waiting.get(item) as WaitingItem)
    return items.sort((a, b) => Number(a.item) - Number(b.item))
  }

  /** All keys that something waits for. */
  keys(): string[] {
    return [...this.itemsByKey.keys()]
  }

  /** A second entry for an item amends it: it waits for something else now, or no longer for anything. */
  apply(entry: QuarantinedEntry, position: LogPosition, atMs: UnixMs): void {
    const before = this.get(entry.item)
    this.remove(entry.item)
    const { kind: _, corrected, ...kept } = entry
    const signed = corrected ? { ...corrected, atMs } : before?.corrected
    this.put({ ...kept, atMs: entry.atMs ?? atMs, ...(signed ? { corrected: signed } : {}) }, { position, atMs })
  }

  /** An event came in: `released` is the item it came from, the others of its pair are settled by it. */
  came(event: QuotaEvent, released: string | undefined, correction: Correction | undefined, at: Moment): void {
    if (released !== undefined)
      this.resolve(released, correction ? { kind: 'corrected', ...at, ...correction } : { kind: 'arrived', ...at })
    // An event that was corrected while it waited came in as the corrected one, so the first may not come in as well.
    const waiting = this.waitingPair(event.source, event.id)
    if (waiting) this.resolve(waiting.item, { kind: 'resent', ...at })
    if (this.settled.size === 0) return
    for (const item of this.settledByKey.get(pairOf(event.source, event.id)) ?? [])
      this.resolve(item, { kind: 'resent', ...at })
  }

  resolve(item: string, resolution: Resolution): void {
    const held = this.get(item)
    if (!held) return
    this.remove(item)
    this.putDone({ ...held, resolution })
  }

  /** What `items()` and `doneItems()` gave, in that order. */
  restore(items: readonly (QuarantineItem | DoneItem)[]): void {
    for (const item of items)
      if ('resolution' in item) this.putDone(item)
      else this.put(item)
  }

  private remove(item: string): void {
    const settled = this.settled.get(item)
    if (settled) {
      this.settled.delete(item)
      this.settledCharacters -= charactersOf(settled)
      dropFrom(this.settledByKey, keyOfEvent(settled.event), item)
    }
    const waiting = this.waiting.get(item)
    if (waiting === undefined) return
    this.waiting.delete(item)
    this.waitingByPair.delete(pairOf(waiting.event.source, waiting.event.id))
    dropFrom(this.itemsByKey, keyOf(waiting.waitsFor), item)
  }

  private put(item: QuarantineItem, at?: Moment): void {
    if (isWaiting(item)) this.wait(item, at)
    else this.settle(item)
  }

  private wait(item: WaitingItem, at: Moment | undefined): void {
    const pair = pairOf(item.event.source, item.event.id)
    // The newest valid event of a pair is the one that waits: a corrected one takes the place of the first.
    const superseded = this.waitingByPair.get(pair)
    if (superseded !== undefined && at) this.resolve(superseded, { kind: 'superseded', ...at })
    this.waiting.set(item.item, item)
    this.waitingByPair.set(pair, item.item)
    addTo(this.itemsByKey, keyOf(item.waitsFor), item.item)
  }

  private settle(item: QuarantineItem): void {
    this.settled.set(item.item, item)
    this.settledCharacters += charactersOf(item)
    addTo(this.settledByKey, keyOfEvent(item.event), item.item)
  }

  private putDone(item: DoneItem): void {
    this.done.set(item.item, item)
    if (this.done.size <= this.limits.quarantineDoneItemsMax) return
    const oldest = this.done.keys().next()
    if (!oldest.done) this.done.delete(oldest.value)
  }
}

/** The log entry that did something. */
export interface Moment {
  readonly position: LogPosition
  readonly atMs: UnixMs
}

export const positionOf = (item: string): LogPosition => Number(item) as LogPosition

const isWaiting = (item: QuarantineItem): item is WaitingItem => item.waitsFor !== undefined

export const pairOf = (source: string, id: string): string => `${source}\u0000${id}`

/** The pair of an event that is none, as far as it can be told. */
export function pairIn(event: unknown): readonly [source: string, id: string] | undefined {
  if (!isObject(event)) return undefined
  const { source, id } = event
  return typeof source === 'string' && typeof id === 'string' ? [source, id] : undefined
}

/** By its pair, or by its text where it has none. */
function keyOfEvent(event: unknown): string {
  const pair = pairIn(event)
  return pair ? pairOf(...pair) : JSON.stringify(event)
}

export const charactersOf = ({ event }: Pick<QuarantineItem, 'event'>): number => JSON.stringify(event).length

function addTo(index: Map<string, Set<string>>, key: string, item: string): void {
  const others = index.get(key)
  if (others === undefined) index.set(key, new Set([item]))
  else others.add(item)
}

function dropFrom(index: Map<string, Set<string>>, key: string, item: string): void {
  const others = index.get(key)
  others?.delete(item)
  if (others?.size === 0) index.delete(key)
}

/** `posts-out` and `loan` end with the same kind of event. The key of a loan's wait is `unit/loanId` (core/entry.ts). */
function keyOf(waitsFor: WaitKey): string {
  if (waitsFor.kind !== 'posts-out') return `${waitsFor.kind}:${waitsFor.key}`
  const slash = waitsFor.key.indexOf('/')
  return loanKey(waitsFor.key.slice(0, slash), waitsFor.key.slice(slash + 1))
}
