/**
 * The fold's own place: figures over units and what is the city's alone, judged once per batch.
 *
 * While an open load has touched any unit the sums are half an import, so what hangs on them is set aside with the units
 * and judged when the load ends (domain 2). Feeds and the service itself are judged all the same.
 */
import type { EventEntry, LogEntry } from '../core/entry.js'
import { fundAccounts } from '../core/event.js'
import { counties, type LogPosition, type UnixMs } from '../core/names.js'
import type { Why } from '../core/transition.js'
import type { Trigger } from './bench.js'
import { Account, type PoolRequest, ScopeHolder, SelfPart, Source } from './city-things.js'
import { nextMidnight } from './days.js'
import type { Due } from './deadlines.js'
import { fundNewsOf } from './fold-unit-event.js'
import type { Holder } from './holder.js'
import { Indicators } from './indicators.js'
import type { Load } from './load.js'
import { Means } from './means.js'
import type { MovedEvent } from './moved.js'
import { Place } from './place.js'
import type { FundNews } from './shard-state.js'
import { Sums } from './sums.js'
import { heardMs } from './timed.js'
import { touch } from './touch.js'

/** 00:00: figures that are counted by days. */
export interface Midnight extends Due {
  readonly kind: 'midnight'
}

/** What a batch did to what is judged here; empty at its beginning. */
export interface CityStep {
  readonly firstPosition: LogPosition
  readonly lastPosition: LogPosition
  /** The reason for judging everything, where it is no event. */
  cause: Why['cause']
  /** Bits of touch.ts. */
  touched: number
  /** Scopes whose sums moved. */
  readonly scopes: Set<string>
  /** What each shard wrote of events that moved figures over units (moved.ts). */
  readonly movedOfShards: (readonly number[])[]
  /** Events that reported a figure. */
  readonly reported: MovedEvent[]
  /** The entry at a position of the batch. */
  readonly entryAt: (position: LogPosition) => LogEntry | undefined
  /** Holders of their own that an entry touched, with what did. */
  readonly own: Map<Holder, Trigger>
  /** Requests to the pool of which was told: subject -> the entries that say so. */
  readonly requestsTold: Map<string, LogPosition[]>
}

export const citySectors = ['education', 'health'] as const

export class City extends Place<Midnight | Source | Load<'units'>> {
  sums = new Sums()
  indicators = new Indicators()
  readonly means = new Means()
  readonly city = new ScopeHolder('city', 'city')
  readonly counties = counties.map((county) => new ScopeHolder('county', county, { county }))
  readonly sectors = citySectors.map((sector) => new ScopeHolder('sector', `sector/${sector}`))
  readonly pool = new ScopeHolder('pool', 'pool')
  readonly accounts = fundAccounts.map((name) => new Account(name))
  readonly sources = new Map<string, Source>()
  readonly self = new Map<string, SelfPart>()
  /** By subject; with a count of 0 those that are pending no more, for the proposals that were made about them. */
  readonly requests = new Map<string, PoolRequest>()
  /** Touched or not: which units is the shards' business. */
  readonly loads = new Map<string, Load<'units'>>()
  readonly midnight: Midnight = { kind: 'midnight', dueMs: 0 }
  reserveOpened = false

  get isSetAside(): boolean {
    return [...this.loads.values()].some(({ touched }) => touched.size > 0)
  }

  *scopes(): Generator<ScopeHolder> {
    yield this.city
    yield* this.counties
    yield* this.sectors
    yield this.pool
  }

  *holders(): Generator<Holder> {
    yield* this.scopes()
    yield* this.accounts
    yield* this.sources.values()
    yield* this.self.values()
    yield* this.requests.values()
  }

  pendingRequests(): PoolRequest[] {
    return [...this.requests.values()].filter(({ count }) => count > 0)
  }

  account(name: string): Account | undefined {
    return this.accounts.find((account) => account.name === name)
  }

  /** Not at all while no rule over sums looks at the day. */
  armMidnight(): void {
    const { city, county, sector, pool } = this.rules.of
    const isCounted = [...city, ...county, ...sector, ...pool].some(
      ({ touchedBy }) => (touchedBy & (touch.day | touch.year)) !== 0,
    )
    this.deadlines.set(this.midnight, isCounted ? nextMidnight(this.nowMs) : 0)
  }
}

/** A source was heard, by now. */
export function hear(city: City, name: string, step: CityStep): void {
  const known = city.sources.get(name)
  if (known) {
    known.heardMs = city.nowMs
    // Only who has an alert needs judging at once; who has none is looked at when its silence would be too long.
    if (known.alerts) step.own.set(known, heardTrigger(step, name))
    return
  }
  if (city.sources.size >= sourcesMax) return
  const source = new Source(name, city.nowMs)
  city.sources.set(name, source)
  scheduleSource(city, source)
}

