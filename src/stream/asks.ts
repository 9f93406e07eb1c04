/**
 * What the push process has asked the core and not heard yet: snapshots, and transitions older than the ring.
 *
 * Asked once, however many clients wait for the same: after a push process died, 16,000 clients come back for a handful
 * of topics. A question survives the loss of the core, and is asked again when it is back, until it has waited too long.
 */
import { keyOf, type Need } from './need.js'
import type { Subscription } from './session.js'

export interface AsksSettings {
  readonly coreRequestsMax: number
  readonly coreWaitMs: number
}

interface Ask {
  readonly need: Need
  readonly askedAtMs: number
  readonly waiting: Set<Subscription>
}

export class Asks {
  readonly #settings: AsksSettings
  readonly #send: (need: Need) => void
  readonly #asks = new Map<string, Ask>()
  readonly #askOf = new WeakMap<Subscription, Ask>()

  constructor(settings: AsksSettings, send: (need: Need) => void) {
    this.#settings = settings
    this.#send = send
  }

  /** False when coreRequestsMax different questions are open already. */
  ask(need: Need, subscription: Subscription, nowMs: number): boolean {
    const key = keyOf(need)
    let ask = this.#asks.get(key)
    if (!ask) {
      if (this.#asks.size >= this.#settings.coreRequestsMax) return false
      ask = { need, askedAtMs: nowMs, waiting: new Set() }
      this.#asks.set(key, ask)
      this.#send(need)
    }
    ask.waiting.add(subscription)
    this.#askOf.set(subscription, ask)
    return true
  }

  /** The subscriptions that wait for this answer; they wait no longer. */
  answered(need: Need): Subscription[] {
    const key = keyOf(need)
    const waiting = [...(this.#asks.get(key)?.waiting ?? [])]
    this.#asks.delete(key)
    return waiting
  }

  forget(subscription: Subscription): void {
    this.#askOf.get(subscription)?.waiting.delete(subscription)
  }

  sendAgain(): void {
    for (const { need } of this.#asks.values()) this.#send(need)
  }

  /** Takes out the questions that have waited for coreWaitMs. The oldest stand first. */
  expired(nowMs: number): Subscription[] {
    const late: Subscription[] = []
    for (const [key, ask] of this.#asks) {
      if (nowMs - ask.askedAtMs < this.#settings.coreWaitMs) break
      this.#asks.delete(key)
      late.push(...ask.waiting)
    }
    return late
  }
}
