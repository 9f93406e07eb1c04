/**
 * The alerts of one subject, by rule, in the order in which they came. Reads like a Map.
 *
 * A chain and not a Map: a subject has a few at most, each event asks for some of them, and in a city of 60,000 units
 * every object on the way is a wait for memory (bench engine). A Map is three of them and 200 bytes.
 */
import type { RuleId } from '../core/names.js'

interface Linked<A> {
  readonly rule: RuleId
  /** Bits of colour.ts. */
  levels: number
  next: A | undefined
}

export class AlertList<A extends Linked<A>> implements Iterable<readonly [RuleId, A]> {
  /** The others follow by `next`: what is done for each event walks along them without a generator. */
  first: A | undefined

  get(rule: RuleId): A | undefined {
    let alert = this.first
    while (alert !== undefined && alert.rule !== rule) alert = alert.next
    return alert
  }

  /** One of a rule that has none here yet. */
  add(alert: A): void {
    let last = this.first
    if (last === undefined) {
      this.first = alert
      return
    }
    while (last.next !== undefined) last = last.next
    last.next = alert
  }

  *keys(): Generator<RuleId> {
    for (const [rule] of this) yield rule
  }

  *[Symbol.iterator](): Generator<readonly [RuleId, A]> {
    for (let alert = this.first; alert !== undefined; alert = alert.next) yield [alert.rule, alert]
  }

  /** Those that one of them is in. */
  get levels(): number {
    let levels = 0
    for (let alert = this.first; alert !== undefined; alert = alert.next) levels |= alert.levels
    return levels
  }
}
