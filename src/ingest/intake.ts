/**
 * Candidates -> decisions -> the log -> one answer, after the sync.
 *
 * Everything between reading a candidate and appending its entry happens in one turn of the event loop, so the position
 * an entry is decided under is the one that the log gives it. Long requests are taken in slices, each when there is room
 * for it, so that they neither hold up the others nor make them late.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Correction, LogEntry } from '../core/entry.js'
import { explain, QwError } from '../core/errors.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { Candidate } from './candidates.js'
import { entryText } from './canonical.js'
import { exactly, keptOfText, keptOfValue } from './kept-event.js'
import type { PreparedOrder } from './prepared.js'
import { losesNumbers } from './sent-json.js'
import type { Sequencer } from './sequencer.js'
import { type JsonObject, Validator } from './validate.js'
import { Plan, refusedCorrection, type Verdict } from './verdict.js'

/** An event in the place of the one that an item holds, and who says so. */
export interface CorrectionBody extends Correction {
  readonly event: JsonObject
}

/** What ingest needs of room log's `Log`. */
export interface AppendLog {
  readonly head: LogPosition
  readonly pendingEntries: number
  /** `texts[i]`, where it is there: what `JSON.stringify(entries[i])` says. */
  append(
    entries: readonly LogEntry[],
    texts?: readonly (string | undefined)[],
  ): { readonly first: LogPosition; readonly durable: Promise<void> }
}

/** `waiting` is apart from the other quarantined ones. */
export type VerdictName = 'accepted' | 'duplicate' | 'quarantined' | 'waiting' | 'refused'

/** Told what happened, for metrics and for the stamps on frames. Must not throw. */
export interface IngestObserver {
  counted(verdict: VerdictName, events: number): void
  /** Entries `first` … `first + count - 1` come from a request that was received at `receivedUs` (CLOCK_MONOTONIC). */
  appended(first: LogPosition, count: number, receivedUs: number): void
  /** A defect of ours met an event or order; nothing else is harmed. */
  defect(error: Error): void
  /** The same, and the sequencer has counted what is not in the log: only a new start finds back. */
  failed(error: Error): void
}

/** One item of the answer (api). `source` and `id` are null where the event did not say them. */
export type AnswerItem = {
  readonly source: string | null
  readonly id: string | null
  readonly line?: number
} & Verdict

// At 5 µs an event, and as much to parse it, a slice takes two or three milliseconds.
const sliceEvents = 256

export class Intake {
  private readonly log: AppendLog
  private readonly sequencer: Sequencer
  private readonly observer: IngestObserver
  private readonly nowMs: () => UnixMs
  private readonly room: () => Promise<void>
  private readonly validator = new Validator()
  private lastDurable: Promise<void> = Promise.resolve()
  // The sequencer has counted what the log did not take (it is closing or has failed). Nothing may be decided any more.
  private isAhead = false

  /** `room`: resolves when another slice makes nobody late. */
  constructor(
    log: AppendLog,
    sequencer: Sequencer,
    observer: IngestObserver,
    nowMs: () => UnixMs,
    room: () => Promise<void>,
  ) {
    this.log = log
    this.sequencer = sequencer
    this.observer = observer
    this.nowMs = nowMs
    this.room = room
  }

  /** Resolves when all that the answer says is durable. */
  async take(candidates: Iterable<Candidate>, receivedUs: number): Promise<AnswerItem[]> {
    const items: AnswerItem[] = []
    const rest = candidates[Symbol.iterator]()
    while (this.takeSlice(rest, items, receivedUs)) await this.turnWithRoom()
    // Also where nothing was appended: a repeat of an event that is still pending may be confirmed only with it.
    await this.lastDurable
    this.count(items)
    return items
  }

  /** @throws QwError when the order cannot be followed */
  async takeOrder(prepared: PreparedOrder, receivedUs: number): Promise<LogPosition> {
    const plan = this.plan()
    const position = this.forCertain(plan, () => this.sequencer.order(prepared, this.nowMs(), plan))
    this.append(plan, receivedUs)
    await this.lastDurable
    return position
  }

  /** @throws QwError when the item is not there, or its correction cannot be taken */
  async correct(item: string, { event, by, reason }: CorrectionBody, receivedUs: number): Promise<AnswerItem> {
    const fault = this.validator.check(event)
    if (fault !== undefined) throw refusedCorrection(fault)
    const { event: valid, timeMs } = this.validator
    const corrected = { event: valid, timeMs, by, reason }
    const plan = this.plan()
    const verdict = this.forCertain(plan, () => this.sequencer.correct(item, corrected, this.nowMs(), plan))
    this.append(plan, receivedUs)
    await this.lastDurable
    const answer = { source: valid.source, id: valid.id, ...verdict }
    this.count([answer])
    return answer
  }

  /** @throws QwError when the item is not there */
  async dismiss(item: string, correction: Correction, receivedUs: number): Promise<LogPosition> {
    const plan = this.plan()
    const position = this.forCertain(plan, () => this.sequencer.dismiss(item, correction, this.nowMs(), plan))
    this.append(plan, receivedUs)
    await this.lastDurable
    return position
  }

  /** After the log was read back; see `Sequencer.settle`. */
  async settle(receivedUs: number): Promise<number> {
    const plan = this.plan()
    this.sequencer.settle(this.nowMs(), plan)
    this.append(plan, receivedUs)
    await this.lastDurable
    return plan.entries.length
  }

