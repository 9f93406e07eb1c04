/**
 * What every rule and every freeze must say, worked out the slow and obvious way from the list of entries: no running sums,
 * no deadlines, no CEL, nothing of the engine's. Whatever happens, everything that it may concern is judged again, so a
 * rule that the engine forgot to look at is seen.
 *
 * Only what depends on the order of the log is kept: the colours themselves, freezes, what is set aside, and since when.
 */
import type { EventEntry, LogEntry } from '../../../src/core/entry.js'
import { bases, isCityWideSubject } from '../../../src/core/names.js'
import type { AlertOrder, Order } from '../../../src/core/order.js'
import type { RuleScope, RuleSet } from '../../../src/core/rule-set.js'
import type { WorldBatch } from '../engine.js'
import { Calendar, dayOf, dayOfText, yearOf } from './days.js'
import { Board } from './oracle-board.js'
import { type Member, placesOf, silence } from './oracle-city.js'
import { daysLeft, isReportOf, thingsOf } from './oracle-things.js'
import { assessedBy, type Facts, factsOf, isOver, type Now, type Periods, unitFigure } from './oracle-unit.js'

type State = 'none' | 'frozen' | 'lifted'

/** What the order of the log makes of a subject. */
class Kept {
  readonly id: string
  readonly isWide: boolean
  readonly events: EventEntry[] = []
  readonly plannedMs = new Map<string, number>()
  readonly decided = new Set<string>()
  describedOn: number | undefined
  heardOn = 0
  overSince: number | undefined
  negativeSince: number | undefined
  enteredWhileFrozen = 0
  state: State = 'none'
  sequence = 0
  sinceMs = 0
  isOrdered = false
  liftEndMs = 0
  worked: { readonly events: number; readonly counted: readonly string[]; readonly facts: Facts } | undefined

  constructor(id: string) {
    this.id = id
    this.isWide = isCityWideSubject(id)
  }
}

interface Load {
  readonly untilMs: number
  readonly touched: Set<Kept>
}

export class PlanOracle {
  readonly #events: EventEntry[] = []
  readonly #kept = new Map<string, Kept>()
  readonly #loads = new Map<string, Load>()
  readonly #closed = new Set<string>()
  #means: Periods['means'] = new Map()
  readonly #heardMs = new Map<string, number>()
  readonly #alarms = new Map<string, number>()
  readonly #board = new Board()
  #reserveOpened = false
  #rules: RuleSet = { name: 'none', version: '0', rules: [] }
  #counted: readonly string[] = ['permanent', 'seconded_out', 'posted_out']
  #now: Now = { nowMs: 0, today: 0, year: 1970, calendar: new Calendar() }

  take({ nowMs, entries }: WorldBatch): void {
    const today = dayOf(nowMs)
    this.#now = { ...this.#now, nowMs, today, year: yearOf(today) }
    this.#passTime()
    for (const entry of entries) this.#takeEntry(entry)
    this.#judgeCity()
  }

  /** `rule subject` -> colour, of what is not green. */
  get alerts(): Map<string, string> {
    return this.#board.shown
  }

