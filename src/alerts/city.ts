/**
 * The city's figures and alerts: sums of what the shards say changed, judged once per batch.
 *
 * While an open load has touched any unit the sums are half an import, so the city is set aside with the units and
 * judged when the load ends (domain 2).
 */
import type { CountingPolicy, LogEntry } from '../core/entry.js'
import type { LogPosition, RuleId, UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import type { RuleSet } from '../core/rule-set.js'
import type { Verdict, Why } from '../core/transition.js'
import type { Alert, AlertHolder } from './alert.js'
import { Cells, type FoldDelta } from './cells.js'
import { type CityFacts, factsOfCity } from './city-facts.js'
import { type Bench, endAlert, judgeRule, type Trigger } from './judge.js'
import { type Load, openLoad } from './load.js'
import { type CompiledRule, type CompiledRules, compileRules, noRules } from './rules.js'
import type { ShardOutput, Step } from './shard.js'
import { firstPolicy, type MovedEvent, namedEventsMax, policyNameOf } from './shard-state.js'
import { type AlertsJson, alertsToJson } from './snapshot.js'
import { sorted } from './sorted.js'

export interface CityJson {
  readonly nowMs: UnixMs
  readonly rules: RuleSet
  readonly policy: CountingPolicy
  readonly cells: readonly FoldDelta[]
  readonly loads: readonly { readonly name: string; readonly untilMs: UnixMs; readonly touched: boolean }[]
  readonly alerts?: AlertsJson
}

export class City implements Bench, AlertHolder {
  readonly subject = 'city'
  readonly unit = undefined
  readonly cells = new Cells()
  alerts: Map<RuleId, Alert> | undefined
  nowMs = 0 as UnixMs
  verdicts: Verdict[] = []
  #policy: CountingPolicy = firstPolicy
  #rules: CompiledRules = compileRules(noRules)
  /** Touched or not: which units is the shards' business. */
  readonly #loads = new Map<string, Load<'units'>>()

  get policyName(): string {
    return policyNameOf(this.#policy)
  }

  /** When the next load reaches its latest end. */
  get nextDeadlineMs(): UnixMs | undefined {
    const ends = [...this.#loads.values()].map(({ untilMs }) => untilMs)
    return ends.length === 0 ? undefined : (Math.min(...ends) as UnixMs)
  }

  /** One batch: what is global in it, then the shards' changes, then the verdicts on the city. */
  step(step: Step & { readonly lastPosition: LogPosition }, outputs: readonly ShardOutput[]): Verdict[] {
    this.nowMs = step.nowMs
    this.verdicts = []
    const ended = [...this.#loads.values()].filter(({ untilMs }) => untilMs <= step.nowMs)
    for (const { name } of ended) this.#loads.delete(name)
    const causes = step.items.map(({ entry }) => this.#take(entry, ended))
    for (const { deltas } of outputs) for (const delta of deltas) this.cells.add(delta)
    for (const name of outputs.flatMap(({ touchedLoads }) => touchedLoads))
      (this.#loads.get(name) ?? ended.find((load) => load.name === name))?.touched.add('units')
    if (ended.some(({ touched }) => touched.size > 0)) causes.push('load')
    const cause = causes.findLast((some) => some !== undefined)
    this.#judge(
      step.lastPosition,
      cause,
      outputs.flatMap(({ moved }) => moved),
    )
    return this.verdicts
  }

  /** A global entry. @returns what it gives as cause for another verdict. */
  #take(entry: LogEntry, ended: Load<'units'>[]): Why['cause'] {
    switch (entry.kind) {
      case 'rules':
        this.#rules = compileRules(entry.rules)
        return 'rules'
      case 'policy':
        this.#policy = entry.policy
        return 'policy'
      case 'order':
        this.#takeLoad(entry.order, ended)
        return undefined
      default:
        return undefined
    }
  }

  #takeLoad(order: Order, ended: Load<'units'>[]): void {
    if (order.order === 'load.open' && !this.#loads.has(order.load)) {
      const load = openLoad<'units'>(order, this.nowMs)
      if (load) this.#loads.set(load.name, load)
    } else if (order.order === 'load.close') {
      const load = this.#loads.get(order.load)
      if (load) ended.push(load)
      this.#loads.delete(order.load)
    }
  }

  #judge(position: LogPosition, cause: Why['cause'], moved: readonly MovedEvent[]): void {
    const because = { position, late: false }
    for (const id of this.alerts?.keys() ?? [])
      if (!this.#rules.city.some(({ rule }) => rule.id === id)) endAlert(this, this, id, { ...because, cause: 'rules' })
    if ([...this.#loads.values()].some(({ touched }) => touched.size > 0)) return
    if (this.#rules.city.length === 0) return
    const facts = factsOfCity(this.cells)
    for (const compiled of this.#rules.city) {
      judgeRule(this, compiled, facts, this, cause ? { ...because, cause } : triggerOf(position, moved, compiled))
    }
  }

  toJson(): CityJson {
    return {
      nowMs: this.nowMs,
      rules: this.#rules.set,
      policy: this.#policy,
      cells: this.cells.toJson(),
      loads: sorted(this.#loads).map(([name, { untilMs, touched }]) => ({ name, untilMs, touched: touched.size > 0 })),
      ...alertsToJson(this),
    }
  }

  static from(json: CityJson): City {
    const city = new City()
    city.nowMs = json.nowMs
    city.#rules = compileRules(json.rules)
    city.#policy = json.policy
    for (const delta of json.cells) city.cells.add(delta)
    for (const { name, untilMs, touched } of json.loads)
      city.#loads.set(name, { kind: 'load', name, untilMs, touched: new Set(touched ? ['units'] : []), dueMs: 0 })
    if (json.alerts) city.alerts = new Map(json.alerts)
    return city
  }
}

/** The first events, by position, that touched what the rule reads: the same whatever the count of shards. */
function triggerOf(
  position: LogPosition,
  moved: readonly MovedEvent[],
  { touchedBy }: CompiledRule<CityFacts>,
): Trigger {
  const named = moved
    .filter(({ touched }) => (touched & touchedBy) !== 0)
    .sort((a, b) => a.position - b.position)
    .slice(0, namedEventsMax)
  return { position, events: named.map(({ event }) => event), late: named.some(({ late }) => late) }
}
