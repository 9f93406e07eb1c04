/**
 * Everything one shard holds, and the scratch of the step it is in.
 *
 * Only the upper half is history; the scratch is emptied by each step, and deadlines follow from the state.
 */
import type { EventRef } from '../core/event.js'
import { bases, type County, type LogPosition, type Sector, type UnitId, type UnixMs } from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { RuleSet } from '../core/rule-set.js'
import { Ahead } from './ahead.js'
import { keyOfPeriod, type Mean } from './assessments.js'
import { CellChanges } from './cells.js'
import type { Due } from './deadlines.js'
import { Interned } from './interned.js'
import type { Load } from './load.js'
import type { Matter } from './matter.js'
import { Place } from './place.js'
import { ShardDraft } from './shard-draft.js'
import { Tellers } from './told.js'
import { type Lift, Unit } from './unit.js'
import type { UnitFacts } from './unit-facts.js'
import { Units } from './units.js'

/** By basis: whether it counts into `filled` (domain 1). */
export const countedBases = ({ bases: counted }: CountingPolicy): boolean[] =>
  bases.map((basis) => counted.includes(basis))

/** A pending request to the pool, or one that is pending no more: only the fold knows what is left of the pool. */
export interface PoolRequestNews {
  readonly unit: UnitId
  readonly requestId: string
  readonly county?: County
  readonly sector?: Sector
  /** 0: it is pending no more. */
  readonly count: number
  /** Of the entry that says so. */
  readonly position: LogPosition
}

/** What became of the sum of a half-year's values: only the fold can compare a unit with the city. */
export interface AssessedChange {
  readonly period: string
  /** Whole, as text: sums of millionths leave the range of doubles. */
  readonly sum: string
  readonly count: number
}

/** What came to an account by an event about a unit: the account adds up over all subjects. */
export interface FundNews {
  readonly account: string
  readonly budgetedFen: number
  readonly spentFen: number
  readonly position: LogPosition
  readonly timeMs: UnixMs
  readonly event: EventRef
}

/** New Year: thresholds by year, and what is counted by year. */
export interface Year extends Due {
  readonly kind: 'year'
}

export class ShardState extends Place<Matter | Unit | Lift | Load<Unit> | Year> {
  readonly units = new Units()
  readonly loads = new Map<string, Load<Unit>>()
  counted = countedBases(this.policy)
  /** `kind/period` of assessments that are closed. */
  readonly closedPeriods = new Set<string>()
  /** By half-year: what the fold said of the closed ones. */
  readonly means = new Map<string, Mean>()
  /** By `kind/period`: who was assessed. */
  readonly assessedIn = new Map<string, Set<Unit>>()

  readonly interned = new Interned()
  readonly tellers = new Tellers()
  /** Units that ever had an alert or a freeze, of their own or of their matters: what lists of those look through. */
  readonly flagged = new Set<Unit>()
  readonly newYear: Year = { kind: 'year', dueMs: 0 }
  readonly facts: UnitFacts

  readonly ahead = new Ahead()
  changes = new CellChanges()
  touched: Unit[] = []
  /** Events that moved figures over units, as moved.ts writes them. */
  moved: number[] = []
  touchedLoads = new Set<string>()
  /** Who was heard in this step, with the place among tellers; undefined: it is to be looked up. */
  heard = new Map<string, number | undefined>()
  #lastHeard = ''
  /** The place among tellers of who was heard last; below 0: nobody who is expected to speak. */
  teller = -1
  requests: PoolRequestNews[] = []
  funds: FundNews[] = []
  assessed = new Map<string, { sum: bigint; count: number }>()
  /** Units that any step touched since figures were last read. Not history: after a restore nobody has read yet. */
  readonly unreadUnits: Unit[] = []
  /** Ids ascending, made when a list is read; dropped when a unit is new. */
  sortedIds: UnitId[] | undefined
  #draft: ShardDraft | undefined
  #drafts = 0

