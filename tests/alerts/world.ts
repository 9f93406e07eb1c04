/**
 * A seeded generator of plausible logs: what departments report and people order, as the sequencer lets it through.
 *
 * It keeps what the sequencer guarantees: units are registered before anything else of them, loans and tasks before what
 * refers to them, no more is returned than is out, and only an empty unit is closed. Everything else is free: late
 * reports, reports from tomorrow, jumps of the clock, loads, reloads.
 */
import { faultOf } from '../../src/alerts/rules.js'
import { readCalendar } from '../../src/config/calendar.js'
import { readRules } from '../../src/config/rules-file.js'
import { dayMs, dayOf, formatDay, formatTime } from '../../src/core/day.js'
import type { EventEntry, LogEntry } from '../../src/core/entry.js'
import {
  approvalCauses,
  type EventDataByType,
  type EventType,
  type QuotaEvent,
  taskKinds,
} from '../../src/core/event.js'
import { bases, counties, type DayNumber, levels, sectors, type UnixMs, unitKinds } from '../../src/core/names.js'
import type { RuleSet } from '../../src/core/rule-set.js'
import { at, by, desk, home, rulesText, type WorldBatch } from './engine.js'
import { type Random, randomFrom } from './random.js'

export interface WorldOptions {
  readonly seed: number
  readonly units: number
  readonly batches: number
  readonly loads?: boolean
  /** Rule sets, policies and calendars change on the way. */
  readonly reloads?: boolean
  readonly closings?: boolean
}

interface WorldUnit {
  readonly id: string
  readonly heads: number[]
  contract: number
  readonly loans: Map<string, number>
  readonly tasks: string[]
  /** After everything that was reported of it. */
  lastMs: number
  closed: boolean
}

/** The shipped rules with a cap that a small world reaches, and two relatives of them. */
export const worldRules = (units: number): readonly RuleSet[] =>
  worldRuleTexts(units).map((text) => readRules(text, 'world.yaml', faultOf))

export function worldRuleTexts(units: number): readonly string[] {
  const capped = rulesText.replaceAll('60000', String(units * 14)).replaceAll('18000', String(units * 7))
  return [
    capped,
    capped.replace(
      '{ above: 0.20, back: 0.01 }\n    actions: [suggest',
      '{ above: 0.35, back: 0.05 }\n    red: { above: 0.5 }\n    actions: [suggest',
    ),
    capped.replace('actions: [freeze, notify', 'actions: [notify').replace('id: progress\n', 'id: progress-2\n'),
  ]
}

const calendar = readCalendar()
const sources = ['/departments/hr', '/departments/quota', '/departments/finance']

export function makeWorld(options: WorldOptions): WorldBatch[] {
  return new World(options).batches()
}

class World {
  readonly #options: Required<WorldOptions>
  readonly #random: Random
  readonly #rules: readonly RuleSet[]
  readonly #units: WorldUnit[] = []
  readonly #loads: { name: string; untilMs: number }[] = []
  #nowMs = at('2024-03-01T09:00:00+08:00') as number
  #events = 0
  #versions = 1

  constructor(options: WorldOptions) {
    this.#options = { loads: true, reloads: true, closings: true, ...options }
    this.#random = randomFrom(options.seed)
    this.#rules = worldRules(options.units)
  }

