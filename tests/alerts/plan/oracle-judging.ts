/**
 * The oracle's judging of units and what is theirs: colours, proposals, freezes. Nothing is looked up that was not worked
 * out anew.
 */
import type { EventEntry } from '../../../src/core/entry.js'
import type { RuleScope, RuleSet } from '../../../src/core/rule-set.js'
import { Calendar } from './days.js'
import { Board } from './oracle-board.js'
import { Kept, type Load, type State } from './oracle-kept.js'
import type { Seen } from './oracle-levels.js'
import { type About, Proposals } from './oracle-proposals.js'
import { daysLeft, thingsOf } from './oracle-things.js'
import { type Facts, factsOf, isOver, latestClosed, type Now, type Periods, unitFigure } from './oracle-unit.js'

export class Judging {
  readonly events: EventEntry[] = []
  readonly kept = new Map<string, Kept>()
  readonly loads = new Map<string, Load>()
  readonly closed = new Set<string>()
  means: Periods['means'] = new Map()
  readonly heardMs = new Map<string, number>()
  readonly alarms = new Map<string, number>()
  readonly board = new Board()
  readonly proposals = new Proposals()
  reserveOpened = false
  rules: RuleSet = { name: 'none', version: '0', rules: [] }
  counted: readonly string[] = ['permanent', 'seconded_out', 'posted_out']
  now: Now = { nowMs: 0, today: 0, year: 1970, calendar: new Calendar() }

  keptOf(id: string): Kept {
    const kept = this.kept.get(id) ?? new Kept(id)
    this.kept.set(id, kept)
    return kept
  }

  /** Worked out anew when there is an event more, or another policy. */
  facts(unit: Kept): Facts {
    const { worked } = unit
    if (worked?.events === unit.events.length && worked.counted === this.counted) return worked.facts
    const facts = factsOf(unit.events, this.counted)
    unit.worked = { events: unit.events.length, counted: this.counted, facts }
    return facts
  }

  stands(unit: Kept): boolean {
    return unit.isWide || this.facts(unit).stands
  }

  isSetAside(unit: Kept): boolean {
    return [...this.loads.values()].some(({ touched }) => touched.has(unit))
  }

  /** Closed: its alerts end green, its freeze ends. */
  end(unit: Kept): void {
    this.board.endAllOf(unit.id)
    // What the pool would be denied is the city's to say, at the end of the batch.
    this.proposals.withdraw((rule, subject) => rule !== 'pool-capacity' && subject.split('/')[0] === unit.id)
    Object.assign(unit, { enteredWhileFrozen: 0, isOrdered: false, liftEndMs: 0 })
    Object.assign(unit, { overSince: undefined, negativeSince: undefined })
    this.settle(unit)
  }

  /** Everything about a unit, then the freeze that follows. Half-years wait for the batch's end, when there is a mean. */
  judgeWhole(unit: Kept, withMeans = true): void {
    this.noteSince(unit)
    if (this.stands(unit) && !this.isSetAside(unit)) {
      if (!unit.isWide) this.judgeUnit(unit, (rule) => withMeans || rule !== 'economic-contribution')
      for (const { scope, subject, figure } of thingsOf(unit, this.now)) this.judgeAll(scope, subject, figure)
    }
    this.settle(unit)
  }

  judgeUnit(unit: Kept, isWanted: (rule: string) => boolean): void {
    const periods = { closed: this.closed, means: this.means }
    const facts = this.facts(unit)
    for (const { id } of this.rulesOf('unit')) {
      if (!isWanted(id)) continue
      const year = latestClosed(id, unit.events, periods)
      const seen = unitFigure(id, facts, unit, unit.events, periods, this.now)
      this.judge(id, 'unit', unit.id, seen, { year, approved: facts.approved })
    }
  }

  rulesOf(scope: RuleScope): RuleSet['rules'] {
    return this.rules.rules.filter(({ scopes }) => scopes.includes(scope))
  }

  judgeAll(scope: RuleScope, subject: string, figure: (rule: string) => Seen): void {
    for (const { id } of this.rulesOf(scope)) this.judge(id, scope, subject, figure(id))
  }

  judge(id: string, scope: RuleScope, subject: string, seen: Seen, more: Partial<About> = {}): void {
    const rule = this.rules.rules.find((each) => each.id === id)
    if (!rule) return
    this.board.judge(rule, scope, subject, seen, this.now)
    if (scope === 'pool' || !rule.proposals) return
    const isRed = this.board.colour(id, subject) === 'red'
    const about = { isRed, seen, year: undefined, approved: undefined, isRequest: scope === 'request', ...more }
    // A loan is not a request, though one rule is about both.
    if (scope === 'unit' || scope === 'request') this.proposals.settle(rule, subject, about)
  }

  noteSince(unit: Kept): void {
    if (unit.isWide) return
    const facts = this.facts(unit)
    const { today } = this.now
    unit.overSince = facts.stands && isOver(facts) ? (unit.overSince ?? today) : undefined
    const isNegative = facts.stands && facts.heads.some((count) => count < 0)
    unit.negativeSince = isNegative ? (unit.negativeSince ?? today) : undefined
  }

  reasons(unit: Kept): string[] {
    if (unit.isWide || !this.facts(unit).stands) return []
    const freezing = this.rulesOf('unit').filter(({ actions }) => actions.includes('freeze'))
    const red = freezing.map(({ id }) => id).filter((id) => this.board.colour(id, unit.id) === 'red')
    return [...(unit.isOrdered ? ['order'] : []), ...red].sort()
  }

  settle(unit: Kept, isNewLift = false): void {
    if (unit.isWide) return
    const reasons = this.reasons(unit)
    const to: State = unit.liftEndMs > 0 ? 'lifted' : reasons.length > 0 ? 'frozen' : 'none'
    if (to !== unit.state || isNewLift) {
      const { nowMs } = this.now
      const before = unit.frozenSpans.map(([from, until]) => [from, Math.min(until, nowMs)] as const)
      unit.frozenSpans = to === 'none' ? [] : to === 'frozen' ? [...before, [nowMs, Number.POSITIVE_INFINITY]] : before
      Object.assign(unit, { state: to, sequence: unit.sequence + 1 })
    }
    if (reasons.length > 0 || unit.enteredWhileFrozen === 0) return
    unit.enteredWhileFrozen = 0
    if (this.stands(unit) && !this.isSetAside(unit)) this.judgeUnit(unit, (rule) => rule === 'frozen-use')
  }

  judgeRectifications(): void {
    for (const { subject, dueOn } of this.board.rectifications)
      this.judgeAll('rectification', subject, () => ({ top: daysLeft(dueOn, this.now) }))
  }
}
