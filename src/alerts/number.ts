/**
 * Numbers transitions, and keeps the chain of each topic: 1, 2, 3 … without a gap, the same for any count of shards.
 *
 * Each transition names the previous n of every topic it is on, so a client that follows one topic sees a loss at once.
 */
import { type County, counties, type N, type RuleId, type Subject, type UnitId } from '../core/names.js'
import type { Transition, Verdict } from '../core/transition.js'
import { type AlertNumber, AlertNumbers } from './alert-numbers.js'
import type { Writable } from './bench.js'
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

/** The name is kept as the member that transitions name it by: to look that up anew cost more than the numbering. */
interface Head {
  readonly topic: string
  /** 0: none yet. */
  n: N
}

/** Numbers as they stood at one moment. */
export class FrozenNumbers {
  readonly heads: FrozenMap<string, Head>
  readonly alerts: FrozenMap<string, AlertNumber>

  constructor(heads: ReadonlyMap<string, Head>, alerts: AlertNumbers) {
    this.heads = new FrozenMap(heads, (topic, { n }) => lineOf(topic, n))
    this.alerts = new FrozenMap(alerts, (key, { n }) => lineOf(key, n))
  }

  write(lines: string[], max: number): void {
    const count = this.heads.write(lines, max)
    this.alerts.write(lines, max - count)
  }
}

export class Numbers {
  n = 0 as N
  readonly #heads = new Map<string, Head>()
  /** Those of units by the unit's id, which is at hand where the topic's name would have to be made. */
  readonly #ofUnits = new Map<UnitId, Head>()
  readonly #alerts = new AlertNumbers()
  #frozen: FrozenNumbers | undefined

  /** Numbers it in place: nobody else has it, and a copy of each was half of the work. */
  next(verdict: Verdict): Transition {
    this.n = (this.n + 1) as N
    const { kind, unit, county } = verdict
    // Without a prototype it is a table from the start: named topics would make a hidden class for each unit.
    const topics = Object.create(null) as Record<string, N>
    if (unit !== undefined) this.#chain(this.#ofUnits.get(unit) ?? this.#headOfUnit(unit), topics)
    if (county !== undefined) this.#chain(this.#head(topicOfCounty[county]), topics)
    // What is in no county is the city's: its own rules, the pool, sectors, accounts, feeds, the service itself.
    if (unit === undefined && county === undefined) this.#chain(this.#head('city'), topics)
    if (kind === 'freeze') this.#chain(this.#head('freezes'), topics)
    this.#chain(this.#head('all'), topics)
    if (kind === 'alert') this.#noteAlert(verdict.subject, verdict.rule)
    const numbered = verdict as Writable<Transition>
    numbered.n = this.n
    numbered.topics = topics
    return numbered
  }

  #chain(head: Head, topics: Record<string, N>): void {
    if (head.n !== 0) this.#frozen?.heads.keep(head.topic, head)
    topics[head.topic] = head.n
    head.n = this.n
  }

  #head(topic: string): Head {
    const known = this.#heads.get(topic)
    if (known) return known
    const head: Head = { topic, n: 0 as N }
    this.#heads.set(topic, head)
    return head
  }

  #headOfUnit(unit: UnitId): Head {
    const head = this.#head(`unit/${unit}`)
    this.#ofUnits.set(unit, head)
    return head
  }

  #noteAlert(subject: Subject, rule: RuleId): void {
    const alert = this.#alerts.of(subject, rule)
    if (alert.n !== 0) this.#frozen?.alerts.keep(alert.key, alert)
    alert.n = this.n
  }

  /** The n of the alert's last transition. */
  ofAlert(subject: Subject, rule: RuleId): N | undefined {
    return this.#alerts.get(subject, rule)?.n
  }

  heads(): Readonly<Record<string, N>> {
    return Object.fromEntries([...this.#heads].map(([topic, { n }]) => [topic, n]))
  }

  head(topic: string): N {
    return this.#heads.get(topic)?.n ?? (0 as N)
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
    for (const [topic, n] of lines.slice(0, heads)) numbers.#heads.set(topic, { topic, n })
    for (const [key, n] of lines.slice(heads)) numbers.#alerts.restore(key, n)
    return numbers
  }
}

const topicOfCounty = Object.fromEntries(counties.map((county) => [county, `county/${county}`])) as Record<
  County,
  string
>
