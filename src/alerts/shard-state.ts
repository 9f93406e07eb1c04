/**
 * Everything one shard holds, and the scratch of the step it is in.
 *
 * Only the upper half is history; the scratch is emptied by each step, and deadlines follow from the state.
 */
import type { CalendarEntry, CountingPolicy } from '../core/entry.js'
import type { EventRef } from '../core/event.js'
import { bases, type LogPosition, type UnitId, type UnixMs } from '../core/names.js'
import type { Verdict } from '../core/transition.js'
import { CellChanges } from './cells.js'
import { Deadlines } from './deadlines.js'
import { Interned } from './interned.js'
import type { Bench } from './judge.js'
import type { Load } from './load.js'
import { type CompiledRules, compileRules, noRules } from './rules.js'
import { type Lift, type Task, Unit } from './unit.js'
import { WorkingDays } from './working-days.js'

/** An event that moved a figure of the city, and what it touched. */
export interface MovedEvent {
  readonly position: LogPosition
  readonly touched: number
  readonly event: EventRef
  /** It happened before one already counted for its unit. */
  readonly late: boolean
}

/** A city verdict names at most so many events; enough to find the report behind it, and bounded. */
export const namedEventsMax = 20

export const policyNameOf = ({ name, version }: CountingPolicy): string => `${name}@${version}`

/** By basis: whether it counts into `filled` (domain 1). */
export function countedBases({ name }: CountingPolicy): boolean[] {
  const counted: readonly string[] =
    name === 'home' ? ['permanent', 'seconded_out', 'posted_out'] : ['permanent', 'seconded_in', 'posted_in']
  return bases.map((basis) => counted.includes(basis))
}

export const firstPolicy: CountingPolicy = { name: 'home', version: 1 }

export class ShardState implements Bench {
  nowMs = 0 as UnixMs
  readonly units = new Map<UnitId, Unit>()
  readonly loads = new Map<string, Load<Unit>>()
  rules: CompiledRules = compileRules(noRules)
  policy: CountingPolicy = firstPolicy
  policyName = policyNameOf(firstPolicy)
  counted = countedBases(firstPolicy)
  calendarEntry: CalendarEntry | undefined
  calendar = new WorkingDays()

  readonly interned = new Interned()
  /** Units that ever had an alert or a freeze: what lists of those look through. */
  readonly flagged = new Set<Unit>()
  readonly deadlines = new Deadlines<Task | Lift | Load<Unit>>()
  verdicts: Verdict[] = []
  changes = new CellChanges()
  touched: Unit[] = []
  moved: MovedEvent[] = []
  touchedLoads = new Set<string>()
  /** Units that any step touched since figures were last read. Not history: after a restore nobody has read yet. */
  readonly unreadUnits = new Set<Unit>()
  /** Ids ascending, made when a list is read; dropped when a unit is new. */
  sortedIds: UnitId[] | undefined

  unit(id: UnitId): Unit {
    const known = this.units.get(id)
    if (known) return known
    const unit = new Unit(id)
    this.units.set(id, unit)
    this.sortedIds = undefined
    return unit
  }

  /** Before anything of a unit changes: its share leaves the sums until `settleSums`. */
  touch(unit: Unit): void {
    if (unit.inStep) return
    unit.inStep = true
    this.touched.push(unit)
    if (unit.profile) this.changes.add(unit, unit.profile, -1)
  }

  settleSums(): void {
    for (const unit of this.touched) {
      unit.inStep = false
      this.unreadUnits.add(unit)
      if (unit.profile) this.changes.add(unit, unit.profile, 1)
    }
  }

  /** Notes an event that moved the city's figures: the first of each kind, the same whatever the count of shards. */
  note(moved: MovedEvent): void {
    const same = this.moved.filter(({ touched }) => touched === moved.touched)
    if (same.length < namedEventsMax) this.moved.push(moved)
  }

  beginStep(nowMs: UnixMs): void {
    this.nowMs = nowMs
    this.verdicts = []
    this.changes = new CellChanges()
    this.touched = []
    this.moved = []
    this.touchedLoads = new Set()
  }
}
