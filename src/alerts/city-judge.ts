/**
 * What a batch makes of the city: its deadlines first, then each holder whose facts moved, once.
 */
import type { EventRef } from '../core/event.js'
import type { LogPosition } from '../core/names.js'
import type { Order } from '../core/order.js'
import { passAlertWatch } from './alert-orders.js'
import type { CommonDue, Trigger } from './bench.js'
import { type City, type CityStep, scheduleSource } from './city.js'
import { Account, type PoolFacts, type PoolRequest, ScopeHolder, SelfPart, Source } from './city-things.js'
import { inRed, nextLevels } from './colour.js'
import { densitySpread, type Spread } from './density.js'
import { type Holder, Rectification } from './holder.js'
import { adoptRules, judgeHolder, judgeOne, judgeRectification } from './judge-holder.js'
import { type MovedEvent, namedEventsMax, readMoved } from './moved.js'
import { propose, reasonOf } from './proposals.js'
import { type CompiledRule, cleared } from './rules.js'
import { monthOf, type ScopeFacts } from './scope-facts.js'
import { passSilence } from './silences.js'

import { touch } from './touch.js'
import { compiledOf } from './watch.js'

/** What fell due by now. Loads are taken by the caller, for they change what is set aside. */
export function passCityDeadlines(city: City, step: CityStep): void {
  const trigger: Trigger = { position: step.firstPosition, late: false, cause: 'deadline' }
  const due = city.deadlines.take(city.nowMs).sort((a, b) => ranks.indexOf(a.kind) - ranks.indexOf(b.kind))
  for (const owner of due) {
    switch (owner.kind) {
      case 'midnight':
        step.touched |= touch.day | touch.year
        step.scopes.add('city')
        for (const { subject } of city.counties) step.scopes.add(`county/${subject}`)
        for (const { subject } of city.sectors) step.scopes.add(subject)
        city.armMidnight()
        break
      case 'source':
        judgeSource(city, owner, trigger)
        break
      case 'load':
        break
      default:
        passCommon(city, owner, trigger)
    }
  }
}

/** As in a shard: first what is judged, then what hangs on the verdict. */
const ranks: readonly string[] = ['load', 'midnight', 'source', 'rectification', 'alert', 'silence']

function passCommon(city: City, owner: CommonDue, trigger: Trigger): void {
  if (owner.kind === 'silence') passSilence(city, owner, trigger)
  else if (owner.kind === 'rectification') judgeRectification(city, owner, trigger)
  else {
    if (compiledOf(city, owner.holder, owner.rule)?.rule.hold) judgeOwn(city, owner.holder, trigger)
    passAlertWatch(city, owner, trigger)
  }
}

/** Every holder whose facts moved; all of them when the cause is none of an event. */
export function judgeCity(city: City, step: CityStep): void {
  const { cause } = step
  const last: Trigger = { position: step.lastPosition, late: false, ...(cause ? { cause } : {}) }
  if (cause === 'rules') for (const holder of city.holders()) adoptRulesOf(city, holder, last)
  if (!city.isSetAside) {
    for (const holder of [city.city, ...city.counties, ...city.sectors]) judgeScope(city, holder, step)
    judgePool(city, step)
  }
  if (cause) for (const holder of ownHolders(city)) judgeOwn(city, holder, last)
  else for (const [holder, trigger] of step.own) judgeOwn(city, holder, trigger)
}

function* ownHolders(city: City): Generator<Holder> {
  yield* city.accounts
  yield* city.sources.values()
  yield* city.self.values()
}

function adoptRulesOf(city: City, holder: Holder, trigger: Trigger): void {
  adoptRules(city, holder, city.rules.of[holder.scope] as readonly CompiledRule<never>[], trigger)
}

/** A holder by itself, as it stands: for what is no sum, and for the end of a hold. */
function judgeOwn(city: City, holder: Holder, trigger: Trigger): void {
  if (holder instanceof Source) judgeSource(city, holder, trigger)
  else if (holder instanceof Account) {
    const facts = { account: holder, reserveOpened: city.reserveOpened }
    if (!city.isSetAside) judgeHolder(city, holder, city.rules.of.account, facts, trigger)
  } else if (holder instanceof SelfPart) judgeHolder(city, holder, city.rules.of.self, { level: holder.level }, trigger)
  else if (holder instanceof Rectification) judgeRectification(city, holder, trigger)
  else if (holder instanceof ScopeHolder && !city.isSetAside) {
    if (holder.scope === 'pool') judgeHolder(city, holder, city.rules.of.pool, poolFactsOf(city), trigger)
    else judgeHolder(city, holder, city.rules.of[holder.scope], factsOf(city, holder), trigger)
  }
}

