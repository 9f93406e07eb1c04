/**
 * What every rule and every freeze must say, worked out the slow and obvious way from the list of entries: no running sums,
 * no deadlines, no CEL, nothing of the engine's. Whatever happens, everything that it may concern is judged again, so a
 * rule that the engine forgot to look at is seen.
 *
 * Only what depends on the order of the log is kept: the colours themselves, freezes, what is set aside, and since when.
 */
import type { EventEntry, LogEntry } from '../../../src/core/entry.js'
import { bases } from '../../../src/core/names.js'
import type { WorldBatch } from '../engine.js'
import { Calendar, dayOf, yearOf } from './days.js'
import { type Member, placesOf, silence } from './oracle-city.js'
import { Judging } from './oracle-judging.js'
import type { Kept } from './oracle-kept.js'
import { look } from './oracle-levels.js'
import { takeOrder } from './oracle-orders.js'
import { isReportOf, poolRequestsOf } from './oracle-things.js'
import { assessedBy } from './oracle-unit.js'
import { fixed } from './rules.js'

export class PlanOracle extends Judging {
  take({ nowMs, entries }: WorldBatch): void {
    const today = dayOf(nowMs)
    this.now = { ...this.now, nowMs, today, year: yearOf(today) }
    this.#passTime()
    for (const entry of entries) this.#takeEntry(entry)
    this.#judgeCity()
  }

  /** `rule subject` -> colour, rung, who has it in hand and until when it is silenced; of what is not green. */
  get alerts(): Map<string, string> {
    return this.board.shown
  }

  /** Unit -> state, number of its last step, reasons; of those that ever had a step. */
  get freezes(): Map<string, string> {
    const frozen = [...this.kept.values()].filter(({ sequence }) => sequence > 0)
    return new Map(frozen.map((unit) => [unit.id, `${unit.state} ${unit.sequence} [${this.reasons(unit).join(' ')}]`]))
  }

  /** Standing units by worst colour, and how many are frozen. */
  get counts(): Readonly<Record<string, number>> {
    const counts = { green: 0, yellow: 0, red: 0, frozen: 0 }
    for (const unit of this.kept.values()) {
      if (unit.isWide || !this.facts(unit).stands) continue
      counts[this.board.worstOf(unit.id)] += 1
      if (unit.state === 'frozen') counts.frozen += 1
    }
    return counts
  }