  /** Unit -> state, number of its last step, reasons; of those that ever had a step. */
  get freezes(): Map<string, string> {
    const frozen = [...this.#kept.values()].filter(({ sequence }) => sequence > 0)
    return new Map(frozen.map((unit) => [unit.id, `${unit.state} ${unit.sequence} [${this.#reasons(unit).join(' ')}]`]))
  }

  /** Standing units by worst colour, and how many are frozen. */
  get counts(): Readonly<Record<string, number>> {
    const counts = { green: 0, yellow: 0, red: 0, frozen: 0 }
    for (const unit of this.#kept.values()) {
      if (unit.isWide || !this.#facts(unit).stands) continue
      counts[this.#board.worstOf(unit.id)] += 1
      if (unit.state === 'frozen') counts.frozen += 1
    }
    return counts
  }

  #keptOf(id: string): Kept {
    const kept = this.#kept.get(id) ?? new Kept(id)
    this.#kept.set(id, kept)
    return kept
  }

  /** Worked out anew when there is an event more, or another policy. */
  #facts(unit: Kept): Facts {
    const { worked } = unit
    if (worked?.events === unit.events.length && worked.counted === this.#counted) return worked.facts
    const facts = factsOf(unit.events, this.#counted)
    unit.worked = { events: unit.events.length, counted: this.#counted, facts }
    return facts
  }

  #stands(unit: Kept): boolean {
    return unit.isWide || this.#facts(unit).stands
  }

  #isSetAside(unit: Kept): boolean {
    return [...this.#loads.values()].some(({ touched }) => touched.has(unit))
  }

  #passTime(): void {
    const { nowMs } = this.#now
    const lifted = [...this.#kept.values()].filter(({ liftEndMs }) => liftEndMs > 0 && liftEndMs <= nowMs)
    for (const unit of lifted) unit.liftEndMs = 0
    for (const [name, { untilMs }] of this.#loads) if (untilMs <= nowMs) this.#loads.delete(name)
    for (const unit of this.#kept.values()) this.#judgeWhole(unit)
    this.#judgeRectifications()
    for (const [source] of this.#heardMs) this.#judgeSource(source)
  }

  #takeEntry(entry: LogEntry): void {
    switch (entry.kind) {
      case 'event':
        this.#takeEvent(entry)
        return
      case 'order':
        this.#takeOrder(entry.order)
        return
      case 'rules':
        this.#rules = entry.rules
        this.#board.keepOnly(entry.rules)
        break
      case 'policy':
        this.#counted = bases.filter((basis) => entry.policy.bases.includes(basis))
        break
      case 'calendar':
        this.#now = { ...this.#now, calendar: new Calendar(entry) }
        break
      case 'alarm':
        this.#alarms.set(entry.part, entry.level)
        return
      case 'quarantined': {
        const { source } = entry.event as { readonly source?: string }
        if (source !== undefined && this.#heardMs.has(source)) this.#heardMs.set(source, this.#now.nowMs)
        return
      }
      default:
        return
    }
    for (const unit of this.#kept.values()) this.#judgeWhole(unit, entry.kind === 'rules')
    this.#judgeRectifications()
  }

  #takeEvent(entry: EventEntry): void {
    const { event } = entry
    this.#events.push(entry)
    this.#heardMs.set(event.source, this.#now.nowMs)
    if (event.type === 'assessment.closed') {
      this.#closed.add(`${event.data.kind}/${event.data.period}`)
      for (const unit of this.#kept.values()) this.#judgeWhole(unit, false)
      return
    }
    const unit = this.#keptOf(event.subject)
    const load = event.load === undefined ? undefined : this.#loads.get(event.load)
    load?.touched.add(unit)
    this.#count(unit, entry, load !== undefined)
    const stood = this.#stands(unit)
    unit.events.push(entry)
    if (stood && !this.#stands(unit)) this.#end(unit)
    else this.#judgeWhole(unit, !stood)
  }

  /** What is counted as the log goes on. */
  #count(unit: Kept, { event, timeMs }: EventEntry, isLoaded: boolean): void {
    const { nowMs, today } = this.#now
    unit.heardOn = today
    if (event.type === 'task.planned' && !unit.plannedMs.has(event.data.taskId))
      unit.plannedMs.set(event.data.taskId, nowMs)
    const isDescribed =
      (event.type === 'risk.reported' && isReportOf(unit.id, event.data.period)) ||
      event.type === 'county.described' ||
      unit.id === 'city'
    if (isDescribed) unit.describedOn ??= today
    // The state is the one before this entry: the entry that causes a freeze is none.
    const isUse = event.type === 'staff.entered' && unit.state === 'frozen' && timeMs >= unit.sinceMs && !isLoaded
    if (isUse && this.#counted.includes(event.data.basis)) unit.enteredWhileFrozen += event.data.count
  }

  /** Closed: its alerts end green, its freeze ends. */
  #end(unit: Kept): void {
    this.#board.endAllOf(unit.id)
    Object.assign(unit, { enteredWhileFrozen: 0, isOrdered: false, liftEndMs: 0 })
    Object.assign(unit, { overSince: undefined, negativeSince: undefined })
    this.#settle(unit)
  }

  /** Everything about a unit, then the freeze that follows. Half-years wait for the batch's end, when there is a mean. */
  #judgeWhole(unit: Kept, withMeans = true): void {
    this.#noteSince(unit)
    if (this.#stands(unit) && !this.#isSetAside(unit)) {
      if (!unit.isWide) this.#judgeUnit(unit, (rule) => withMeans || rule !== 'economic-contribution')
      for (const { scope, subject, figure } of thingsOf(unit, this.#now)) this.#judgeAll(scope, subject, figure)
    }
    this.#settle(unit)
  }

  #judgeUnit(unit: Kept, isWanted: (rule: string) => boolean): void {
    const periods = { closed: this.#closed, means: this.#means }
    const facts = this.#facts(unit)
    for (const { id } of this.#rulesOf('unit'))
      if (isWanted(id)) this.#judge(id, 'unit', unit.id, unitFigure(id, facts, unit, unit.events, periods, this.#now))
  }

  #rulesOf(scope: RuleScope): RuleSet['rules'] {
    return this.#rules.rules.filter(({ scopes }) => scopes.includes(scope))
  }

  #judgeAll(scope: RuleScope, subject: string, figure: (rule: string) => Parameters<Board['judge']>[3]): void {
    for (const { id } of this.#rulesOf(scope)) this.#judge(id, scope, subject, figure(id))
  }

  #judge(id: string, scope: RuleScope, subject: string, seen: Parameters<Board['judge']>[3]): void {
    const rule = this.#rules.rules.find((each) => each.id === id)
    if (rule) this.#board.judge(rule, scope, subject, seen, this.#now)
  }

  #noteSince(unit: Kept): void {
    if (unit.isWide) return
    const facts = this.#facts(unit)
    const { today } = this.#now
    unit.overSince = facts.stands && isOver(facts) ? (unit.overSince ?? today) : undefined
    const isNegative = facts.stands && facts.heads.some((count) => count < 0)
    unit.negativeSince = isNegative ? (unit.negativeSince ?? today) : undefined
  }

  #reasons(unit: Kept): string[] {
    if (unit.isWide || !this.#facts(unit).stands) return []
    const freezing = this.#rulesOf('unit').filter(({ actions }) => actions.includes('freeze'))
    const red = freezing.map(({ id }) => id).filter((id) => this.#board.colour(id, unit.id) === 'red')
    return [...(unit.isOrdered ? ['order'] : []), ...red].sort()
  }

  #settle(unit: Kept, isNewLift = false): void {
    if (unit.isWide) return
    const reasons = this.#reasons(unit)
    const to: State = unit.liftEndMs > 0 ? 'lifted' : reasons.length > 0 ? 'frozen' : 'none'
    if (to !== unit.state || isNewLift)
      Object.assign(unit, { state: to, sequence: unit.sequence + 1, sinceMs: this.#now.nowMs })
    if (reasons.length > 0 || unit.enteredWhileFrozen === 0) return
    unit.enteredWhileFrozen = 0
    if (this.#stands(unit) && !this.#isSetAside(unit)) this.#judgeUnit(unit, (rule) => rule === 'frozen-use')
  }

  #takeOrder(order: Order): void {
    switch (order.order) {
      case 'load.open': {
        const untilMs = Date.parse(order.until)
        if (untilMs > this.#now.nowMs && !this.#loads.has(order.load))
          this.#loads.set(order.load, { untilMs, touched: new Set() })
        return
      }
      case 'load.close': {
        const touched = this.#loads.get(order.load)?.touched ?? []
        this.#loads.delete(order.load)
        for (const unit of touched) this.#judgeWhole(unit)
        return
      }
      case 'reserve.open':
        this.#reserveOpened = true
        return
      case 'decide': {
        const unit = this.#kept.get(order.subject)
        if (!unit || !('requestId' in order)) return
        unit.decided.add(order.requestId)
        this.#judgeWhole(unit, false)
        return
      }
      case 'close':
      case 'rectify':
        this.#orderOfAlert(order)
        return
      case 'freeze':
      case 'lift':
      case 'release':
        this.#orderFreeze(order)
        return
      default:
        return
    }
  }

  #orderFreeze(order: Extract<Order, { readonly order: 'freeze' | 'lift' | 'release' }>): void {
    const unit = this.#kept.get(order.subject)
    if (!unit || !this.#stands(unit)) return
    if (order.order === 'lift') {
      const endMs = Date.parse(order.until)
      if (endMs <= this.#now.nowMs) return
      unit.liftEndMs = endMs
      this.#settle(unit, true)
      return
    }
    unit.isOrdered = order.order === 'freeze'
    if (unit.isOrdered) unit.liftEndMs = 0
    this.#settle(unit)
  }

  #orderOfAlert(order: Extract<AlertOrder, { readonly order: 'close' | 'rectify' }>): void {
    const { subject, rule: id } = order
    const rule = this.#rules.rules.find((each) => each.id === id)
    if (!rule || this.#board.colour(id, subject) === 'green') return
    if (order.order === 'rectify') {
      if (this.#board.colour(id, subject) === 'red') this.#board.rectify(id, subject, dayOfText(order.dueOn))
      this.#judgeRectifications()
      return
    }
    if (!rule.closable) return
    this.#board.end(id, subject)
    if (id === 'self') this.#alarms.set(subject.slice('self/'.length), 0)
    const unit = this.#kept.get(subject)
    if (unit) unit.enteredWhileFrozen = 0
  }

  #judgeRectifications(): void {
    for (const { subject, dueOn } of this.#board.rectifications)
      this.#judgeAll('rectification', subject, () => ({ top: daysLeft(dueOn, this.#now) }))
  }

  #judgeSource(source: string): void {
    const intervalMs = this.#rules.sources?.[source]
    if (intervalMs === undefined) return
    const seen = silence(this.#heardMs.get(source) ?? 0, intervalMs, this.#now)
    this.#judgeAll('source', source, () => seen)
  }

  /** Once a batch, at its end; what hangs on sums only while no import is half done. */
  #judgeCity(): void {
    this.#workOutMeans()
    for (const unit of this.#kept.values()) this.#judgeWhole(unit)
    for (const [source] of this.#heardMs) this.#judgeSource(source)
    for (const [part, level] of this.#alarms) this.#judgeAll('self', `self/${part}`, () => ({ top: level }))
    if ([...this.#loads.values()].some(({ touched }) => touched.size > 0)) return
    const units = [...this.#kept.values()].filter(({ isWide }) => !isWide)
    const members = units.map((unit): Member => ({ ...this.#facts(unit), heardOn: unit.heardOn }))
    const city = { members, events: this.#events, reserveOpened: this.#reserveOpened, now: this.#now }
    for (const { scope, subject, figure } of placesOf(city)) this.#judgeAll(scope, subject, figure)
  }

  /** The plain mean over the units assessed in each half-year. */
  #workOutMeans(): void {
    const means = new Map<string, { sum: number; count: number }>()
    for (const { events } of this.#kept.values())
      for (const [period, data] of assessedBy(events, 'economic_contribution')) {
        const { sum, count } = means.get(period) ?? { sum: 0, count: 0 }
        const value = data.kind === 'economic_contribution' ? Math.round(data.value * 1_000_000) : 0
        means.set(period, { sum: sum + value, count: count + 1 })
      }
    this.#means = means
  }
}
