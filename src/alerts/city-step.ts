/**
 * One batch in the fold: what is global in it, then what the shards say changed, then the verdicts on the city.
 */
import type { LogEntry } from '../core/entry.js'
import type { EventRef } from '../core/event.js'
import type { LogPosition } from '../core/names.js'
import type { AlertOrder, DecideOrder, Order } from '../core/order.js'
import type { Verdict } from '../core/transition.js'
import { orderAlert } from './alert-orders.js'
import type { Trigger } from './bench.js'
import { type FoldDelta, isHeardFlow } from './cells.js'
import { type City, type CityStep, hear, noteOwn, takeCityEntry, takeCityEvent, takeFund } from './city.js'
import { cityHolderAt, firstStep, judgeCity, passCityDeadlines } from './city-judge.js'
import { PoolRequest, SelfPart } from './city-things.js'
import type { Holder } from './holder.js'
import { judgeRectifications } from './judge-holder.js'
import { type Load, openLoad } from './load.js'
import type { Feed } from './means.js'
import { readMoved, touchedBy } from './moved.js'
import { decideProposal, withdrawAll } from './proposals.js'
import type { ShardOutput, Step } from './shard.js'
import { compareText } from './stamp.js'
import { touch } from './touch.js'
import { compiledOf, watchAlerts } from './watch.js'

export interface FoldStep extends Step {
  readonly lastPosition: LogPosition
  /** The entry at a position of the batch, whether it is the fold's or not: a verdict names the events behind it. */
  readonly entryAt: (position: LogPosition) => LogEntry | undefined
}

export interface CitySaid {
  /** What deadlines caused; they pass before the first entry. */
  readonly passed: Verdict[]
  readonly verdicts: Verdict[]
  /** For all shards, within the same batch. */
  readonly feeds: readonly Feed[]
}

/** `outputs` of all shards for the same batch, in any order. */
export function stepCity(city: City, step: FoldStep, outputs: readonly ShardOutput[]): CitySaid {
  city.setNow(step.nowMs)
  city.verdicts = []
  const done = firstStep(step)
  const ended = [...city.loads.values()].filter(({ untilMs }) => untilMs <= step.nowMs)
  for (const { name } of ended) city.loads.delete(name)
  passCityDeadlines(city, done)
  const passed = city.verdicts
  city.verdicts = []
  for (const { position, entry } of step.items) takeEntry(city, position, entry, done, ended)
  addUp(city, outputs, done)
  for (const name of outputs.flatMap(({ touchedLoads }) => touchedLoads))
    (city.loads.get(name) ?? ended.find((load) => load.name === name))?.touched.add('units')
  for (const load of ended) city.deadlines.set(load, 0)
  if (ended.some(({ touched }) => touched.size > 0)) done.cause ??= 'load'
  judgeCity(city, done)
  return { passed, verdicts: city.verdicts, feeds: city.means.takeFeeds() }
}

/** What the shards changed by what they were fed; no verdict on the city hangs on it. */
export function addFed(city: City, outputs: readonly Pick<ShardOutput, 'deltas'>[]): void {
  for (const { deltas } of outputs) for (const delta of deltas) city.sums.add(delta)
}

function addUp(city: City, outputs: readonly ShardOutput[], done: CityStep): void {
  for (const { deltas, moved } of outputs) {
    for (const delta of deltas) addDelta(city, delta, done)
    done.touched |= touchedBy(moved)
    if (moved.length > 0) done.movedOfShards.push(moved)
  }
  const assessed = outputs.flatMap((output) => output.assessed)
  for (const change of assessed) city.means.add(change)
  if (assessed.length > 0) for (const [period, event] of assessedIn(done)) city.means.name(period, event)
  const heard = new Set(outputs.flatMap((output) => output.heard))
  for (const name of [...heard].sort(compareText)) hear(city, name, done)
  const funds = outputs.flatMap((output) => output.funds).sort((a, b) => a.position - b.position)
  for (const news of funds) takeFund(city, news, done)
  for (const { unit, requestId, count, position, ...where } of outputs.flatMap(({ requests }) => requests))
    takeRequest(city, new PoolRequest(unit, requestId, count, { unit, ...where }), position, done)
}

function addDelta(city: City, delta: FoldDelta, done: CityStep): void {
  for (const scope of city.sums.add(delta)) done.scopes.add(scope)
  // What moves by lists and loans is said by the events that moved it.
  if (delta.flows?.some(([name]) => isHeardFlow(name))) done.touched |= touch.reported
}

