/**
 * The sequencer: decides at once what an HTTP answer must say of an event or an order.
 *
 * It stands before the log and counts what is pending as well as what is committed. Its decision becomes an entry of
 * the log, and `apply` is the only way in which its state changes, live and when the log is read back at the start; so
 * its state is a function of the log. Room ingest's routes call it; `restoreSequencer` (snapshot.ts) builds it.
 */
import { formatTime } from '../core/day.js'
import type { Batch, Correction, EventEntry, LogEntry, QuarantinedEntry } from '../core/entry.js'
import { explain, QwError } from '../core/errors.js'
import type { QuotaEvent } from '../core/event.js'
import { isCityWideSubject, type LogPosition, type UnixMs } from '../core/names.js'
import { parseTime } from '../core/rfc3339.js'
import { Fingerprint } from './fingerprint.js'
import { findHindrance, type Hindrance, hindrance } from './hindrance.js'
import { bringsKey, learn, teachesCityWide } from './known.js'
import { KnownSubjects } from './known-subjects.js'
import type { SequencerLimits } from './limits.js'
import { Loads } from './loads.js'
import { approvalOf, requireFollowable } from './order-checks.js'
import { hourOf, keptForGood, PairMemory } from './pair-memory.js'
import type { PreparedOrder, QuotaChange } from './prepared.js'
import { charactersOf, pairIn, positionOf, Quarantine, type QuarantineItem, type WaitingItem } from './quarantine.js'
import { SubjectWatch } from './subject-watch.js'
import { type Corrected, type Plan, type Refusal, refusedCorrection, type Verdict, verdictOf } from './verdict.js'

// Partitions of the duplicate memory that a full memory looks through for forgotten pairs, per request.
const sweepPartitions = 4
// A load that is opened once more is closed by the same plan; it ends by itself when a crash falls between the two.
const reopenedMsMax = 60_000
const ofItself = { by: 'quotawatch', reason: 'what waited out of this load, which has ended, comes in' } as const

export class Sequencer {
  /** Of the last entry that was applied. */
  position = 0 as LogPosition
  nowMs = 0 as UnixMs
  readonly limits: SequencerLimits
  readonly memory = new PairMemory()
  readonly subjects = new KnownSubjects()
  readonly loads = new Loads()
  readonly quarantine: Quarantine
  private watched: SubjectWatch | undefined
  private readonly print = new Fingerprint()
  private readonly otherPrint = new Fingerprint()

  constructor(limits: SequencerLimits) {
    this.limits = limits
    this.quarantine = new Quarantine(limits)
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
    if (hindered !== undefined) return this.detain(event, this.bounded(hindered, waiting !== undefined), plan)
    return this.accept({ kind: 'event', timeMs, event }, plan)
  }

  /** Keeps what is not a valid event. */
  refuse(refusal: Refusal, nowMs: UnixMs, plan: Plan): Verdict {
    this.advance(nowMs)
    const { event } = refusal
    return this.detain(event, { ...refusal, ...this.takenPair(event) }, plan)
  }

  /**
   * A person's correction of an item: judged anew, in the place of what was kept. Refused, with nothing changed, when it
   * cannot come in for another reason than that something is missing yet. @throws QwError
   */
  correct(item: string, correct: Corrected, nowMs: UnixMs, plan: Plan): Verdict {
    this.advance(nowMs)
    const held = this.openItem(item)
    const { event, timeMs, by, reason } = correct
    const print = this.print.of(event, timeMs)
    if (this.memory.find(print.keyLo, print.keyHi, this.oldestHour)) {
      const { position, contentLo, contentHi } = this.memory
      if (contentLo !== print.contentLo || contentHi !== print.contentHi)
        throw refusedCorrection(hindrance('QW_ID_CONFLICT', { position }, '/id'))
      this.take({ kind: 'dismissed', item, by, reason }, plan)
      return { status: 'duplicate', position }
    }
    const hindered =
      this.hindranceOfTime(event, timeMs, this.knownSince(held, event)) ?? findHindrance(event, this.subjects)
    const corrected = { by, reason }
    if (hindered === undefined) return this.accept({ kind: 'event', timeMs, event, released: item, corrected }, plan)
    const why = this.bounded(hindered, held.waitsFor !== undefined)
    if (why.waitsFor === undefined) throw refusedCorrection(why)
    const position = plan.next
    this.take({ kind: 'quarantined', item, ...why, event, atMs: held.atMs, corrected }, plan)
    return verdictOf(why, position)
  }

