/**
 * The sequencer: decides at once what an HTTP answer must say of an event or an order.
 *
 * It stands before the log and counts what is pending as well as what is committed. Its decision becomes an entry of
 * the log, and `apply` is the only way in which its state changes, live and when the log is read back at the start; so
 * its state is a function of the log. Room ingest's routes call it; `restoreSequencer` (snapshot.ts) builds it.
 */
import type { Batch, EventEntry, LogEntry, QuarantinedEntry } from '../core/entry.js'
import { type ErrorCode, QwError } from '../core/errors.js'
import type { QuotaEvent } from '../core/event.js'
import { isCityWideSubject, type LogPosition, type UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import { parseTime } from '../core/rfc3339.js'
import { Fingerprint } from './fingerprint.js'
import { findHindrance, type Hindrance, hindrance } from './hindrance.js'
import { bringsKey, isClosed, isRegistered, learn, teachesCityWide } from './known.js'
import { KnownSubjects } from './known-subjects.js'
import type { SequencerLimits } from './limits.js'
import { Loads } from './loads.js'
import { hourOf, keptForGood, PairMemory } from './pair-memory.js'
import { positionOf, Quarantine, type WaitingItem } from './quarantine.js'

/** What the answer says of one event. */
export type Verdict =
  | { readonly status: 'accepted' | 'duplicate'; readonly position: LogPosition }
  | {
      readonly status: 'quarantined'
      /** Of the quarantine's entry; as text it is the item's id. */
      readonly position: LogPosition
      readonly code: ErrorCode
      readonly field?: string
      readonly reason: string
      readonly waiting?: true
    }

/** An event that could not even be read or does not fit its schema. `event`: as much of it as is to be kept. */
export interface Refusal {
  readonly code: ErrorCode
  readonly field?: string
  readonly reason: string
  readonly event: unknown
}

/** Entries that were decided and applied, to be appended to the log in the same turn of the event loop. */
export class Plan {
  readonly first: LogPosition
  readonly entries: LogEntry[] = []

  /** `first`: the position that the log will give to the next entry. */
  constructor(first: LogPosition) {
    this.first = first
  }

  get next(): LogPosition {
    return (this.first + this.entries.length) as LogPosition
  }
}

// Partitions of the duplicate memory that a full memory looks through for forgotten pairs, per request.
const sweepPartitions = 4

export class Sequencer {
  /** Of the last entry that was applied. */
  position = 0 as LogPosition
  nowMs = 0 as UnixMs
  readonly limits: SequencerLimits
  readonly memory = new PairMemory()
  readonly subjects = new KnownSubjects()
  readonly loads = new Loads()
  readonly quarantine: Quarantine
  private readonly print = new Fingerprint()
  private readonly otherPrint = new Fingerprint()

  constructor(limits: SequencerLimits) {
    this.limits = limits
    this.quarantine = new Quarantine(limits.quarantineItemsMax)
  }

  /** Pairs whose time lies in an earlier hour are forgotten. */
  get oldestHour(): number {
    return Math.floor((this.nowMs - this.limits.duplicateHorizonMs) / 3_600_000)
  }

  /** True when no more pairs can be remembered; asked before anything of a request is taken. */
  isFull(): boolean {
    if (this.memory.size < this.limits.duplicateKeysMax) return false
    this.memory.sweep(sweepPartitions, this.oldestHour)
    return this.memory.size >= this.limits.duplicateKeysMax
  }

  /** Decides on a valid event. What it decides is added to `plan` and already counts. */
  admit(event: QuotaEvent, timeMs: UnixMs, nowMs: UnixMs, plan: Plan): Verdict {
    this.advance(nowMs)
    const print = this.print.of(event, timeMs)
    if (this.memory.find(print.keyLo, print.keyHi, this.oldestHour)) {
      const { position, contentLo, contentHi } = this.memory
      if (contentLo === print.contentLo && contentHi === print.contentHi) return { status: 'duplicate', position }
      return this.detain(event, hindrance('QW_ID_CONFLICT', { position }, '/id'), plan)
    }
    const waiting = this.quarantine.waitingPair(event.source, event.id)
    if (waiting !== undefined && this.isSame(waiting, print)) return verdictOf(waiting, positionOf(waiting.item))
    const hindered = this.hindranceOfTime(event, timeMs) ?? findHindrance(event, this.subjects)
    if (hindered !== undefined) return this.detain(event, this.bounded(hindered, waiting), plan)
    const position = plan.next
    this.take({ kind: 'event', timeMs, event }, plan)
    const key = bringsKey(event)
    if (key !== undefined) this.release([key], plan)
    return { status: 'accepted', position }
  }

  /** Keeps what is not a valid event. */
  refuse(refusal: Refusal, nowMs: UnixMs, plan: Plan): Verdict {
    this.advance(nowMs)
    return this.detain(refusal.event, refusal, plan)
  }

  /** Takes an order that fits its schema. @throws QwError when it cannot be followed */
  order(order: Order, nowMs: UnixMs, plan: Plan): LogPosition {
    this.advance(nowMs)
    const until = 'until' in order ? parseTime(order.until) : undefined
    const isOver = until === undefined || until <= this.nowMs
    switch (order.order) {
      case 'lift':
        if (isOver) throw new QwError('QW_LIFT_END_INVALID', { field: '/until' })
        this.requireUnit(order.subject)
        break
      case 'freeze':
      case 'release':
        this.requireUnit(order.subject)
        break
      case 'load.open':
        if (isOver) throw new QwError('QW_BODY_INVALID', { reason: '/until must be after now', field: '/until' })
        if (this.loads.isUsed(order.load)) throw new QwError('QW_LOAD_NAME_USED', { load: order.load })
        break
      case 'acknowledge':
      case 'silence':
        if (until !== undefined && isOver)
          throw new QwError('QW_BODY_INVALID', { reason: '/until must be after now', field: '/until' })
        break
      case 'load.close':
        if (!this.loads.isOpen(order.load, this.nowMs)) throw new QwError('QW_LOAD_NOT_OPEN', { load: order.load })
        break
    }
    const position = plan.next
    this.take({ kind: 'order', order }, plan)
    return position
  }

  /**
   * Lets in what waits for something that is there: a crash may fall between an entry and those that it let in.
   * Once after the log was read back.
   */
  settle(nowMs: UnixMs, plan: Plan): void {
    this.advance(nowMs)
    this.release(this.quarantine.keys(), plan)
  }

  /** Reads back what the log holds. */
  replay(batch: Batch): void {
    this.advance(batch.nowMs)
    batch.entries.forEach((entry, index) => {
      const position = (batch.firstPosition + index) as LogPosition
      if (position > this.position) this.apply(entry, position)
    })
  }

  /** The only way in which anything here changes. */
  private apply(entry: LogEntry, position: LogPosition): void {
    this.position = position
    if (entry.kind === 'event') this.applyEvent(entry, position)
    else if (entry.kind === 'quarantined') this.quarantine.apply(entry, this.nowMs)
    else if (entry.kind === 'order') this.loads.apply(entry.order)
  }

  private applyEvent({ event, timeMs, released }: EventEntry, position: LogPosition): void {
    const hour = event.load === undefined ? hourOf(timeMs) : keptForGood
    this.memory.put(this.print.of(event, timeMs), position, hour, this.oldestHour)
    // An event that was corrected while it waited came in as the corrected one, so the first may not come in as well.
    const waited = released ?? this.quarantine.waitingPair(event.source, event.id)?.item
    if (waited !== undefined) this.quarantine.remove(waited)
    if (!isCityWideSubject(event.subject) || teachesCityWide(event))
      learn(this.subjects.forChange(event.subject), event, timeMs)
  }

  /** The service's clock never goes back, and neither does the horizon that hangs on it. */
  private advance(nowMs: UnixMs): void {
    if (nowMs > this.nowMs) this.nowMs = nowMs
  }

  private take(entry: LogEntry, plan: Plan): void {
    const position = plan.next
    plan.entries.push(entry)
    this.apply(entry, position)
  }

  private detain(event: unknown, why: Hindrance, plan: Plan): Verdict {
    const position = plan.next
    const { code, field, reason, waitsFor } = why
    const entry: QuarantinedEntry = {
      kind: 'quarantined',
      item: String(position),
      code,
      ...(field === undefined ? {} : { field }),
      reason,
      ...(waitsFor === undefined ? {} : { waitsFor }),
      event,
      atMs: this.nowMs,
    }
    this.take(entry, plan)
    return verdictOf(why, position)
  }

  /** Whoever takes the place of one that waits needs no place of its own. */
  private bounded(why: Hindrance, replaces: WaitingItem | undefined): Hindrance {
    const limit = this.limits.waitingEventsMax
    if (why.waitsFor === undefined || replaces !== undefined || this.quarantine.waitingCount < limit) return why
    const { kind, key } = why.waitsFor
    return hindrance('QW_WAITING_FULL', { limit, waitsFor: `${kind} ${key}` }, why.field)
  }

  private hindranceOfTime(event: QuotaEvent, timeMs: UnixMs): Hindrance | undefined {
    if (timeMs > this.nowMs + this.limits.timeAheadMsMax) return hindrance('QW_TIME_AHEAD', {}, '/time')
    if (event.load !== undefined)
      return this.loads.isOpen(event.load, this.nowMs)
        ? undefined
        : hindrance('QW_LOAD_NOT_OPEN', { load: event.load }, '/load')
    return timeMs < this.nowMs - this.limits.duplicateHorizonMs ? hindrance('QW_TIME_TOO_OLD', {}, '/time') : undefined
  }

  private isSame(waiting: WaitingItem, print: Fingerprint): boolean {
    const other = this.otherPrint.of(waiting.event, parseTime(waiting.event.time) as UnixMs)
    return other.contentLo === print.contentLo && other.contentHi === print.contentHi
  }

  /** Round by round, oldest first in each: a unit brings its loans in, those their returns. */
  private release(brought: readonly string[], plan: Plan): void {
    let keys = brought
    while (keys.length > 0 && this.quarantine.waitingCount > 0) {
      // A set, because two loans that come in bring the same key twice, and what waits for it comes in once.
      const candidates = [...new Set(keys)].flatMap((key) => this.quarantine.waitingFor(key))
      candidates.sort((a, b) => Number(a.item) - Number(b.item))
      keys = candidates.map((item) => this.retry(item, plan)).filter((key) => key !== undefined)
    }
  }

  /** Gives the key that it brings when it came in. */
  private retry(waiting: WaitingItem, plan: Plan): string | undefined {
    const { item, event, waitsFor } = waiting
    const why = findHindrance(event, this.subjects)
    if (why === undefined) {
      this.take({ kind: 'event', timeMs: parseTime(event.time) as UnixMs, event, released: item }, plan)
      return bringsKey(event)
    }
    const isUnchanged = why.waitsFor?.kind === waitsFor.kind && why.waitsFor.key === waitsFor.key
    if (!isUnchanged) this.take({ kind: 'quarantined', item, ...why, event, atMs: waiting.atMs }, plan)
    return undefined
  }

  private requireUnit(unit: string): void {
    const known = this.subjects.get(unit)
    if (isCityWideSubject(unit) || !isRegistered(known, unit) || isClosed(known))
      throw new QwError('QW_NOT_FOUND', { what: `unit ${unit}` })
  }
}

function verdictOf(why: Hindrance, position: LogPosition): Verdict {
  return {
    status: 'quarantined',
    position,
    code: why.code,
    ...(why.field === undefined ? {} : { field: why.field }),
    reason: why.reason,
    ...(why.waitsFor === undefined ? {} : { waiting: true }),
  }
}