/** The first that a source said in this batch; what was refused may have no id. */
function heardTrigger({ firstPosition, lastPosition, entryAt }: CityStep, source: string): Trigger {
  const trigger = { position: lastPosition, late: false } as const
  for (let at = firstPosition; at <= lastPosition; at = (at + 1) as LogPosition) {
    const entry = entryAt(at)
    if (entry?.kind !== 'event' && entry?.kind !== 'quarantined') continue
    const said = (entry.event ?? {}) as { readonly source?: unknown; readonly id?: unknown }
    if (said.source !== source) continue
    return typeof said.id === 'string'
      ? { ...trigger, events: [{ source, id: said.id }] }
      : { ...trigger, cause: 'quarantined' }
  }
  return trigger
}

// A city has eight departments; a feed that invents sources must not fill the heap.
const sourcesMax = 1000

/** Looks again when it has been silent for another whole interval: thresholds are whole intervals as a rule. */
export function scheduleSource(city: City, source: Source): void {
  const intervalMs = city.rules.sources.get(source.subject)
  if (intervalMs === undefined) city.deadlines.set(source, 0)
  else {
    // Past the threshold, not at it: 1 ms more. So at a whole interval the next look is 1 ms away.
    const intervals = Math.max(1, Math.ceil((city.nowMs - source.heardMs) / intervalMs))
    city.deadlines.set(source, (source.heardMs + intervals * intervalMs + 1) as UnixMs)
  }
}

/** An event about the city, a county or the pool. */
export function takeCityEvent(city: City, position: LogPosition, entry: EventEntry, step: CityStep): void {
  const { event, timeMs } = entry
  const stamp = { timeMs, source: event.source, id: event.id }
  const ref = { source: event.source, id: event.id }
  const county = counties.find((code) => code === event.subject)
  const late = city.indicators.comesLate(event.subject, timeMs)
  const reported = () => {
    step.touched |= touch.reported
    // The city's too: a county's land is part of how evenly quota lies over them all.
    step.scopes.add('city')
    if (county) step.scopes.add(`county/${county}`)
    step.reported.push({ position, touched: touch.reported, late, ...(county ? { county } : {}) })
  }
  switch (event.type) {
    case 'indicator.reported':
      if (city.indicators.report(event.subject, stamp, event.data, city.nowMs)) reported()
      return
    case 'county.described':
      if (city.indicators.describe(event.subject, stamp, event.data, city.nowMs)) reported()
      return
    case 'fund.budgeted':
    case 'fund.spent':
      takeFund(city, fundNewsOf(position, timeMs, event), step)
      return
    case 'assessment.closed':
      city.means.close(event.data.kind, event.data.period, ref)
      return
    default:
      return
  }
}

export function takeFund(city: City, news: FundNews, step: CityStep): void {
  const account = city.account(news.account)
  if (!account) return
  account.budgetedFen += news.budgetedFen
  account.spentFen += news.spentFen
  const late = news.timeMs < account.latestMs
  const ms = heardMs(news.timeMs, city.nowMs)
  if (ms > account.latestMs) account.latestMs = ms
  noteOwn(step, account, { position: news.position, events: [news.event], late })
}

/** An entry touched a holder of its own; several name all their events, and the order that was among them. */
export function noteOwn(step: CityStep, holder: Holder, trigger: Trigger): void {
  const before = step.own.get(holder)
  const events = [...(before?.events ?? []), ...(trigger.events ?? [])]
  const late = trigger.late || before?.late === true
  step.own.set(holder, { ...before, ...trigger, late, ...(events.length > 0 ? { events } : {}) })
}

/** Entries for all: rules, policy, calendar, what people order about the city, what the service says of itself. */
export function takeCityEntry(city: City, position: LogPosition, entry: LogEntry, step: CityStep): void {
  switch (entry.kind) {
    case 'alarm': {
      const part = city.self.get(entry.part) ?? new SelfPart(entry.part)
      city.self.set(entry.part, part)
      part.level = entry.level
      part.reason = entry.reason
      noteOwn(step, part, { position, late: false, cause: 'alarm' })
      return
    }
    case 'skipped': {
      const part = city.self.get('engine') ?? new SelfPart('engine')
      city.self.set('engine', part)
      part.level = 2
      part.reason = entry.error
      noteOwn(step, part, { position, late: false, cause: 'alarm' })
      return
    }
    case 'quarantined': {
      // A feed that sends nonsense is not silent; a name that was never heard otherwise is no feed.
      const { source } = (entry.event ?? {}) as { readonly source?: unknown }
      if (typeof source === 'string' && city.sources.has(source)) hear(city, source, step)
      return
    }
    default:
      return
  }
}