  /** Sets an item aside for good. @throws QwError */
  dismiss(item: string, { by, reason }: Correction, nowMs: UnixMs, plan: Plan): LogPosition {
    this.advance(nowMs)
    this.openItem(item)
    const position = plan.next
    this.take({ kind: 'dismissed', item, by, reason }, plan)
    return position
  }

  /** Takes note of what is taken about the subject from here on; one subject at a time. */
  watch(subject: string): SubjectWatch {
    this.watched = new SubjectWatch(subject, this.position)
    return this.watched
  }

  /** Takes an order and what follows it, or nothing. @throws QwError when any of it cannot be taken */
  order({ order, follows = [] }: PreparedOrder, nowMs: UnixMs, plan: Plan): LogPosition {
    this.advance(nowMs)
    requireFollowable(order, this, this.nowMs)
    const entries = follows.map((follow) => (follow.kind === 'quota' ? this.approvalOf(follow) : follow))
    const position = plan.next
    this.take({ kind: 'order', order }, plan)
    for (const entry of entries) this.take(entry, plan)
    return position
  }

  /** An event of the service's own, under the same laws as any: taken once, and about a unit that stands. */
  private approvalOf(change: QuotaChange): EventEntry {
    const known = this.subjects.get(change.unit)
    const entry = approvalOf(change, known, this.nowMs)
    const { keyLo, keyHi } = this.print.of(entry.event, entry.timeMs)
    if (this.memory.find(keyLo, keyHi, this.oldestHour))
      throw new QwError('QW_NOT_OPEN', { what: `decision ${change.id}`, state: 'made' })
    const hindered = findHindrance(entry.event, this.subjects)
    if (hindered) throw new QwError(hindered.code, { unit: change.unit, field: '/subject' })
    return entry
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
    this.watched?.see(entry)
    if (entry.kind === 'event') this.applyEvent(entry, position)
    else if (entry.kind === 'quarantined') this.quarantine.apply(entry, position, this.nowMs)
    else if (entry.kind === 'dismissed') {
      const { item, by, reason } = entry
      this.quarantine.resolve(item, { kind: 'dismissed', position, atMs: this.nowMs, by, reason })
    } else if (entry.kind === 'order') this.loads.apply(entry.order)
  }

