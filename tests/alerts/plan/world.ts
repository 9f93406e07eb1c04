/**
 * A seeded small city in which everything happens that the plan knows of, as the sequencer lets it through: every type of
 * event, also late and from tomorrow, every order, loads, closings, other rules, policies and calendars, and a clock that
 * stands, walks and jumps. Figures are steered to the thresholds and to their ways back, for that is where faults are.
 */
import { readCalendar } from '../../../src/config/calendar.js'
import type { CalendarEntry, EventEntry, LogEntry } from '../../../src/core/entry.js'
import type { EventDataByType, EventType, QuotaEvent } from '../../../src/core/event.js'
import type { UnixMs } from '../../../src/core/names.js'
import { at, desk, home, type WorldBatch } from '../engine.js'
import { type Random, randomFrom } from '../random.js'
import { Calendar, dayMs, dayOf, hourMs, midnightOf, timeText, yearOf } from './days.js'
import { anyOrder, newLoad } from './orders.js'
import { aboutTheCity, describeTheCity } from './reports-of-city.js'
import { close, reopen, reportOf, type Subject, subjectOf } from './reports-of-units.js'
import { planRules } from './rules.js'

interface PlanOptions {
  readonly seed: number
  readonly units?: number
  readonly batches: number
  readonly orders?: boolean
  readonly loads?: boolean
  /** Rule sets, policies and calendars change on the way. */
  readonly reloads?: boolean
  readonly closings?: boolean
}

const starts = ['2024-01-02T09:00:00', '2024-03-01T09:00:00', '2024-09-27T16:00:00', '2024-12-20T09:00:00']

export const planWorld = (options: PlanOptions): WorldBatch[] => new PlanWorld(options).batches()

export const calendar: CalendarEntry = readCalendar()

export class PlanWorld {
  readonly random: Random
  readonly options: Required<PlanOptions>
  readonly units: Subject[] = []
  /** The city and two counties have tasks, cases and reports of their own. */
  readonly wide: Subject[] = ['city', 'XH', 'PJ'].map((id) => subjectOf(id))
  readonly openLoads: string[] = []
  readonly days = new Calendar(calendar)
  nowMs: number
  #events = 0
  #names = 0

  constructor(options: PlanOptions) {
    this.options = { units: 12, orders: true, loads: true, reloads: true, closings: true, ...options }
    this.random = randomFrom(options.seed)
    this.nowMs = at(`${this.random.pick(starts)}+08:00`)
  }

  get today(): number {
    return dayOf(this.nowMs)
  }

  batches(): WorldBatch[] {
    const first: LogEntry[] = [{ kind: 'engine', version: '2' }, { kind: 'rules', rules: planRules[0] }, calendar]
    const batches: WorldBatch[] = [
      { nowMs: this.nowMs as UnixMs, entries: first },
      { nowMs: this.nowMs as UnixMs, entries: describeTheCity(this) },
    ]
    while (batches.length < this.options.batches) {
      this.#passTime()
      const entries: LogEntry[] = []
      for (let count = this.random.whole(1, 7); count > 0; count--) entries.push(...this.#next())
      batches.push({ nowMs: this.nowMs as UnixMs, entries: entries.length > 0 ? entries : [{ kind: 'tick' }] })
    }
    return batches
  }

  /** Names that nothing else has: `load-7`. */
  name(of: string): string {
    this.#names += 1
    return `${of}-${this.#names}`
  }

  #passTime(): void {
    const { whole, chance, pick } = this.random
    const kind = whole(1, 100)
    if (kind <= 2) this.nowMs += whole(20, 120) * dayMs
    else if (kind <= 4)
      this.nowMs = Math.max(this.nowMs, midnightOf(dayOf(at(`${yearOf(this.today) + 1}-01-01T00:00:00+08:00`))))
    else if (kind <= 10) this.nowMs += whole(3, 20) * dayMs
    else if (kind <= 30) this.nowMs = midnightOf(this.today + pick([1, 1, 1, 2, 3])) - (chance(0.3) ? 1 : 0)
    else if (kind <= 50) this.nowMs += whole(1, 30) * hourMs
    else if (kind <= 80) this.nowMs += whole(1, 600_000)
  }

  #next(): LogEntry[] {
    const { chance } = this.random
    const { units, orders, loads, reloads, closings } = this.options
    if (this.units.length < 3 || (this.units.length < units && chance(0.15))) return [this.#register()]
    if (orders && chance(0.1)) return [anyOrder(this)]
    if (loads && chance(0.015)) return [newLoad(this)]
    if (reloads && chance(0.015)) return [this.#reload()]
    return chance(0.16) ? [aboutTheCity(this)] : this.#ofSomeUnit(closings)
  }

  #ofSomeUnit(closings: boolean): LogEntry[] {
    const { chance, pick } = this.random
    const unit = pick(this.units)
    if (unit.closed) return chance(0.2) ? [reopen(this, unit)] : []
    if (closings && chance(0.008)) return close(this, unit)
    return [reportOf(this, chance(0.06) ? pick(this.wide) : unit)]
  }

  #register(): LogEntry {
    const unit = subjectOf(`U${String(this.units.length + 1).padStart(2, '0')}`)
    this.units.push(unit)
    return reopen(this, unit)
  }

  #reload(): LogEntry {
    const { pick } = this.random
    return pick<LogEntry>([
      { kind: 'rules', rules: pick(planRules) },
      { kind: 'policy', policy: { ...pick([home, desk]), version: this.units.length } },
      pick([calendar, { ...calendar, holidays: [] }, { ...calendar, years: { first: 2023, last: 2023 } }]),
    ])
  }

  /** Mostly just now, sometimes days or months ago, sometimes from later today. */
  time(): number {
    const { whole, chance } = this.random
    if (chance(0.08)) return this.nowMs - whole(1, 10) * dayMs
    if (chance(0.03)) return this.nowMs - whole(20, 400) * dayMs
    if (chance(0.06)) return this.nowMs + whole(0, 12) * hourMs
    if (chance(0.08)) return this.nowMs
    // Whole minutes, so that some events share their time.
    return Math.floor((this.nowMs - whole(0, 600_000)) / 60_000) * 60_000
  }

  event<T extends EventType>(subject: Subject, type: T, data: EventDataByType[T], timeMs = this.time()): EventEntry {
    const { pick, chance } = this.random
    this.#events += 1
    subject.lastMs = Math.max(subject.lastMs, timeMs)
    const isLoaded = this.openLoads.length > 0 && type !== 'assessment.closed' && chance(0.3)
    const body = {
      specversion: '1.0',
      id: `e${this.#events}`,
      source: pick(sources),
      type,
      subject: subject.id,
      time: timeText(timeMs),
      ...(isLoaded ? { load: pick(this.openLoads) } : {}),
      data,
    }
    return { kind: 'event', timeMs: timeMs as UnixMs, event: body as unknown as QuotaEvent }
  }
}

export const sources = ['hr', 'quota-office', 'finance', 'organisation', 'unheard-of'].map(
  (name) => `/departments/${name}`,
)