  #passTime(): void {
    const { nowMs } = this.now
    const lifted = [...this.kept.values()].filter(({ liftEndMs }) => liftEndMs > 0 && liftEndMs <= nowMs)
    for (const unit of lifted) unit.liftEndMs = 0
    for (const [name, { untilMs }] of this.loads) if (untilMs <= nowMs) this.loads.delete(name)
    for (const unit of this.kept.values()) this.judgeWhole(unit)
    this.judgeRectifications()
    for (const [source] of this.heardMs) this.#judgeSource(source)
    this.board.passTime(this.rules, this.now)
  }

  #takeEntry(entry: LogEntry): void {
    switch (entry.kind) {
      case 'event':
        this.#takeEvent(entry)
        return
      case 'order':
        takeOrder(this, entry.order)
        return
      case 'rules':
        this.rules = entry.rules
        this.board.keepOnly(entry.rules)
        this.proposals.keepOnly(entry.rules)
        break
      case 'policy':
        this.counted = bases.filter((basis) => entry.policy.bases.includes(basis))
        break
      case 'calendar':
        this.now = { ...this.now, calendar: new Calendar(entry) }
        break
      case 'alarm':
        this.alarms.set(entry.part, entry.level)
        return
      case 'quarantined': {
        const { source } = entry.event as { readonly source?: string }
        if (source !== undefined && this.heardMs.has(source)) this.heardMs.set(source, this.now.nowMs)
        return
      }
      default:
        return
    }
    for (const unit of this.kept.values()) this.judgeWhole(unit, entry.kind === 'rules')
    this.judgeRectifications()
  }

  #takeEvent(entry: EventEntry): void {
    const { event } = entry
    this.events.push(entry)
    this.heardMs.set(event.source, this.now.nowMs)
    if (event.type === 'assessment.closed') {
      this.closed.add(`${event.data.kind}/${event.data.period}`)
      for (const unit of this.kept.values()) this.judgeWhole(unit, false)
      return
    }
    const unit = this.keptOf(event.subject)
    const load = event.load === undefined ? undefined : this.loads.get(event.load)
    load?.touched.add(unit)
    this.#count(unit, entry, load !== undefined)
    const stood = this.stands(unit)
    unit.events.push(entry)
    if (stood && !this.stands(unit)) this.end(unit)
    else this.judgeWhole(unit, !stood)
  }

  /** What is counted as the log goes on. */
  #count(unit: Kept, { event, timeMs }: EventEntry, isLoaded: boolean): void {
    const { nowMs, today } = this.now
    unit.heardOn = today
    if (event.type === 'task.planned' && !unit.plannedMs.has(event.data.taskId))
      unit.plannedMs.set(event.data.taskId, nowMs)
    const isDescribed =
      (event.type === 'risk.reported' && isReportOf(unit.id, event.data.period)) ||
      event.type === 'county.described' ||
      unit.id === 'city'
    if (isDescribed) unit.describedOn ??= today
    // The state is the one before this entry: the entry that causes a freeze is none.
    const wasFrozen = unit.frozenSpans.some(([from, until]) => timeMs >= from && timeMs < until)
    const isUse = event.type === 'staff.entered' && unit.state === 'frozen' && wasFrozen && !isLoaded
    if (isUse && this.counted.includes(event.data.basis)) unit.enteredWhileFrozen += event.data.count
  }

  #judgeSource(source: string): void {
    const intervalMs = this.rules.sources?.[source]
    if (intervalMs === undefined) return
    const seen = silence(this.heardMs.get(source) ?? 0, intervalMs, this.now)
    this.judgeAll('source', source, () => seen)
  }

  /** Once a batch, at its end; what hangs on sums only while no import is half done. */
  #judgeCity(): void {
    this.#workOutMeans()
    for (const unit of this.kept.values()) this.judgeWhole(unit)
    for (const [source] of this.heardMs) this.#judgeSource(source)
    for (const [part, level] of this.alarms) this.judgeAll('self', `self/${part}`, () => ({ top: level }))
    const pending = [...this.kept.values()].flatMap((unit) => (this.stands(unit) ? poolRequestsOf(unit) : []))
    this.proposals.withdraw((rule, of) => rule === 'pool-capacity' && !pending.some(({ subject }) => subject === of))
    if ([...this.loads.values()].some(({ touched }) => touched.size > 0)) return
    const units = [...this.kept.values()].filter(({ isWide }) => !isWide)
    const members = units.map((unit): Member => ({ ...this.facts(unit), heardOn: unit.heardOn }))
    const city = { members, events: this.events, reserveOpened: this.reserveOpened, now: this.now }
    for (const { scope, subject, figure } of placesOf(city)) this.judgeAll(scope, subject, figure)
    this.#denyWhatThePoolHasNot(members, pending)
  }

  /** A request that would take the pool past red, as it is now. */
  #denyWhatThePoolHasNot(members: readonly Member[], pending: readonly { subject: string; count: number }[]): void {
    const rule = this.rules.rules.find(({ id }) => id === 'pool-capacity')
    const lent = members.reduce((all, { stands, onLoan }) => all + (stands ? onLoan : 0), 0)
    for (const { subject, count } of pending) {
      const blank = { yellow: false, red: false, waitingMs: { yellow: 0, red: 0 } }
      if (rule) look(rule, 'pool', blank, { top: lent + count, bottom: fixed.pool }, this.now.year, this.now.nowMs)
      this.proposals.propose('pool-capacity', subject, blank.red ? { kind: 'deny' } : undefined)
    }
  }

  /** The plain mean over the units assessed in each half-year. */
  #workOutMeans(): void {
    const means = new Map<string, { sum: number; count: number }>()
    for (const { events } of this.kept.values())
      for (const [period, data] of assessedBy(events, 'economic_contribution')) {
        const { sum, count } = means.get(period) ?? { sum: 0, count: 0 }
        const value = data.kind === 'economic_contribution' ? Math.round(data.value * 1_000_000) : 0
        means.set(period, { sum: sum + value, count: count + 1 })
      }
    this.means = means
  }
}
