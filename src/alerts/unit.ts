/**
 * What the engine holds of one unit. A class of fixed shape, because a country has a million of them; what is rare
 * (tasks, loans, requests, assessments, alerts, a freeze) is absent until it is there.
 *
 * A city-wide subject (`city`, a county, `pool`) that has tasks, cases or reports is held the same way: it stands without
 * being registered, counts in no sum, and has no rules of scope unit.
 */
import { type County, counties, type DayNumber, isCityWideSubject, type UnitId, type UnixMs } from '../core/names.js'
import type { FreezeState } from '../core/transition.js'
import { Approvals } from './approvals.js'
import type { Assessment } from './assessments.js'
import type { Due } from './deadlines.js'
import { Holder, type Where } from './holder.js'
import type { Matter } from './matter.js'
import type { Cell, Profile } from './profile.js'
import { replaces, type Stamp } from './stamp.js'

/** A tolerated exception, in force. */
export interface Lift extends Due {
  readonly kind: 'lift'
  readonly unit: Unit
  readonly untilMs: UnixMs
  readonly by: string
  readonly because: string
}

export interface UnitFreeze {
  state: FreezeState
  /** Steps so far. */
  sequence: number
  /** `nowMs` of the batch in which the present state began. */
  sinceMs: UnixMs
  /** An order to freeze stands. */
  ordered: boolean
  lift: Lift | undefined
}

/** Fen budgeted and spent, by account. */
export interface Fund {
  budgetedFen: number
  spentFen: number
}

/** What most units never have. */
export interface UnitExtras {
  /** By key (matter.ts). */
  readonly matters: Map<string, Matter>
  /** By `kind/period`. */
  readonly assessments: Map<string, Assessment>
  /** By account. */
  readonly funds: Map<string, Fund>
}

export class Unit extends Holder implements Due {
  readonly kind = 'unit'
  readonly scope = 'unit'
  readonly id: UnitId
  readonly isWide: boolean
  profile: Profile | undefined
  closed: Stamp | undefined
  readonly approvals = new Approvals()
  /** By basis, in the order of `bases`. May pass below zero while reports are under way. */
  readonly heads: number[] = [0, 0, 0, 0, 0]
  /** The sum of the bases that count under the policy. */
  filled = 0
  contract = 0
  onLoan = 0
  extras: UnitExtras | undefined
  /** Posts entered while frozen, since the freeze began. */
  enteredWhileFrozen = 0
  /** The day (by now) on which it went over quota; 0: it is not. */
  overSince = 0 as DayNumber
  /** The day (by now) on which a head count went below zero; 0: none is. */
  negativeSince = 0 as DayNumber
  /** The day (by now) of the last event about it; 0 before the first. */
  heardOn = 0 as DayNumber
  /** Under which cell and day it stands in what was heard of units; undefined: in none. */
  heardIn: Cell | undefined
  heardInOn = 0 as DayNumber
  /** Greatest `time` of an event about the unit itself that changed a fact; 0 before the first. */
  latestMs = 0 as UnixMs
  /** Worst colour of its alerts and of those of its matters: 0 green, 1 yellow, 2 red. */
  worst = 0
  freeze: UnitFreeze | undefined
  /** Open loads that touched it; while there is one the unit is not judged. */
  openLoads = 0
  /** Its share of the sums was taken out in this step and must be put back. */
  inStep = false
  /** When the days that it has been over quota, or below zero, count on. */
  dueMs = 0 as UnixMs

  constructor(id: UnitId) {
    super()
    this.id = id
    this.isWide = isCityWideSubject(id)
  }

  get subject(): UnitId {
    return this.id
  }

  get where(): Where {
    const { id, profile } = this
    if (this.isWide) return (counties as readonly string[]).includes(id) ? { county: id as County } : {}
    return profile ? { unit: id, county: profile.cell.county, sector: profile.cell.sector } : { unit: id }
  }

  override get proposable(): { readonly approved?: number } {
    return this.hasQuota ? { approved: this.approvals.approved } : {}
  }

  /** Registered and not closed: judged, and counted in sums. The later report decides (design 8). */
  get stands(): boolean {
    const { profile, closed } = this
    return this.isWide || (profile !== undefined && (closed === undefined || replaces(profile, closed)))
  }

  get usable(): number {
    return this.approvals.approved + this.onLoan
  }

  get hasQuota(): boolean {
    return !this.approvals.isEmpty
  }

  get matters(): Iterable<Matter> {
    return this.extras?.matters.values() ?? []
  }

  extrasTaken(): UnitExtras {
    this.extras ??= { matters: new Map(), assessments: new Map(), funds: new Map() }
    return this.extras
  }
}