  private applyEvent({ event, timeMs, released, corrected }: EventEntry, position: LogPosition): void {
    const hour = event.load === undefined ? hourOf(timeMs) : keptForGood
    this.memory.put(this.print.of(event, timeMs), position, hour, this.oldestHour)
    this.quarantine.came(event, released, corrected, { position, atMs: this.nowMs })
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

  private accept(entry: EventEntry, plan: Plan): Verdict {
    const position = plan.next
    this.take(entry, plan)
    const key = bringsKey(entry.event)
    if (key !== undefined) this.release([key], plan)
    return { status: 'accepted', position }
  }

  private detain(event: unknown, why: Detained, plan: Plan): Verdict {
    const position = plan.next
    const { code, field, reason, waitsFor, taken } = why
    if (waitsFor === undefined) {
      const same = this.quarantine.sameAs(event, code)
      if (same) return verdictOf(same, positionOf(same.item))
      const characters = charactersOf({ event })
      const limit = this.limits.quarantinedEventBytesMax
      if (characters > limit)
        return { status: 'refused', code: 'QW_EVENT_TOO_LARGE', reason: explain('QW_EVENT_TOO_LARGE', { limit }) }
      const full = this.quarantine.fullBy(characters)
      if (full) return { status: 'refused', code: 'QW_QUARANTINE_FULL', reason: explain('QW_QUARANTINE_FULL', full) }
    }
    const entry: QuarantinedEntry = {
      kind: 'quarantined',
      item: String(position),
      code,
      ...(field === undefined ? {} : { field }),
      reason,
      ...(waitsFor === undefined ? {} : { waitsFor }),
      event,
      ...(taken === undefined ? {} : { taken }),
      atMs: this.nowMs,
    }
    this.take(entry, plan)
    return verdictOf(why, position)
  }

  /** Of something that is no valid event: whether another of its pair was taken. */
  private takenPair(event: unknown): { readonly taken?: LogPosition } {
    const pair = pairIn(event)
    if (!pair) return {}
    const { keyLo, keyHi } = this.print.ofPair(...pair)
    return this.memory.find(keyLo, keyHi, this.oldestHour) ? { taken: this.memory.position } : {}
  }

  private openItem(item: string): QuarantineItem {
    const held = this.quarantine.get(item)
    if (held) return held
    const done = this.quarantine.getDone(item)
    if (!done) throw new QwError('QW_NOT_FOUND', { what: 'such item in the quarantine' })
    throw new QwError('QW_QUARANTINE_DONE', { what: done.resolution.kind, position: done.resolution.position })
  }

  /**
   * Since when it is known that no event of this pair was taken: then a correction may be as old as it could have been
   * when the item came, though the memory of that time has gone.
   */
  private knownSince({ event: held, code, taken, atMs }: QuarantineItem, event: QuotaEvent): UnixMs {
    const pair = pairIn(held)
    const isSamePair = pair !== undefined && pair[0] === event.source && pair[1] === event.id
    const wasLookedFor = code !== 'QW_TIME_TOO_OLD' && code !== 'QW_ID_CONFLICT' && taken === undefined
    return isSamePair && wasLookedFor ? atMs : this.nowMs
  }

  /** Whoever takes the place of one that waits needs no place of its own. */
  private bounded(why: Hindrance, replaces: boolean): Hindrance {
    const limit = this.limits.waitingEventsMax
    if (why.waitsFor === undefined || replaces || this.quarantine.waitingCount < limit) return why
    const { kind, key } = why.waitsFor
    return hindrance('QW_WAITING_FULL', { limit, waitsFor: `${kind} ${key}` }, why.field)
  }

  /** `sinceMs`: from when on the pair would have been noticed. */
  private hindranceOfTime(event: QuotaEvent, timeMs: UnixMs, sinceMs = this.nowMs): Hindrance | undefined {
    if (timeMs > this.nowMs + this.limits.timeAheadMsMax) return hindrance('QW_TIME_AHEAD', {}, '/time')
    if (event.load !== undefined)
      return this.loads.isOpen(event.load, this.nowMs)
        ? undefined
        : hindrance('QW_LOAD_NOT_OPEN', { load: event.load }, '/load')
    return timeMs < sinceMs - this.limits.duplicateHorizonMs ? hindrance('QW_TIME_TOO_OLD', {}, '/time') : undefined
  }

  private isSame(waiting: WaitingItem, print: Fingerprint): boolean {
    const other = this.otherPrint.of(waiting.event, parseTime(waiting.event.time) as UnixMs)
    return other.contentLo === print.contentLo && other.contentHi === print.contentHi
  }

  /**
   * Round by round, oldest first in each: a unit brings its loans in, those their returns. What waited out of a load that
   * has ended meanwhile comes in as that load's still: the load is opened once more around it, so that its units are
   * judged when all of it is there and not after each piece (decision 0012).
   */
  private release(brought: readonly string[], plan: Plan): void {
    const reopened = new Set<string>()
    let keys = brought
    while (keys.length > 0 && this.quarantine.waitingCount > 0) {
      // A set, because two loans that come in bring the same key twice, and what waits for it comes in once.
      const candidates = [...new Set(keys)].flatMap((key) => this.quarantine.waitingFor(key))
      candidates.sort((a, b) => Number(a.item) - Number(b.item))
      keys = candidates.map((item) => this.retry(item, plan, reopened)).filter((key) => key !== undefined)
    }
    for (const load of reopened) this.take({ kind: 'order', order: { order: 'load.close', load, ...ofItself } }, plan)
  }

  /** Gives the key that it brings when it came in. */
  private retry(waiting: WaitingItem, plan: Plan, reopened: Set<string>): string | undefined {
    const { item, event, waitsFor } = waiting
    const why = findHindrance(event, this.subjects)
    if (why === undefined) {
      this.reopenLoadOf(event, plan, reopened)
      this.take({ kind: 'event', timeMs: parseTime(event.time) as UnixMs, event, released: item }, plan)
      return bringsKey(event)
    }
    const isUnchanged = why.waitsFor?.kind === waitsFor.kind && why.waitsFor.key === waitsFor.key
    // It keeps a place even where there is none left: it was answered.
    if (!isUnchanged) this.take({ kind: 'quarantined', item, ...why, event, atMs: waiting.atMs }, plan)
    return undefined
  }

  private reopenLoadOf({ load }: QuotaEvent, plan: Plan, reopened: Set<string>): void {
    if (load === undefined || this.loads.isOpen(load, this.nowMs)) return
    const until = formatTime((this.nowMs + reopenedMsMax) as UnixMs)
    this.take({ kind: 'order', order: { order: 'load.open', load, until, ...ofItself } }, plan)
    reopened.add(load)
  }
}

interface Detained extends Hindrance {
  readonly taken?: LogPosition
}
