/**
 * The departments: each sends what is due, and what was not acknowledged again, until it is.
 *
 * Open loop: event i is due at start + i / rate, whatever became of the ones before. What piled up while nobody answered
 * is sent at once in larger requests. Every event has an id of its own, so that sending it again changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type CitySettings, eventBody } from '../city.js'

export interface SenderSettings {
  readonly address: string
  readonly city: CitySettings
  readonly perSecond: number
  readonly departments: number
  /** An answer later than that counts as none. */
  readonly answerWaitMs: number
}

interface Item {
  readonly id: string
  readonly status: string
}

// After a refusal or a connection that failed; a department's own patience.
const againMs = 25
const eventsPerRequestMax = 500

export class Sender {
  /** Ids that an answer called accepted or duplicate. */
  readonly acknowledged = new Set<string>()
  /** Items that were answered with anything else; there should be none. */
  readonly refused: string[] = []
  requests = 0
  failures = 0
  readonly #settings: SenderSettings
  readonly #acks: { readonly begunMs: number; readonly resolve: (atMs: number) => void }[] = []
  #next = 0
  #startMs = 0
  #isOver = false
  #running: Promise<void>[] = []

  constructor(settings: SenderSettings) {
    this.#settings = settings
  }

  start(): void {
    this.#startMs = performance.now()
    this.#running = Array.from({ length: this.#settings.departments }, () => this.#department())
  }

  /** Sends nothing new; resolves when everything that was sent is acknowledged. */
  async finish(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#running)
  }

  get sent(): number {
    return this.#next
  }

  /** When a request that began after `sinceMs` was acknowledged. */
  acknowledgedAfter(sinceMs: number): Promise<number> {
    return new Promise((resolve) => this.#acks.push({ begunMs: sinceMs, resolve }))
  }

  async #department(): Promise<void> {
    while (!this.#isOver) {
      const ids = this.#take()
      if (ids.length > 0) await this.#untilAcknowledged(ids)
      else await sleep(5)
    }
  }

  #take(): number[] {
    const due = Math.floor(((performance.now() - this.#startMs) / 1000) * this.#settings.perSecond)
    const count = Math.min(eventsPerRequestMax, Math.max(0, due - this.#next))
    const indexes = Array.from({ length: count }, (_, i) => this.#next + i)
    this.#next += count
    return indexes
  }

  async #untilAcknowledged(indexes: readonly number[]): Promise<void> {
    const time = new Date().toISOString()
    const body = indexes.map((index) => eventBody(index, this.#settings.city, time)).join('\n')
    for (;;) {
      const begunMs = performance.now()
      const items = await this.#send(body)
      if (items) {
        this.#note(items, begunMs)
        return
      }
      this.failures += 1
      await sleep(againMs)
    }
  }

  async #send(body: string): Promise<readonly Item[] | undefined> {
    this.requests += 1
    try {
      const answer = await fetch(`${this.#settings.address}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body,
        signal: AbortSignal.timeout(this.#settings.answerWaitMs),
      })
      const text = await answer.text()
      return answer.status === 202 ? (JSON.parse(text) as { items: readonly Item[] }).items : undefined
    } catch {
      return undefined
    }
  }

  #note(items: readonly Item[], begunMs: number): void {
    for (const item of items)
      if (item.status === 'accepted' || item.status === 'duplicate') this.acknowledged.add(item.id)
      else this.refused.push(JSON.stringify(item))
    const atMs = performance.now()
    for (let i = this.#acks.length - 1; i >= 0; i -= 1) {
      const waiting = this.#acks[i]
      if (!waiting || waiting.begunMs > begunMs) continue
      this.#acks.splice(i, 1)
      waiting.resolve(atMs)
    }
  }
}
