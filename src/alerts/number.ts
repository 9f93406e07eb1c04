/**
 * Numbers transitions, and keeps the chain of each topic: 1, 2, 3 … without a gap, the same for any count of shards.
 *
 * Each transition names the previous n of every topic it is on, so a client that follows one topic sees a loss at once.
 */
import { type County, counties, type N, type RuleId, type Subject } from '../core/names.js'
import type { Transition, Verdict } from '../core/transition.js'
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
  n: N
}

/** Numbers as they stood at one moment. */
export class FrozenNumbers {
  readonly heads: FrozenMap<string, Head>
  readonly alerts: FrozenMap<string, N>

  constructor(heads: ReadonlyMap<string, Head>, alerts: ReadonlyMap<string, N>) {
    this.heads = new FrozenMap(heads, (topic, { n }) => lineOf(topic, n))
    this.alerts = new FrozenMap(alerts, lineOf)
  }

  write(lines: string[], max: number): void {
    const count = this.heads.write(lines, max)
    this.alerts.write(lines, max - count)
  }
}

export class Numbers {
  n = 0 as N
  readonly #heads = new Map<string, Head>()
  readonly #alerts = new Map<string, N>()
  #frozen: FrozenNumbers | undefined

  /** Numbers it in place: nobody else has it, and a copy of each was half of the work. */
  next(verdict: Verdict): Transition {
    this.n = (this.n + 1) as N
    const { kind, unit, county } = verdict
    // Without a prototype it is a table from the start: named topics would make a hidden class for each unit.
    const topics = Object.create(null) as Record<string, N>
    if (unit !== undefined) this.#add(`unit/${unit}`, topics)
    if (county !== undefined) this.#add(topicOfCounty[county], topics)
    // What is in no county is the city's: its own rules, the pool, sectors, accounts, feeds, the service itself.
    if (unit === undefined && county === undefined) this.#add('city', topics)
    if (kind === 'freeze') this.#add('freezes', topics)
    this.#add('all', topics)
    if (kind === 'alert') this.#noteAlert(keyOf(verdict.subject, verdict.rule))
    const numbered = verdict as Writable<Transition>
    numbered.n = this.n
    numbered.topics = topics
    return numbered
  }

  #add(name: string, topics: Record<string, N>): void {
    const head = this.#heads.get(name)
    if (head === undefined) {
      this.#heads.set(name, { topic: name, n: this.n })
      topics[name] = 0 as N
      return
    }
    this.#frozen?.heads.keep(name, head)
    topics[head.topic] = head.n
    head.n = this.n
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
    for (const [topic, head] of lines.slice(0, heads)) numbers.#heads.set(topic, { topic, n: head })
    for (const [key, last] of lines.slice(heads)) numbers.#alerts.set(key, last)
    return numbers
  }
}

/** No id of a rule or subject holds a space. */
const keyOf = (subject: Subject, rule: RuleId): string => `${subject} ${rule}`

const topicOfCounty = Object.fromEntries(counties.map((county) => [county, `county/${county}`])) as Record<
  County,
  string
>
