/**
 * Numbers transitions, and keeps the chain of each topic: 1, 2, 3 … without a gap, the same for any count of shards.
 *
 * Each transition names the previous n of every topic it is on, so a client that follows one topic sees a loss at once.
 */
import type { N, RuleId, Subject } from '../core/names.js'
import type { Transition, Verdict } from '../core/transition.js'
import { FrozenMap } from './draft.js'

export interface NumbersJson {
  readonly n: N
  /** How many lines follow: of topics, then of alerts. */
  readonly heads: number
  readonly alerts: number
}

/** Of a topic, or of an alert. */
type NumberLine = readonly [key: string, n: N]

const lineOf = (key: string, n: N): string => `${JSON.stringify([key, n] satisfies NumberLine)}\n`

/** Numbers as they stood at one moment. */
export class FrozenNumbers {
  readonly heads: FrozenMap<string, N>
  readonly alerts: FrozenMap<string, N>

  constructor(heads: ReadonlyMap<string, N>, alerts: ReadonlyMap<string, N>) {
    this.heads = new FrozenMap(heads, lineOf)
    this.alerts = new FrozenMap(alerts, lineOf)
  }

  write(lines: string[], max: number): void {
    const count = this.heads.write(lines, max)
    this.alerts.write(lines, max - count)
  }
}

export class Numbers {
  n = 0 as N
  readonly #heads = new Map<string, N>()
  readonly #alerts = new Map<string, N>()
  #frozen: FrozenNumbers | undefined

  next(verdict: Verdict): Transition {
    this.n = (this.n + 1) as N
    // Without a prototype it is a table from the start: named topics would make a hidden class for each unit.
    const topics = Object.create(null) as Record<string, N>
    for (const topic of topicsOf(verdict)) {
      const head = this.#heads.get(topic)
      topics[topic] = head ?? (0 as N)
      if (head !== undefined) this.#frozen?.heads.keep(topic, head)
      this.#heads.set(topic, this.n)
    }
    if (verdict.kind === 'alert') this.#noteAlert(keyOf(verdict.subject, verdict.rule))
    return { ...verdict, n: this.n, topics }
  }

  #noteAlert(key: string): void {
    const last = this.#alerts.get(key)
    if (last !== undefined) this.#frozen?.alerts.keep(key, last)
    this.#alerts.set(key, this.n)
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
    return { n: this.n, heads: this.#heads.size, alerts: this.#alerts.size }
  }

  /** As they are now, to be written while more are given. */
  freeze(): FrozenNumbers {
    this.#frozen = new FrozenNumbers(this.#heads, this.#alerts)
    return this.#frozen
  }

  /** `lines`: what a frozen one wrote. */
  static from({ n, heads, alerts }: NumbersJson, lines: readonly NumberLine[]): Numbers {
    if (lines.length !== heads + alerts) throw new Error(`${lines.length} numbers are not ${heads} and ${alerts}`)
    const numbers = new Numbers()
    numbers.n = n
    for (const [topic, head] of lines.slice(0, heads)) numbers.#heads.set(topic, head)
    for (const [key, last] of lines.slice(heads)) numbers.#alerts.set(key, last)
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