function judgeSource(city: City, source: Source, trigger: Trigger): void {
  const intervalMs = city.rules.sources.get(source.subject)
  const facts = { silentMs: city.nowMs - source.heardMs, intervalMs: intervalMs ?? 0 }
  if (intervalMs !== undefined) judgeHolder(city, source, city.rules.of.source, facts, trigger)
  scheduleSource(city, source)
}

/** `city`, `XH`, `sector/education` -> the scope that sums go by. */
const scopeNameOf = ({ scope, subject }: ScopeHolder): string => (scope === 'county' ? `county/${subject}` : subject)

function factsOf(city: City, holder: ScopeHolder): ScopeFacts {
  const { sums, indicators } = city
  let spread: { readonly is: Spread | undefined } | undefined
  return {
    own: sums.own(scopeNameOf(holder)),
    subject: holder.subject,
    now: city,
    sums,
    indicators,
    spread: () => {
      spread ??= { is: densitySpread(sums, indicators) }
      return spread.is
    },
  }
}

function judgeScope(city: City, holder: ScopeHolder, step: CityStep): void {
  if (holder.scope === 'pool') return
  const rules: readonly CompiledRule<ScopeFacts>[] = city.rules.of[holder.scope]
  if (rules.length === 0 || (!step.cause && !step.scopes.has(scopeNameOf(holder)))) return
  const facts = factsOf(city, holder)
  for (const compiled of rules) {
    if (!step.cause && (compiled.touchedBy & step.touched) === 0) continue
    judgeOne(city, holder, compiled, facts, triggerOf(step, holder, compiled))
  }
}

const triggerOf = (step: CityStep, holder: Holder, { touchedBy }: CompiledRule<never>): Trigger =>
  step.cause
    ? { position: step.lastPosition, late: false, cause: step.cause }
    : new LazyTrigger(step, holder, touchedBy)

/**
 * Names the first events, by position, that touched what the rule reads: the same whatever the count of shards. They are
 * looked for only when a verdict asks, because most judging changes no colour.
 */
class LazyTrigger implements Trigger {
  readonly position: LogPosition
  readonly #step: CityStep
  readonly #holder: Holder
  readonly #touchedBy: number
  readonly #also: readonly LogPosition[]
  #named: readonly MovedEvent[] | undefined

  /** `also`: entries that are a reason whatever they touched. */
  constructor(step: CityStep, holder: Holder, touchedBy: number, also: readonly LogPosition[] = []) {
    this.position = step.lastPosition
    this.#step = step
    this.#holder = holder
    this.#touchedBy = touchedBy
    this.#also = also
  }

