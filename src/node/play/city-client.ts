/**
 * The running service, as a play needs it: over HTTP, like any department and any operator.
 *
 * A request that was not answered is sent again, since every pair of source and id is taken once; a repeat of what was
 * taken is then a duplicate, and the answer says that it may be.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Play } from '../../api/api.js'
import { QwError } from '../../core/errors.js'
import type { UnixMs } from '../../core/names.js'
import type { Order } from '../../core/order.js'

export interface EventAnswer {
  readonly status: 'accepted' | 'duplicate' | 'quarantined'
  readonly waiting?: true
  readonly code?: string
  readonly reason?: string
}

/** The part of a transition that a play counts. */
export interface ShownTransition {
  readonly n: number
  readonly kind: string
  readonly subject: string
  readonly rule?: string
  readonly from: string
  readonly to: string
  readonly at: string
  readonly requestId?: string
  readonly proposalId?: string
}

export type OrderAnswer =
  | { readonly kind: 'taken' | 'taken before' }
  /** `why` begins with the code. */
  | { readonly kind: 'refused'; readonly why: string }

export interface Sent {
  readonly items: readonly EventAnswer[]
  /** It was asked more than once, so that what was accepted at first may come back as a duplicate. */
  readonly repeated: boolean
}

interface ShownClock {
  readonly now: string
  readonly clock: string
  readonly play?: Play
}

const answerWaitMs = 30_000
/** A core that died is back within seconds; what takes longer needs a person. */
const attemptsMax = 20
const betweenAttemptsMs = 500
const transitionsAtOnce = 10_000

export class CityClient {
  readonly #address: string

  /** `address`: `http://127.0.0.1:8600` */
  constructor(address: string) {
    this.#address = address
  }

  async clock(): Promise<{ readonly nowMs: UnixMs; readonly kind: string; readonly play?: Play }> {
    const { now, clock, play } = (await this.#ask('/v1/clock')).body as ShownClock
    return { nowMs: Date.parse(now) as UnixMs, kind: clock, ...(play ? { play } : {}) }
  }

  /** `play`: whose clock it is from now on. */
  async moveClock(toMs: UnixMs, play?: Play): Promise<void> {
    await this.#ask('/v1/clock', JSON.stringify({ now: new Date(toMs).toISOString(), ...(play ? { play } : {}) }))
  }

  async isEmpty(): Promise<boolean> {
    const { items } = (await this.#ask('/v1/units?limit=1')).body as { items: readonly unknown[] }
    return items.length === 0
  }

  async send(lines: readonly string[]): Promise<Sent> {
    const { body, repeated } = await this.#ask('/v1/events', lines.join('\n'), 'application/x-ndjson')
    return { items: (body as { items: EventAnswer[] }).items, repeated }
  }

  /**
   * Gives an order once. An order has no id by which a repeat would be known, and a second lift is another step; so where
   * it may have been given (`mayBeGiven`, or no answer came) it is looked for among what was judged at this moment.
   */
  async order(order: Order, nowMs: UnixMs, mayBeGiven: boolean): Promise<OrderAnswer> {
    for (let attempt = 1; ; attempt++) {
      if ((mayBeGiven || attempt > 1) && (await this.#wasGiven(order, nowMs))) return { kind: 'taken before' }
      const answer = await this.#attempt('/v1/orders', JSON.stringify(order), 'application/json')
      if (answer instanceof Error || answer.status === 503) {
        if (attempt === attemptsMax) throw this.#isAway(answer)
        await sleep(betweenAttemptsMs)
        continue
      }
      if (answer.ok) return { kind: 'taken' }
      const { code, detail } = (await answer.json()) as Record<string, unknown>
      return { kind: 'refused', why: `${code} ${detail}` }
    }
  }

  /** Every order of a play makes a transition when it is judged, and the clock answers when all is judged. */
  async #wasGiven(order: Order, nowMs: UnixMs): Promise<boolean> {
    await this.moveClock(nowMs)
    for await (const transition of this.transitions(Math.max(0, (await this.head()) - transitionsAtOnce)))
      if (Date.parse(transition.at) === nowMs && isOf(order, transition)) return true
    return false
  }

  /** Entries of the log that the store lacks; undefined where the service does not say. */
  async storeBehind(): Promise<number | undefined> {
    const answer = await this.#attempt('/metrics', undefined, '')
    const text = answer instanceof Error ? '' : await answer.text()
    const depth = /^quotawatch_queue_depth\{[^}]*queue="store_entries"[^}]*\} (\d+)/m.exec(text)?.[1]
    return depth === undefined ? undefined : Number(depth)
  }

  /** The newest transition's number. */
  async head(): Promise<number> {
    return ((await this.#ask('/v1/transitions?limit=1')).body as { head: number }).head
  }

  async *transitions(since: number): AsyncGenerator<ShownTransition> {
    let last = since
    for (;;) {
      const { body } = await this.#ask(`/v1/transitions?since=${last}&limit=${transitionsAtOnce}`)
      const { items } = body as { items: readonly ShownTransition[] }
      yield* items
      const newest = items.at(-1)
      if (!newest) return
      last = newest.n
    }
  }

  /** @throws Error that begins with the service's own code when it refuses; QwError QW_SERVICE_AWAY */
  async #ask(path: string, body?: string, type = 'application/json'): Promise<{ body: unknown; repeated: boolean }> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#attempt(path, body, type)
      if (answer instanceof Error || answer.status === 503) {
        if (attempt === attemptsMax) throw this.#isAway(answer)
        await sleep(betweenAttemptsMs)
        continue
      }
      const value = (await answer.json()) as Record<string, unknown>
      if (answer.ok) return { body: value, repeated: attempt > 1 }
      // The service has filled in its own sentence.
      throw new Error(`${value['code']} ${value['detail'] ?? value['title']}`)
    }
  }

  #isAway(answer: Response | Error): QwError {
    return new QwError('QW_SERVICE_AWAY', { address: this.#address, reason: why(answer) })
  }

  async #attempt(path: string, body: string | undefined, type: string): Promise<Response | Error> {
    const signal = AbortSignal.timeout(answerWaitMs)
    const request =
      body === undefined ? { signal } : { signal, method: 'POST', headers: { 'content-type': type }, body }
    try {
      return await fetch(`${this.#address}${path}`, request)
    } catch (error) {
      return error as Error
    }
  }
}

/** Whether the transition is what the order made. */
function isOf(order: Order, { kind, subject, rule, to, requestId, proposalId }: ShownTransition): boolean {
  switch (order.order) {
    case 'lift':
      return kind === 'freeze' && to === 'lifted' && subject === order.subject
    case 'acknowledge':
      return kind === 'acknowledgement' && to === 'acknowledged' && subject === order.subject && rule === order.rule
    case 'silence':
      return kind === 'silence' && to === 'silenced' && subject === order.subject && rule === order.rule
    case 'decide':
      if ('requestId' in order) return kind === 'request' && requestId === order.requestId
      return kind === 'proposal' && proposalId === order.proposalId && to === order.decision
    default:
      throw new Error(`a play gives no order ${order.order}`)
  }
}

const why = (answer: Response | Error): string => (answer instanceof Error ? answer.message : `status ${answer.status}`)
