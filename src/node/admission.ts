/**
 * May a request be taken now? Asked by the door as soon as its head is read, and again before its events are taken: load
 * makes the service refuse, with a reason, before anything is late, and nothing is taken that could not be kept.
 *
 * A long request is taken in pieces, and each piece waits (`room`) until those before it would not make others late.
 *
 * Orders are few and people wait for them: they are refused only when nothing can be kept. The gate and health ask nobody.
 */
import type { Config } from '../config/config.js'
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'
import type { Request, Sequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Judge } from '../workers/judge.js'
import { monotonicUs } from './clock.js'
import type { DelayEstimate } from './delay.js'
import type { Disk } from './disk.js'
import type { Foundation } from './foundation.js'
import { Turns } from './turns.js'

const reasons = ['starting', 'stopping', 'disk', 'log', 'memory', 'engine', 'record', 'delay', 'bodies'] as const
type Reason = (typeof reasons)[number]

interface Refusal {
  readonly reason: Reason
  readonly error: QwError
}

export interface AdmissionParts {
  readonly config: Pick<Config, 'judgeBacklogEntriesMax' | 'ingestDelayMsMax' | 'pendingEntriesMax'>
  readonly disk: Pick<Disk, 'isLow'>
  readonly log: Pick<Log, 'head' | 'pendingEntries'>
  readonly record: Pick<TransitionRecord, 'isBehind'>
  readonly judge: Pick<Judge, 'position' | 'backlogEntries'>
  readonly delay: Pick<DelayEstimate, 'of' | 'ofQueue'>
  readonly turns: Pick<Turns, 'waitedUs'>
  /** Resolves when this entry was judged. */
  readonly judged: (position: LogPosition) => Promise<void>
  readonly sequencer: Pick<Sequencer, 'isFull'>
}

export class Admission {
  readonly #parts: AdmissionParts
  readonly #refused = Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<Reason, number>
  isStopping = false
  /** Why events are not taken yet, but for those that carry the pass. */
  starting: { readonly state: string; readonly pass: string } | undefined

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** Of a core that stands on this. */
  static of(base: Foundation): Admission {
    const { begin, recovered, flow } = base
    const judged = (position: LogPosition) => flow.reached(position)
    const { delay } = flow
    return new Admission({ ...base, ...recovered, config: begin.config, delay, turns: new Turns(), judged })
  }

  /** What to refuse a request with that is being read, or undefined. Counts. */
  readonly verdict = (request: Request): QwError | undefined => {
    const nowUs = monotonicUs()
    return this.#counted(this.#refusal(request, nowUs, this.#parts.turns.waitedUs(nowUs)))
  }

  /** What to refuse events with that come before the service is whole, or undefined for those with the pass. Counts. */
  readonly notYet = (pass: unknown): QwError | undefined =>
    this.#counted(this.starting?.pass === pass ? undefined : this.#startingRefusal())

  /** A body for which there is no room. Counts. */
  readonly tooMuch = (): QwError | undefined => this.#counted(overloaded('bodies'))

  /** The same as `verdict` of events, for who only looks. */
  get refuses(): QwError | undefined {
    return (this.#startingRefusal() ?? this.#refusal('events', monotonicUs(), 0))?.error
  }

  /** Resolves when so little waits that another piece of a long request makes nobody late. */
  readonly room = async (): Promise<void> => {
    const { config, judge, delay, judged } = this.#parts
    while (delay.ofQueue(this.#waiting) > (config.ingestDelayMsMax * 1000) / roomShare)
      await judged((judge.position + 1) as LogPosition)
  }

  /** Requests refused so far, by reason. */
  get refused(): Readonly<Record<Reason, number>> {
    return this.#refused
  }

  /** How long an event that is taken now would take until it is durable and judged. */
  get delayMs(): number {
    return this.#delayUs(monotonicUs()) / 1000
  }

  get #waiting(): number {
    const { log, judge } = this.#parts
    return log.head + log.pendingEntries - judge.position
  }

  #delayUs(nowUs: number): number {
    const waiting = this.#waiting
    return waiting <= 0 ? 0 : this.#parts.delay.of(waiting, nowUs)
  }

  #counted(refusal: Refusal | undefined): QwError | undefined {
    if (refusal) this.#refused[refusal.reason] += 1
    return refusal?.error
  }

  #startingRefusal(): Refusal | undefined {
    return this.starting && { reason: 'starting', error: new QwError('QW_STARTING', { state: this.starting.state }) }
  }

  /** `waitedUs`: what the request has waited already. */
  #refusal(request: Request, nowUs: number, waitedUs: number): Refusal | undefined {
    const { config, disk, log, sequencer, record, judge } = this.#parts
    if (this.isStopping) return { reason: 'stopping', error: new QwError('QW_STOPPING') }
    if (disk.isLow) return { reason: 'disk', error: new QwError('QW_DISK_NEARLY_FULL') }
    if (request === 'order') return undefined
    if (log.pendingEntries >= config.pendingEntriesMax) return overloaded('log')
    if (sequencer.isFull()) return forgetsSlowly
    if (judge.backlogEntries >= config.judgeBacklogEntriesMax) return overloaded('engine')
    if (record.isBehind) return overloaded('record')
    const delayMs = (waitedUs + this.#delayUs(nowUs)) / 1000
    return delayMs > config.ingestDelayMsMax ? late(delayMs, config.ingestDelayMsMax) : undefined
  }
}

// Long requests leave half of the budget to short ones.
const roomShare = 2

const overloaded = (reason: Reason, queue: string = reason): Refusal => ({
  reason,
  error: new QwError('QW_OVERLOADED', { queue }),
})

/** It forgets what is older than `duplicateHorizonMs`, an hour at a time. */
const forgetsSlowly: Refusal = {
  reason: 'memory',
  error: new QwError('QW_OVERLOADED', { queue: 'duplicate memory', retryAfterSeconds: 60 }),
}

const late = (delayMs: number, limit: number): Refusal => ({
  reason: 'delay',
  error: new QwError('QW_TOO_LATE', {
    delayMs: Math.round(delayMs),
    limit,
    retryAfterSeconds: Math.max(1, Math.ceil(delayMs / 1000)),
  }),
})