  get events(): readonly EventRef[] {
    const positions = new Set([...this.#also, ...this.#events.map(({ position }) => position)])
    return [...positions]
      .sort((a, b) => a - b)
      .slice(0, namedEventsMax)
      .flatMap((position) => refAt(this.#step, position))
  }

  get order(): Order | undefined {
    for (const position of this.#also) {
      const entry = this.#step.entryAt(position)
      if (entry?.kind === 'order') return entry.order
    }
    return undefined
  }

  /** It came after something later was counted, or after time alone had said what the holder is. */
  get late(): boolean {
    const { entryAt } = this.#step
    const judgedMs = this.#holder instanceof ScopeHolder ? this.#holder.judgedMs : 0
    return this.#events.some(({ late, position }) => {
      const entry = entryAt(position)
      return late || (entry?.kind === 'event' && entry.timeMs < judgedMs)
    })
  }

  /** Nothing moved it, so the day did. */
  get cause(): 'deadline' | undefined {
    return this.#events.length === 0 && this.#also.length === 0 ? 'deadline' : undefined
  }

  get #events(): readonly MovedEvent[] {
    this.#named ??= eventsBehind(this.#step, this.#holder, this.#touchedBy)
    return this.#named
  }
}

function eventsBehind(step: CityStep, { where, subject }: Holder, touchedBy: number): MovedEvent[] {
  const all = [...step.movedOfShards.flatMap((moved) => [...readMoved(moved)]), ...step.reported]
  return all
    .filter((event) => (event.touched & touchedBy) !== 0 && concerns(event, where.county, subject))
    .sort((a, b) => a.position - b.position)
    .slice(0, namedEventsMax)
}

function refAt({ entryAt }: CityStep, position: LogPosition): EventRef[] {
  const entry = entryAt(position)
  return entry?.kind === 'event' ? [{ source: entry.event.source, id: entry.event.id }] : []
}

const concerns = (event: MovedEvent, county: string | undefined, subject: string): boolean =>
  (county === undefined || event.county === county) &&
  (!subject.startsWith('sector/') || `sector/${event.sector}` === subject)

const poolFactsOf = (city: City): PoolFacts => ({
  lent: city.sums.sum('city', 'onLoan'),
  loans: city.sums.loans,
  month: monthOf(city),
})

function judgePool(city: City, step: CityStep): void {
  const rules = city.rules.of.pool
  const facts = poolFactsOf(city)
  const touched = step.cause ? rules : rules.filter(({ touchedBy }) => (touchedBy & step.touched) !== 0)
  for (const compiled of touched) judgeOne(city, city.pool, compiled, facts, triggerOf(step, city.pool, compiled))
  if (!step.cause && touched.length === 0 && step.requestsTold.size === 0) return
  for (const request of city.pendingRequests())
    for (const compiled of rules) judgeRequest(city, request, compiled, facts, step)
}

/** Whether it is to be denied: by what would be lent with it. */
function judgeRequest(
  city: City,
  request: PoolRequest,
  compiled: CompiledRule<PoolFacts>,
  { lent, ...facts }: PoolFacts,
  step: CityStep,
): void {
  const deny = compiled.proposals.find(({ written }) => written.kind === 'deny')
  if (!deny) return
  const withIt = { ...facts, lent: lent + request.count }
  const wanted = wouldBeRed(compiled, city.year, withIt) ? { written: deny.written, per: undefined } : undefined
  const trigger: Trigger = step.cause
    ? { position: step.lastPosition, late: false, cause: step.cause }
    : new LazyTrigger(step, city.pool, compiled.touchedBy, step.requestsTold.get(request.subject))
  propose(city, request, compiled.rule.id, wanted, trigger, () => reasonOf(city, compiled, withIt))
}

/** Which rule so many posts more would take past red. */
function poolRefuses(city: City, posts: number): string | undefined {
  const facts = poolFactsOf(city)
  const refusing = city.rules.of.pool.find(
    (compiled) =>
      compiled.rule.actions.includes('deny') && wouldBeRed(compiled, city.year, { ...facts, lent: facts.lent + posts }),
  )
  return refusing?.rule.id
}

// No pool lends more: beyond it nobody asks.
const poolPostsMax = 1 << 20

export interface PoolRoom {
  /** Posts that the pool lends before a rule refuses. */
  readonly poolLeft: number
  readonly poolRule: string | undefined
}

/** What the pool still lends, worked out anew only when something that it hangs on has moved. */
export class PoolGuard {
  #room: PoolRoom = { poolLeft: 0, poolRule: undefined }
  #of: readonly unknown[] = []

  room(city: City): PoolRoom {
    const of = [city.rules, city.year, ...Object.values(poolFactsOf(city))]
    if (of.length !== this.#of.length || of.some((value, index) => value !== this.#of[index])) {
      this.#of = of
      this.#room = poolRoom(city)
    }
    return this.#room
  }
}

/** By halving, since who refuses so many posts refuses more. */
function poolRoom(city: City): PoolRoom {
  if (poolRefuses(city, poolPostsMax) === undefined) return { poolLeft: poolPostsMax, poolRule: undefined }
  let lent = 0
  let refused = poolPostsMax
  while (refused - lent > 1) {
    const posts = (lent + refused) >> 1
    if (poolRefuses(city, posts) === undefined) lent = posts
    else refused = posts
  }
  return { poolLeft: lent, poolRule: poolRefuses(city, refused) }
}

function wouldBeRed(compiled: CompiledRule<PoolFacts>, year: number, facts: PoolFacts): boolean {
  const figure = compiled.figureOf(facts)
  if (figure === undefined || figure === cleared) return false
  return (nextLevels(compiled.levels.at(year), 0, figure) & inRed) !== 0
}

/** Which holder of the city's an order is about. */
export function cityHolderAt(city: City, subject: string): Holder[] {
  const path = /^(.+)\/alert\/([^/]+)$/.exec(subject)
  if (path)
    return cityHolderAt(city, path[1] as string).flatMap(
      (holder) => holder.care?.rectifications.get(path[2] as string) ?? [],
    )
  return [...city.holders()].filter((holder) => holder.subject === subject)
}

type Positions = Pick<CityStep, 'firstPosition' | 'lastPosition' | 'entryAt'>

export const firstStep = ({ firstPosition, lastPosition, entryAt }: Positions): CityStep => ({
  firstPosition,
  lastPosition,
  entryAt,
  cause: undefined,
  touched: 0,
  scopes: new Set(),
  movedOfShards: [],
  reported: [],
  own: new Map(),
  requestsTold: new Map(),
})
