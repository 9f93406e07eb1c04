/**
 * May a request be taken now? Asked before anything of it is read: load makes the service refuse, with a reason, before
 * anything is late, and nothing is taken that could not be kept.
 *
 * Orders are few and people wait for them: they are refused only when nothing can be kept. The gate and health ask nobody.
 */
import type { Config } from '../config/config.js'
import { QwError } from '../core/errors.js'
import type { Request, Sequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Judge } from '../workers/judge.js'
import type { DelayEstimate } from './delay.js'
import type { Disk } from './disk.js'

const reasons = ['stopping', 'disk', 'log', 'memory', 'engine', 'record', 'delay'] as const
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
  readonly delay: Pick<DelayEstimate, 'of'>
  readonly sequencer: Pick<Sequencer, 'isFull'>
}

export class Admission {
  readonly #parts: AdmissionParts
  readonly #refused = Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<Reason, number>
  isStopping = false

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** What to refuse the request with, or undefined. Counts. */
  readonly verdict = (request: Request): QwError | undefined => {
    const refusal = this.#refusal(request)
    if (refusal) this.#refused[refusal.reason] += 1
    return refusal?.error
  }

  /** The same of events, for who only looks. */
  get refuses(): QwError | undefined {
    return this.#refusal('events')?.error
  }

  /** Requests refused so far, by reason. */
  get refused(): Readonly<Record<Reason, number>> {
    return this.#refused
  }

  /** How long an event that is taken now would take until it is durable and judged. */
  get delayMs(): number {
    const { log, judge, delay } = this.#parts
    const waiting = log.head + log.pendingEntries - judge.position
    return waiting <= 0 ? 0 : delay.of(waiting) / 1000
  }

  #refusal(request: Request): Refusal | undefined {
    const { config, disk, log, sequencer, record, judge } = this.#parts
    if (this.isStopping) return { reason: 'stopping', error: new QwError('QW_STOPPING') }
    if (disk.isLow) return { reason: 'disk', error: new QwError('QW_DISK_NEARLY_FULL') }
    if (request === 'order') return undefined
    if (log.pendingEntries >= config.pendingEntriesMax) return overloaded('log')
    if (sequencer.isFull()) return overloaded('memory', 'duplicate memory')
    if (judge.backlogEntries >= config.judgeBacklogEntriesMax) return overloaded('engine')
    if (record.isBehind) return overloaded('record')
    const { delayMs } = this
    return delayMs > config.ingestDelayMsMax ? late(delayMs, config.ingestDelayMsMax) : undefined
  }
}

const overloaded = (reason: Reason, queue: string = reason): Refusal => ({
  reason,
  error: new QwError('QW_OVERLOADED', { queue }),
})

const late = (delayMs: number, limit: number): Refusal => ({
  reason: 'delay',
  error: new QwError('QW_TOO_LATE', {
    delayMs: Math.round(delayMs),
    limit,
    retryAfterSeconds: Math.max(1, Math.ceil(delayMs / 1000)),
  }),
})
