/**
 * The last number of each alert, in the order in which they came. Part of number.ts.
 *
 * Looked up by rule and subject as they stand in the verdict: to join them to one key for each verdict cost more than the
 * numbering.
 */
import type { N, RuleId, Subject } from '../core/names.js'
import type { Entries } from './draft.js'

export interface AlertNumber {
  /** Subject and rule with a space between them: no id of a rule holds one. */
  readonly key: string
  n: N
}

export class AlertNumbers implements Entries<string, AlertNumber> {
  readonly #all: AlertNumber[] = []
  readonly #byRule = new Map<RuleId, Map<Subject, AlertNumber>>()

  get size(): number {
    return this.#all.length
  }

  *entries(): Generator<[string, AlertNumber]> {
    for (const alert of this.#all) yield [alert.key, alert]
  }

  get(subject: Subject, rule: RuleId): AlertNumber | undefined {
    return this.#byRule.get(rule)?.get(subject)
  }

  /** With number 0 where it is new. */
  of(subject: Subject, rule: RuleId): AlertNumber {
    return this.get(subject, rule) ?? this.#add(subject, rule, { key: `${subject} ${rule}`, n: 0 as N })
  }

  /** One of a snapshot. */
  restore(key: string, n: N): void {
    const end = key.lastIndexOf(' ')
    this.#add(key.slice(0, end), key.slice(end + 1), { key, n })
  }

  #add(subject: Subject, rule: RuleId, alert: AlertNumber): AlertNumber {
    const bySubject = this.#byRule.get(rule) ?? new Map<Subject, AlertNumber>()
    this.#byRule.set(rule, bySubject.set(subject, alert))
    this.#all.push(alert)
    return alert
  }
}
