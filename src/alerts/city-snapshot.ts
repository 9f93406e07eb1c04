/**
 * The fold's own place as JSON, and back.
 */
import type { CalendarEntry } from '../core/entry.js'
import type { UnixMs } from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { RuleSet } from '../core/rule-set.js'
import { City } from './city.js'
import { type Account, PoolRequest, SelfPart, Source } from './city-things.js'
import type { Holder, Where } from './holder.js'
import { type HolderJson, holderToJson, restoreHolder } from './holder-snapshot.js'
import { Indicators, type IndicatorsJson } from './indicators.js'
import type { MeansJson } from './means.js'
import { sorted } from './sorted.js'
import { compareText } from './stamp.js'
import { Sums, type SumsJson } from './sums.js'

export interface CityJson {
  readonly nowMs: UnixMs
  readonly rules: RuleSet
  readonly policy: CountingPolicy
  readonly calendar?: CalendarEntry
  readonly sums: SumsJson
  readonly indicators: IndicatorsJson
  readonly means: MeansJson
  readonly reserveOpened: boolean
  readonly loads: readonly { readonly name: string; readonly untilMs: UnixMs; readonly touched: boolean }[]
  /** `latestMs` absent: written by engine 2. */
  readonly funds: readonly (Pick<Account, 'name' | 'budgetedFen' | 'spentFen'> & Partial<Pick<Account, 'latestMs'>>)[]
  /** By subject: when time alone last gave a verdict on the city, a county, a sector or the pool. */
  readonly judged?: readonly (readonly [subject: string, judgedMs: UnixMs])[]
  /** `dueMs`: when it is looked at next; that moves only when it passes, not whenever the source is heard. */
  readonly sources: readonly (readonly [source: string, heardMs: UnixMs, dueMs: UnixMs | 0])[]
  readonly self: readonly (readonly [part: string, level: number, reason: string])[]
  readonly requests: readonly RequestJson[]
  /** By subject; those of which nothing was ever said are left out. */
  readonly holders: readonly (readonly [subject: string, holder: HolderJson])[]
}

interface RequestJson {
  readonly requestId: string
  readonly count: number
  readonly where: Where
}

export function cityToJson(city: City): CityJson {
  return {
    nowMs: city.nowMs,
    rules: city.rules.set,
    policy: city.policy,
    ...(city.calendarEntry ? { calendar: city.calendarEntry } : {}),
    sums: city.sums.toJson(),
    indicators: city.indicators.toJson(),
    means: city.means.toJson(),
    reserveOpened: city.reserveOpened,
    loads: sorted(city.loads).map(([name, { untilMs, touched }]) => ({ name, untilMs, touched: touched.size > 0 })),
    funds: city.accounts.map(({ name, budgetedFen, spentFen, latestMs }) => ({
      name,
      budgetedFen,
      spentFen,
      latestMs,
    })),
    judged: [...city.scopes()].flatMap(({ subject, judgedMs }) =>
      judgedMs === 0 ? [] : [[subject, judgedMs] as const],
    ),
    sources: sorted(city.sources).map(([name, { heardMs, dueMs }]) => [name, heardMs, dueMs]),
    self: sorted(city.self).map(([part, { level, reason }]) => [part, level, reason]),
    requests: sorted(city.requests).map(([, { requestId, count, where }]) => ({ requestId, count, where })),
    holders: [...city.holders()]
      .map((holder) => [holder.subject, holderToJson(holder)] as const)
      .filter(([, json]) => Object.keys(json).length > 0)
      .sort(([a], [b]) => compareText(a, b)),
  }
}

export function cityFromJson(json: CityJson): City {
  const city = new City()
  city.setNow(json.nowMs)
  city.setRules(json.rules)
  city.setPolicy(json.policy)
  city.setCalendar(json.calendar)
  city.sums = Sums.from(json.sums)
  city.indicators = Indicators.from(json.indicators)
  city.means.restore(json.means)
  city.reserveOpened = json.reserveOpened
  for (const { name, untilMs, touched } of json.loads) restoreLoad(city, name, untilMs, touched)
  for (const { name, ...fund } of json.funds) Object.assign(city.account(name) ?? {}, fund)
  const judged = new Map(json.judged)
  for (const scope of city.scopes()) scope.judgedMs = judged.get(scope.subject) ?? (0 as UnixMs)
  for (const [name, heardMs, dueMs] of json.sources) {
    const source = new Source(name, heardMs)
    city.sources.set(name, source)
    city.deadlines.set(source, dueMs)
  }
  for (const [part, level, reason] of json.self)
    city.self.set(part, Object.assign(new SelfPart(part), { level, reason }))
  for (const { requestId, count, where } of json.requests) {
    const request = new PoolRequest(where.unit ?? '', requestId, count, where)
    city.requests.set(request.subject, request)
  }
  const held = new Map<string, Holder>([...city.holders()].map((holder) => [holder.subject, holder]))
  for (const [subject, holder] of json.holders) {
    const of = held.get(subject)
    if (of) restoreHolder(city, of, holder)
  }
  city.armMidnight()
  return city
}

function restoreLoad(city: City, name: string, untilMs: UnixMs, touched: boolean): void {
  const load = { kind: 'load', name, untilMs, touched: new Set(touched ? ['units' as const] : []), dueMs: 0 } as const
  const held = { ...load, dueMs: 0 as UnixMs | 0 }
  city.loads.set(name, held)
  city.deadlines.set(held, untilMs)
}
