/**
 * Numbers transitions, and keeps the chain of each topic: 1, 2, 3 … without a gap, the same for any count of shards.
 *
 * Each transition names the previous n of every topic it is on, so a client that follows one topic sees a loss at once.
 */
import type { N, RuleId, Subject } from '../core/names.js'
import type { Transition, Verdict } from '../core/transition.js'
import { sorted } from './sorted.js'

export interface NumbersJson {
  readonly n: N
  readonly heads: readonly (readonly [topic: string, n: N])[]
  readonly alerts: readonly (readonly [key: string, n: N])[]
}

export class Numbers {
  n = 0 as N
  readonly #heads = new Map<string, N>()
  readonly #alerts = new Map<string, N>()

  next(verdict: Verdict): Transition {
    this.n = (this.n + 1) as N
    // Without a prototype it is a table from the start: named topics would make a hidden class for each unit.
    const topics = Object.create(null) as Record<string, N>
    for (const topic of topicsOf(verdict)) {
      topics[topic] = this.#heads.get(topic) ?? (0 as N)
      this.#heads.set(topic, this.n)
    }
    if (verdict.kind === 'alert') this.#alerts.set(keyOf(verdict.subject, verdict.rule), this.n)
    return { ...verdict, n: this.n, topics }
  }

  /** The n of the alert's last transition. */
  ofAlert(subject: Subject, rule: RuleId): N | undefined {
    return this.#alerts.get(keyOf(subject, rule))
  }

  heads(): Readonly<Record<string, N>> {
    return Object.fromEntries(this.#heads)
  }

  head(topic: string): N {
    return this.#heads.get(topic) ?? (0 as N)
  }

  toJson(): NumbersJson {
    return { n: this.n, heads: sorted(this.#heads), alerts: sorted(this.#alerts) }
  }

  static from({ n, heads, alerts }: NumbersJson): Numbers {
    const numbers = new Numbers()
    numbers.n = n
    for (const [topic, head] of heads) numbers.#heads.set(topic, head)
    for (const [key, last] of alerts) numbers.#alerts.set(key, last)
    return numbers
  }
}

/** No id of a rule or subject holds a space. */
const keyOf = (subject: Subject, rule: RuleId): string => `${subject} ${rule}`

function topicsOf(verdict: Verdict): string[] {
  return [
    ...(verdict.unit === undefined ? [] : [`unit/${verdict.unit}`]),
    ...(verdict.county === undefined ? [] : [`county/${verdict.county}`]),
    // What is in no county is the city's: its own rules, the pool, sectors, accounts, feeds, the service itself.
    ...(verdict.unit === undefined && verdict.county === undefined ? ['city'] : []),
    ...(verdict.kind === 'freeze' ? ['freezes'] : []),
    'all',
  ]
}
