/**
 * The oracle's board: the colour of every rule on every subject, who looks after it, and what must be mended of it.
 */
import type { Rule, RuleScope, RuleSet } from '../../../src/core/rule-set.js'
import { type Care, climb, freshCare, Silences, shownCare, turn } from './oracle-care.js'
import { type Alert, colourOf, look, type Seen } from './oracle-levels.js'
import type { Now } from './oracle-unit.js'

interface Held extends Alert {
  readonly rule: string
  readonly scope: RuleScope
  readonly subject: string
  readonly care: Care
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
  readonly silences = new Silences()

  /** Of what is not green: colour, who must look after it, whether it is in hand or silenced. */
  get shown(): Map<string, string> {
    const shown = [...this.#alerts].filter(([, alert]) => colourOf(alert) !== 'green')
    return new Map(
      shown.map(([key, alert]) => [key, `${colourOf(alert)} ${shownCare(alert.care)}${this.silences.shown(key)}`]),
    )
  }

  has(rule: string, of: string): boolean {
    return this.#rectifications.has(`${rule} ${of}`)
  }

  takeInHand(rule: string, subject: string, untilMs: number): void {
    const alert = this.#alerts.get(`${rule} ${subject}`)
    if (alert && colourOf(alert) !== 'green') alert.care.inHandMs = untilMs
  }

  sendUp(rule: string, subject: string): void {
    const alert = this.#alerts.get(`${rule} ${subject}`)
    if (alert && colourOf(alert) !== 'green') alert.care.rung = Math.min(2, alert.care.rung + 1)
  }

  /** After everything was judged: what was in hand or silenced for a time is so no more, and what nobody takes climbs. */
  passTime(rules: RuleSet, now: Now): void {
    this.silences.end(now.nowMs)
    for (const [key, alert] of this.#alerts) {
      if (alert.care.inHandMs <= now.nowMs) alert.care.inHandMs = 0
      const rule = rules.rules.find(({ id }) => id === alert.rule)
      if (rule && !this.silences.has(key)) climb(alert.care, rule, rules, colourOf(alert), now)
    }
    this.silences.begin(now.nowMs)
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
    const alert: Held = this.#alerts.get(key) ?? { ...blank, care: freshCare(subject) }
    this.#alerts.set(key, alert)
    const from = colourOf(alert)
    if (look(rule, scope, alert, seen, year, nowMs)) turn(alert.care, subject, from, colourOf(alert), nowMs)
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
    this.silences.drop(`rectification ${rectification.subject}`)
  }
}