  constructor() {
    super()
    const none = new Unit('')
    this.facts = { unit: none, now: this, periods: { closed: this.closedPeriods, means: this.means } }
  }

  unit(id: UnitId): Unit {
    const known = this.units.get(id)
    if (known) return known
    const unit = new Unit(id)
    unit.slot = this.units.size
    this.units.add(unit)
    this.sortedIds = undefined
    unit.draftMark = this.#drafts
    return unit
  }

  /** The unit as rules see it. */
  factsOf(unit: Unit): UnitFacts {
    this.facts.unit = unit
    return this.facts
  }

  override setRules(set: RuleSet): void {
    super.setRules(set)
    // Others may be expected to speak.
    for (const source of this.heard.keys()) this.heard.set(source, undefined)
    this.#lastHeard = ''
  }

  override setPolicy(policy: CountingPolicy): void {
    super.setPolicy(policy)
    this.counted = countedBases(policy)
  }

  /** Before anything of a unit changes: its share leaves the sums until `settleSums`. */
  touch(unit: Unit): void {
    if (unit.inStep) return
    unit.inStep = true
    if (this.#draft) this.keep(unit)
    this.touched.push(unit)
    if (unit.cell) this.changes.add(unit, unit.cell, -1)
  }

  /** Before anything of a unit changes that stands in a snapshot. */
  keep(unit: Unit): void {
    if (this.#draft && !this.#draft.keep(unit)) this.#giveUpDraft()
  }

  /** What stands now, to be written while it goes on. There is one at a time. */
  beginDraft(head: string, line: (unit: Unit) => string): ShardDraft {
    this.#giveUpDraft()
    this.#drafts += 1
    this.#draft = new ShardDraft(this.#drafts, head, this.units, line)
    return this.#draft
  }

  #giveUpDraft(): void {
    this.#draft?.giveUp()
    this.#draft = undefined
  }

  settleSums(): void {
    for (const unit of this.touched) {
      unit.inStep = false
      if (!unit.isUnread) {
        unit.isUnread = true
        this.unreadUnits.push(unit)
      }
      if (!unit.cell) continue
      this.changes.add(unit, unit.cell, 1)
      this.changes.moveHeard(unit)
      this.changes.moveFlows(unit)
    }
  }

  /** Most events come from the source of the one before it, and nearly all from one of a few. */
  hear(source: string): void {
    if (source === this.#lastHeard) return
    this.#lastHeard = source
    const known = this.heard.get(source)
    this.teller = known ?? (this.rules.sources.has(source) ? this.tellers.placeOf(source) : -1)
    if (known === undefined) this.heard.set(source, this.teller)
  }

  /** A unit's value in a half-year came, or was corrected by `change`. */
  noteAssessed(period: string, change: number, count: number): void {
    const known = this.assessed.get(period) ?? { sum: 0n, count: 0 }
    this.assessed.set(period, { sum: known.sum + BigInt(change), count: known.count + count })
  }

  unitsAssessedIn(kind: Parameters<typeof keyOfPeriod>[0], period: string): Set<Unit> {
    const key = keyOfPeriod(kind, period)
    const known = this.assessedIn.get(key)
    if (known) return known
    const units = new Set<Unit>()
    this.assessedIn.set(key, units)
    return units
  }

  beginStep(nowMs: UnixMs, entries: number): void {
    this.setNow(nowMs)
    this.verdicts = []
    this.beginFeed(entries)
    this.moved = []
    this.touchedLoads = new Set()
    this.heard = new Map()
    this.#lastHeard = ''
    this.requests = []
    this.funds = []
    this.assessed = new Map()
  }

  /** The second half of a step judges anew, so it has changes of its own. */
  beginFeed(entries = 0): void {
    this.#draft?.beginStep(entries)
    this.changes = new CellChanges()
    this.touched = []
  }
}
