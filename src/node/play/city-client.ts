/**
 * The running service, as a play needs it: over HTTP, like any department and any operator.
 *
 * A request that was not answered is sent again, since every pair of source and id is taken once; a repeat of what was
 * taken is then a duplicate, and the answer says that it may be.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { QwError } from '../../core/errors.js'
import type { UnixMs } from '../../core/names.js'

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
}

export interface Sent {
  readonly items: readonly EventAnswer[]
  /** It was asked more than once, so that what was accepted at first may come back as a duplicate. */
  readonly repeated: boolean
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

  async clock(): Promise<{ readonly nowMs: UnixMs; readonly kind: string }> {
    const { now, clock } = (await this.#ask('/v1/clock')).body as { now: string; clock: string }
    return { nowMs: Date.parse(now) as UnixMs, kind: clock }
  }

  async moveClock(toMs: UnixMs): Promise<void> {
    await this.#ask('/v1/clock', JSON.stringify({ now: new Date(toMs).toISOString() }))
  }

  async isEmpty(): Promise<boolean> {
    const { items } = (await this.#ask('/v1/units?limit=1')).body as { items: readonly unknown[] }
    return items.length === 0
  }

  async send(lines: readonly string[]): Promise<Sent> {
    const { body, repeated } = await this.#ask('/v1/events', lines.join('\n'), 'application/x-ndjson')
    return { items: (body as { items: EventAnswer[] }).items, repeated }
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
        if (attempt === attemptsMax)
          throw new QwError('QW_SERVICE_AWAY', { address: this.#address, reason: why(answer) })
        await sleep(betweenAttemptsMs)
        continue
      }
      const value = (await answer.json()) as Record<string, unknown>
      if (answer.ok) return { body: value, repeated: attempt > 1 }
      // The service has filled in its own sentence.
      throw new Error(`${value['code']} ${value['detail'] ?? value['title']}`)
    }
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

const why = (answer: Response | Error): string => (answer instanceof Error ? answer.message : `status ${answer.status}`)
