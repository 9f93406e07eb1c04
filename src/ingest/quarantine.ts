/**
 * Events that were not accepted: those that wait for something, and those that a person must look at.
 *
 * Waiting ones are indexed by what they wait for and by their pair, and are bounded by an answer (`QW_WAITING_FULL`),
 * for they must not be forgotten. The others are a list for reading: the oldest leave it when it is full, and stay in
 * the log.
 */
import type { QuarantinedEntry, WaitKey } from '../core/entry.js'
import type { ErrorCode } from '../core/errors.js'
import type { QuotaEvent } from '../core/event.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { loanKey } from './known.js'

export interface QuarantineItem {
  /** The position of the log entry that put it here, as text. */
  readonly item: string
  readonly code: ErrorCode
  readonly field?: string
  readonly reason: string
  readonly waitsFor?: WaitKey
  readonly event: unknown
  /** When it came, by the service's clock. */
  readonly atMs: UnixMs
}

export interface WaitingItem extends QuarantineItem {
  readonly waitsFor: WaitKey
  /** Only valid events wait. */
  readonly event: QuotaEvent
}

export class Quarantine {
  /** How many left the list since the beginning of the log because it was full. */
  leftCount = 0
  private readonly itemsMax: number
  private readonly settled = new Map<string, QuarantineItem>()
  private readonly waiting = new Map<string, WaitingItem>()
  private readonly itemByPair = new Map<string, string>()
  private readonly itemsByKey = new Map<string, Set<string>>()

  constructor(itemsMax: number) {
    this.itemsMax = itemsMax
  }

  get waitingCount(): number {
    return this.waiting.size
  }

  get settledCount(): number {
    return this.settled.size
  }

  get(item: string): QuarantineItem | undefined {
    return this.waiting.get(item) ?? this.settled.get(item)
  }

  /** The waiting ones first, each kind in the order in which it came. */
  *items(waiting?: boolean): Generator<QuarantineItem> {
    if (waiting !== false) yield* this.waiting.values()
    if (waiting !== true) yield* this.settled.values()
  }

  waitingPair(source: string, id: string): WaitingItem | undefined {
    // Nearly always nothing waits, and then no string is built.
    if (this.waiting.size === 0) return undefined
    const item = this.itemByPair.get(pairOf(source, id))
    return item === undefined ? undefined : this.waiting.get(item)
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
  apply(entry: QuarantinedEntry, atMs: UnixMs): void {
    this.remove(entry.item)
    const { kind: _, ...kept } = entry
    this.put({ ...kept, atMs: entry.atMs ?? atMs })
  }

  /** What `items()` gave, in that order. */
  restore(items: readonly QuarantineItem[]): void {
    for (const item of items) this.put(item)
  }

  /** It came in, or another event of its pair did. */
  remove(item: string): void {
    this.settled.delete(item)
    const waiting = this.waiting.get(item)
    if (waiting === undefined) return
    this.waiting.delete(item)
    this.itemByPair.delete(pairOf(waiting.event.source, waiting.event.id))
    const key = keyOf(waiting.waitsFor)
    const others = this.itemsByKey.get(key)
    others?.delete(item)
    if (others?.size === 0) this.itemsByKey.delete(key)
  }

  private put(item: QuarantineItem): void {
    if (isWaiting(item)) this.wait(item)
    else this.settle(item)
  }

  private wait(item: WaitingItem): void {
    const pair = pairOf(item.event.source, item.event.id)
    // The newest valid event of a pair is the one that waits: a corrected one takes the place of the first.
    const superseded = this.itemByPair.get(pair)
    if (superseded !== undefined) this.remove(superseded)
    this.waiting.set(item.item, item)
    this.itemByPair.set(pair, item.item)
    const key = keyOf(item.waitsFor)
    const others = this.itemsByKey.get(key)
    if (others === undefined) this.itemsByKey.set(key, new Set([item.item]))
    else others.add(item.item)
  }

  private settle(item: QuarantineItem): void {
    this.settled.set(item.item, item)
    if (this.settled.size <= this.itemsMax) return
    const oldest = this.settled.keys().next()
    if (!oldest.done) this.settled.delete(oldest.value)
    this.leftCount++
  }
}

export const positionOf = (item: string): LogPosition => Number(item) as LogPosition

const isWaiting = (item: QuarantineItem): item is WaitingItem => item.waitsFor !== undefined

const pairOf = (source: string, id: string): string => `${source}\u0000${id}`

/** `posts-out` and `loan` end with the same kind of event. The key of a loan's wait is `unit/loanId` (core/entry.ts). */
function keyOf(waitsFor: WaitKey): string {
  if (waitsFor.kind !== 'posts-out') return `${waitsFor.kind}:${waitsFor.key}`
  const slash = waitsFor.key.indexOf('/')
  return loanKey(waitsFor.key.slice(0, slash), waitsFor.key.slice(slash + 1))
}