  private async turnWithRoom(): Promise<void> {
    await nextTurn()
    await this.room()
  }

  /** False when there is nothing left. */
  private takeSlice(rest: Iterator<Candidate>, items: AnswerItem[], receivedUs: number): boolean {
    const plan = this.plan()
    const nowMs = this.nowMs()
    let next = rest.next()
    for (let left = sliceEvents; !next.done; next = rest.next()) {
      items.push(this.decideForCertain(next.value, nowMs, plan))
      if (--left === 0) break
    }
    this.append(plan, receivedUs)
    return !next.done
  }

  /** An event that makes us throw harms itself only: it is kept like any other that cannot be taken. */
  private decideForCertain(candidate: Candidate, nowMs: UnixMs, plan: Plan): AnswerItem {
    const { next } = plan
    try {
      return this.decide(candidate, nowMs, plan)
    } catch (thrown) {
      this.caught(thrown, plan.next !== next)
      const event = candidate.value === undefined ? candidate.refusal?.event : this.keptOf(candidate)
      return this.decide({ ...candidate, refusal: { ...defectRefusal, event } }, nowMs, plan)
    }
  }

  /** A decision of which nothing may be left behind when it throws. */
  private forCertain<T>(plan: Plan, decide: () => T): T {
    try {
      return decide()
    } catch (thrown) {
      if (!(thrown instanceof QwError)) this.caught(thrown, plan.entries.length > 0)
      throw thrown
    }
  }

  /** Throws when the sequencer may have counted half of something. */
  private caught(thrown: unknown, isCounted: boolean): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    if (isCounted) {
      this.isAhead = true
      this.observer.failed(error)
      throw error
    }
    this.observer.defect(error)
  }

  private decide(candidate: Candidate, nowMs: UnixMs, plan: Plan): AnswerItem {
    const { value, refusal, line } = candidate
    if (refusal !== undefined) return answerOf(value, line, this.sequencer.refuse(refusal, nowMs, plan))
    if (value === undefined) throw new Error('a candidate is either a value or a refusal')
    const fault = this.validator.check(value)
    const verdict =
      fault === undefined
        ? this.admit(candidate, nowMs, plan)
        : this.sequencer.refuse({ ...fault, event: this.keptOf(candidate) }, nowMs, plan)
    return answerOf(value, line, verdict)
  }

  /** After `check`. */
  private admit({ value, text, line }: Candidate, nowMs: UnixMs, plan: Plan): Verdict {
    const { event, timeMs } = this.validator
    const verdict = this.sequencer.admit(event, timeMs, nowMs, plan)
    // Only what is one line of the log by itself, and all of the event.
    if (verdict.status !== 'accepted' || line === undefined || text === undefined || event !== (value as unknown))
      return verdict
    const known = entryText(timeMs, event, text)
    if (known !== undefined) plan.texts[verdict.position - plan.first] = known
    return verdict
  }

  private keptOf(candidate: Candidate): unknown {
    return keptOfValue(asSent(candidate), this.sequencer.limits.quarantinedEventBytesMax)
  }

  private plan(): Plan {
    if (this.isAhead) throw new QwError('QW_STOPPING')
    return new Plan((this.log.head + this.log.pendingEntries + 1) as LogPosition)
  }

  private append(plan: Plan, receivedUs: number): void {
    if (plan.entries.length === 0) return
    this.isAhead = true
    const { first, durable } = this.log.append(plan.entries, plan.texts)
    if (first !== plan.first) throw new Error(`the log gave position ${first} to what was decided as ${plan.first}`)
    this.isAhead = false
    // Whoever asks awaits it below; of a request in slices only the last one is awaited.
    durable.catch(() => {})
    this.lastDurable = durable
    this.observer.appended(first, plan.entries.length, receivedUs)
  }

  private count(items: readonly AnswerItem[]): void {
    const counts: Record<VerdictName, number> = { accepted: 0, duplicate: 0, quarantined: 0, waiting: 0, refused: 0 }
    for (const item of items) counts[item.status === 'quarantined' && item.waiting ? 'waiting' : item.status]++
    for (const name of Object.keys(counts) as VerdictName[])
      if (counts[name] > 0) this.observer.counted(name, counts[name])
  }
}

function asSent({ value = {}, text, dataText }: Candidate): JsonObject {
  if (text !== undefined) return exactly(value, text)
  return dataText !== undefined && losesNumbers(dataText) ? { ...value, data: keptOfText(dataText) } : value
}

const defectRefusal = { code: 'QW_INTERNAL', reason: explain('QW_INTERNAL') } as const

/** Written out for what is common: two spreads an event were 12 % of the core's time under NDJSON (cpu-prof). */
function answerOf(value: JsonObject | undefined, line: number | undefined, verdict: Verdict): AnswerItem {
  const source = textOf(value, 'source')
  const id = textOf(value, 'id')
  if (verdict.status !== 'accepted' && verdict.status !== 'duplicate')
    return { source, id, ...(line === undefined ? {} : { line }), ...verdict }
  const { status, position } = verdict
  return line === undefined ? { source, id, status, position } : { source, id, line, status, position }
}

const textOf = (value: JsonObject | undefined, name: string): string | null => {
  const text = value?.[name]
  return typeof text === 'string' ? text : null
}
