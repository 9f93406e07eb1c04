/**
 * The oracle's board: the colour of every rule on every subject, and what must be mended of it.
 */
import type { Rule, RuleScope, RuleSet } from '../../../src/core/rule-set.js'
import { type Alert, colourOf, look, type Seen } from './oracle-levels.js'
import type { Now } from './oracle-unit.js'

interface Held extends Alert {
  readonly rule: string
  readonly scope: RuleScope
  readonly subject: string
}

interface Rectification {
  readonly rule: string
  readonly of: string
  /** Its own. */
  readonly subject: string
  dueOn: number
}

export class Board {
  readonly #alerts = new Map<string, Held>()
  readonly #rectifications = new Map<string, Rectification>()

  get shown(): Map<string, string> {
    const shown = [...this.#alerts.values()].filter((alert) => colourOf(alert) !== 'green')
    return new Map(shown.map((alert) => [`${alert.rule} ${alert.subject}`, colourOf(alert)]))
  }

  get rectifications(): Rectification[] {
    return [...this.#rectifications.values()]
  }

  colour(rule: string, subject: string): 'red' | 'yellow' | 'green' {
    const alert = this.#alerts.get(`${rule} ${subject}`)
    return alert ? colourOf(alert) : 'green'
  }

  judge(rule: Rule, scope: RuleScope, subject: string, seen: Seen, { nowMs, year }: Now): void {
    const key = `${rule.id} ${subject}`
    const blank = { rule: rule.id, scope, subject, yellow: false, red: false, waitingMs: { yellow: 0, red: 0 } }
    const alert = this.#alerts.get(key) ?? blank
    this.#alerts.set(key, alert)
    look(rule, scope, alert, seen, year, nowMs)
    this.#mend(rule.id, subject)
  }

  end(rule: string, subject: string): void {
    this.#alerts.delete(`${rule} ${subject}`)
    this.#mend(rule, subject)
  }

  /** Of a unit, of what is the unit's, and of what must be mended of either. */
  endAllOf(unit: string): void {
    for (const { rule, subject } of this.#ofUnit(unit)) this.end(rule, subject)
  }

  /** Alerts of rules that are gone end. */
  keepOnly({ rules }: RuleSet): void {
    for (const { rule, scope, subject } of [...this.#alerts.values()])
      if (!rules.some(({ id, scopes }) => id === rule && scopes.includes(scope))) this.end(rule, subject)
  }

  rectify(rule: string, of: string, dueOn: number): void {
    this.#rectifications.set(`${rule} ${of}`, { rule, of, subject: `${of}/alert/${rule}`, dueOn })
  }

  worstOf(unit: string): 'red' | 'yellow' | 'green' {
    const colours = this.#ofUnit(unit).map(colourOf)
    return colours.includes('red') ? 'red' : colours.includes('yellow') ? 'yellow' : 'green'
  }

  #ofUnit(unit: string): Held[] {
    return [...this.#alerts.values()].filter(({ subject }) => subject.split('/')[0] === unit)
  }

  /** Nothing need be mended of what is not red any more. */
  #mend(rule: string, of: string): void {
    const rectification = this.#rectifications.get(`${rule} ${of}`)
    if (!rectification || this.colour(rule, of) === 'red') return
    this.#rectifications.delete(`${rule} ${of}`)
    for (const { rule: own, subject } of [...this.#alerts.values()])
      if (subject === rectification.subject) this.#alerts.delete(`${own} ${subject}`)
  }
}