/** The events behind half-years that moved, by position: the same whatever the count of shards. */
const assessedIn = ({ movedOfShards, entryAt }: CityStep): (readonly [period: string, event: EventRef])[] =>
  movedOfShards
    .flatMap((moved) => [...readMoved(moved)])
    .filter(({ touched }) => (touched & touch.assessed) !== 0)
    .sort((a, b) => a.position - b.position)
    .flatMap(({ position }) => {
      const entry = entryAt(position)
      if (entry?.kind !== 'event' || entry.event.type !== 'assessment.published') return []
      const { source, id, data } = entry.event
      return data.kind === 'economic_contribution' ? [[data.period, { source, id }] as const] : []
    })

function takeRequest(city: City, request: PoolRequest, position: LogPosition, done: CityStep): void {
  const told = done.requestsTold.get(request.subject)
  if (told) told.push(position)
  else done.requestsTold.set(request.subject, [position])
  const known = city.requests.get(request.subject)
  if (request.count > 0) {
    if (known?.care) request.care = known.care
    city.requests.set(request.subject, request)
  } else if (known) {
    withdrawAll(city, known, { ...triggerAt(done, position), cause: 'settled' })
    // Its unit may stand again: what was proposed about it keeps its number, so that no proposal's id is given twice.
    if (known.care) city.requests.set(request.subject, Object.assign(request, { care: known.care }))
    else city.requests.delete(request.subject)
  }
}

/** What the entry was, as the reason of what is said at the batch's end. */
function triggerAt({ lastPosition, entryAt }: CityStep, position: LogPosition): Trigger {
  const entry = entryAt(position)
  return {
    position: lastPosition,
    late: false,
    ...(entry?.kind === 'event' ? { events: [entry.event] } : {}),
    ...(entry?.kind === 'order' ? { order: entry.order } : {}),
  }
}

function takeEntry(city: City, position: LogPosition, entry: LogEntry, done: CityStep, ended: Load<'units'>[]): void {
  switch (entry.kind) {
    case 'event':
      takeCityEvent(city, position, entry, done)
      return
    case 'rules':
      city.setRules(entry.rules)
      city.armMidnight()
      done.cause = 'rules'
      return
    case 'policy':
      city.setPolicy(entry.policy)
      done.cause = 'policy'
      return
    case 'calendar':
      city.setCalendar(entry)
      for (const holder of city.holders()) {
        watchAlerts(city, holder)
        judgeRectifications(city, holder, { position, late: false, cause: 'calendar' })
      }
      return
    case 'order':
      takeOrder(city, position, entry.order, done, ended)
      return
    default:
      takeCityEntry(city, position, entry, done)
  }
}

function takeOrder(city: City, position: LogPosition, order: Order, done: CityStep, ended: Load<'units'>[]): void {
  const trigger: Trigger = { position, late: false, order }
  switch (order.order) {
    case 'load.open':
      openCityLoad(city, order)
      return
    case 'load.close': {
      const load = city.loads.get(order.load)
      if (load) ended.push(load)
      city.loads.delete(order.load)
      return
    }
    case 'reserve.open':
      city.reserveOpened = true
      for (const account of city.accounts) noteOwn(done, account, trigger)
      return
    case 'decide':
      if ('proposalId' in order) decide(city, order, trigger)
      return
    case 'acknowledge':
    case 'silence':
    case 'escalate':
    case 'close':
    case 'rectify':
      for (const holder of cityHolderAt(city, order.subject)) orderOf(city, holder, order, trigger)
      return
    default:
      return
  }
}

function openCityLoad(city: City, order: Order & { readonly order: 'load.open' }): void {
  const load = city.loads.has(order.load) ? undefined : openLoad<'units'>(order, city.nowMs)
  if (!load) return
  city.loads.set(load.name, load)
  city.deadlines.set(load, load.untilMs)
}

function decide(city: City, order: DecideOrder & { readonly proposalId: string }, trigger: Trigger): void {
  for (const holder of cityHolderAt(city, order.subject))
    if (decideProposal(city, holder, order.proposalId, order.decision, trigger)) return
}

function orderOf(city: City, holder: Holder, order: AlertOrder, trigger: Trigger): void {
  if (!compiledOf(city, holder, order.rule)) return
  const isClosed = orderAlert(city, holder, order, trigger)
  // A part of the service that a person has looked after is well until it says otherwise.
  if (isClosed && holder instanceof SelfPart) holder.level = 0
}