  batches(): WorldBatch[] {
    const first: LogEntry[] = [
      { kind: 'engine', version: '1' },
      { kind: 'rules', rules: this.#rules[0] as RuleSet },
      calendar,
    ]
    const batches: WorldBatch[] = [{ nowMs: this.#nowMs as UnixMs, entries: first }]
    while (batches.length < this.#options.batches) {
      this.#passTime()
      const entries: LogEntry[] = []
      for (let count = this.#random.whole(1, 8); count > 0; count--) entries.push(...this.#next())
      batches.push({ nowMs: this.#nowMs as UnixMs, entries })
    }
    return batches
  }

  #passTime(): void {
    const { whole, chance } = this.#random
    if (chance(0.02)) this.#nowMs += whole(1, 20) * dayMs
    else if (chance(0.2)) this.#nowMs += whole(1, 24) * 3_600_000
    else if (!chance(0.2)) this.#nowMs += whole(1, 60_000)
  }

  #next(): LogEntry[] {
    const { chance, pick } = this.#random
    if (this.#units.length < 2 || (this.#units.length < this.#options.units && chance(0.1))) return [this.#register()]
    if (chance(0.06)) return [this.#order(pick(this.#units))]
    if (this.#options.loads && chance(0.03)) return [this.#load()]
    if (this.#options.reloads && chance(0.02)) return [this.#reload()]
    if (chance(0.02)) return [pick<LogEntry>([{ kind: 'tick' }, quarantined, this.#aboutTheCity()])]
    const unit = pick(this.#units)
    if (unit.closed) return chance(0.2) ? [this.#reopen(unit)] : []
    if (this.#options.closings && chance(0.008)) return this.#close(unit)
    return [this.#report(unit)]
  }

  #register(): LogEntry {
    const { whole, pick } = this.#random
    const id = `${pick(counties)}-${pick(['EDU', '卫'])}-${String(this.#units.length).padStart(3, '0')}`
    const unit = { id, heads: [0, 0, 0, 0, 0], contract: 0, loans: new Map(), tasks: [], lastMs: 0, closed: false }
    this.#units.push(unit)
    // Some begin with a load already open.
    return this.#event(unit, 'unit.registered', this.#profile(`单位${whole(1, 999)}`))
  }

  #profile(name: string): EventDataByType['unit.registered'] {
    const { pick, chance } = this.#random
    return {
      name,
      level: pick(levels),
      county: pick(counties),
      kind: pick(unitKinds),
      sector: pick(sectors),
      frontline: chance(0.4),
    }
  }

  #report(unit: WorldUnit): LogEntry {
    const { whole, chance, pick } = this.#random
    const kind = whole(1, 100)
    if (kind <= 50) return this.#staff(unit)
    if (kind <= 65) return this.#event(unit, 'quota.approved', { approved: whole(0, 30), cause: pick(approvalCauses) })
    if (kind <= 73) return this.#contract(unit)
    if (kind <= 82) return this.#pool(unit)
    if (kind <= 96) return this.#task(unit)
    if (kind <= 98) return this.#event(unit, 'unit.registered', this.#profile('neu'))
    return chance(0.5)
      ? this.#event(unit, 'case.opened', { caseId: `C${whole(1, 9)}`, channel: 'hotline' })
      : this.#event(unit, 'fund.spent', { account: 'contract', amountCny: 5 })
  }

  #staff(unit: WorldUnit): LogEntry {
    const { whole, chance } = this.#random
    const basis = chance(0.7) ? 0 : whole(1, 4)
    // Towards a handful more or less than is usually approved.
    const enters = chance((unit.heads[basis] as number) < 18 ? 0.65 : 0.35)
    const count = whole(1, chance(0.2) ? 9 : 3)
    unit.heads[basis] = (unit.heads[basis] as number) + (enters ? count : -count)
    const data = { count, basis: bases[basis] as (typeof bases)[number] }
    return this.#event(unit, enters ? 'staff.entered' : 'staff.left', data)
  }

  #contract(unit: WorldUnit): LogEntry {
    const { whole, chance } = this.#random
    const count = whole(1, 5)
    const enters = chance(0.6)
    unit.contract += enters ? count : -count
    return this.#event(unit, enters ? 'contract.entered' : 'contract.left', { count })
  }

  #pool(unit: WorldUnit): LogEntry {
    const { whole, chance, pick } = this.#random
    const out = [...unit.loans].filter(([, count]) => count > 0)
    if (out.length > 0 && chance(0.5)) {
      const [loanId, most] = pick(out)
      const count = whole(1, most)
      unit.loans.set(loanId, most - count)
      return this.#event(unit, 'pool.returned', { loanId, count })
    }
    const loanId = `L${whole(1, 3)}`
    const count = whole(1, 6)
    unit.loans.set(loanId, (unit.loans.get(loanId) ?? 0) + count)
    return this.#event(unit, 'pool.lent', { loanId, count, dueOn: this.#day(30, 90) })
  }

  #task(unit: WorldUnit): LogEntry {
    const { whole, chance, pick } = this.#random
    if (unit.tasks.length > 0 && chance(0.7))
      return this.#event(unit, 'task.progressed', { taskId: pick(unit.tasks), done: whole(0, 12_000_000) / 100_000 })
    const taskId = `T${whole(1, 3)}`
    if (!unit.tasks.includes(taskId)) unit.tasks.push(taskId)
    return this.#event(unit, 'task.planned', {
      taskId,
      title: '任务',
      kind: pick(taskKinds),
      target: whole(1, 1000) / 10,
      startsOn: this.#day(-20, 5),
      dueOn: this.#day(-5, 40),
    })
  }

  #order(unit: WorldUnit): LogEntry {
    const { whole, pick } = this.#random
    const kind = pick(['freeze', 'lift', 'lift', 'release'] as const)
    const until = formatTime((this.#nowMs + whole(-1, 30) * 3_600_000) as UnixMs)
    return {
      kind: 'order',
      order:
        kind === 'lift' ? { order: kind, subject: unit.id, until, ...by } : { order: kind, subject: unit.id, ...by },
    }
  }

  #load(): LogEntry {
    const { whole, chance } = this.#random
    const open = this.#loads.shift()
    if (open && chance(0.7)) return { kind: 'order', order: { order: 'load.close', load: open.name, ...by } }
    this.#versions += 1
    const load = { name: `load-${this.#versions}`, untilMs: this.#nowMs + whole(0, 72) * 3_600_000 }
    this.#loads.push(load)
    return {
      kind: 'order',
      order: { order: 'load.open', load: load.name, until: formatTime(load.untilMs as UnixMs), ...by },
    }
  }

  #reload(): LogEntry {
    const { pick } = this.#random
    this.#versions += 1
    return pick<LogEntry>([
      { kind: 'rules', rules: pick(this.#rules) },
      { kind: 'policy', policy: { ...pick([home, desk]), version: this.#versions } },
      pick([calendar, { ...calendar, holidays: [] }, { ...calendar, years: { first: 2023, last: 2023 } }]),
    ])
  }

  #aboutTheCity(): LogEntry {
    this.#events += 1
    const body = {
      specversion: '1.0',
      id: `c${this.#events}`,
      source: sources[0],
      type: 'county.described',
      subject: 'XH',
      time: formatTime(this.#nowMs as UnixMs),
      data: { areaKm2: 1354 },
    }
    return { kind: 'event', timeMs: this.#nowMs as UnixMs, event: body as unknown as QuotaEvent }
  }

  /** Everything moves away, then the unit is closed: in one batch, last. */
  #close(unit: WorldUnit): LogEntry[] {
    const entries = [this.#event(unit, 'quota.approved', { approved: 0, cause: 'transfer' }, unit.lastMs + 1)]
    unit.heads.forEach((count, at) => {
      const data = { count: Math.abs(count), basis: bases[at] as (typeof bases)[number] }
      if (count !== 0) entries.push(this.#event(unit, count > 0 ? 'staff.left' : 'staff.entered', data))
      unit.heads[at] = 0
    })
    if (unit.contract !== 0)
      entries.push(
        this.#event(unit, unit.contract > 0 ? 'contract.left' : 'contract.entered', { count: Math.abs(unit.contract) }),
      )
    unit.contract = 0
    for (const [loanId, count] of unit.loans) {
      if (count > 0) entries.push(this.#event(unit, 'pool.returned', { loanId, count }))
      unit.loans.set(loanId, 0)
    }
    unit.closed = true
    entries.push(this.#event(unit, 'unit.closed', {}, unit.lastMs + 1))
    return entries
  }

  #reopen(unit: WorldUnit): LogEntry {
    unit.closed = false
    return this.#event(unit, 'unit.registered', this.#profile('wieder'), unit.lastMs + 1)
  }

  /** Mostly just now, sometimes days ago, sometimes from later today. */
  #event<T extends EventType>(unit: WorldUnit, type: T, data: EventDataByType[T], timeMs = this.#time()): EventEntry {
    const { pick, chance } = this.#random
    this.#events += 1
    unit.lastMs = Math.max(unit.lastMs, timeMs)
    const load = this.#loads.length > 0 && chance(0.3) ? { load: pick(this.#loads).name } : {}
    const body = {
      specversion: '1.0',
      id: `e${this.#events}`,
      source: pick(sources),
      type,
      subject: unit.id,
      time: formatTime(timeMs as UnixMs),
      ...load,
      data,
    }
    return { kind: 'event', timeMs: timeMs as UnixMs, event: body as unknown as QuotaEvent }
  }

  #time(): number {
    const { whole, chance } = this.#random
    if (chance(0.1)) return this.#nowMs - whole(1, 10) * dayMs
    if (chance(0.1)) return this.#nowMs + whole(0, 12) * 3_600_000
    // Whole minutes, so that some events share their time.
    return Math.floor((this.#nowMs - whole(0, 600_000)) / 60_000) * 60_000
  }

  #day(from: number, to: number): string {
    return formatDay((dayOf(this.#nowMs as UnixMs) + this.#random.whole(from, to)) as DayNumber)
  }
}

const quarantined: LogEntry = {
  kind: 'quarantined',
  item: '1',
  code: 'QW_EVENT_INVALID',
  reason: 'no event',
  event: {},
}
