/**
 * What the engine holds of one unit. A class of fixed shape, because a country has a million of them; what is rare
 * (tasks, loans, alerts, a freeze) is absent until it is there.
 */

import type { RuleId, UnitId, UnixMs } from '../core/names.js'
import type { FreezeState } from '../core/transition.js'
import type { Alert, AlertHolder } from './alert.js'
import { Approvals } from './approvals.js'
import type { Due } from './deadlines.js'
import type { Plan, Report } from './plan.js'
import type { Profile } from './profile.js'
import { replaces, type Stamp } from './stamp.js'

export interface Loan {
  /** Lent and not yet returned. */
  out: number
  /** `YYYY-MM-DD`, by the latest `pool.lent`; absent when only a return is known. */
  due: (Stamp & { readonly dueOn: string }) | undefined
}

/** A tolerated exception, in force. */
export interface Lift extends Due {
  readonly kind: 'lift'
  readonly unit: Unit
  readonly untilMs: UnixMs
  readonly by: string
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

export class Unit implements AlertHolder {
  readonly id: UnitId
  profile: Profile | undefined
  closed: Stamp | undefined
  readonly approvals = new Approvals()
  /** By basis, in the order of `bases`. May pass below zero while reports are under way. */
  readonly heads: number[] = [0, 0, 0, 0, 0]
  /** The sum of the bases that count under the policy. */
  filled = 0
  contract = 0
  onLoan = 0
  loans: Map<string, Loan> | undefined
  tasks: Map<string, Task> | undefined
  /** Posts entered while frozen, since the freeze began. */
  enteredWhileFrozen = 0
  /** Greatest `time` of an event about the unit itself that changed a fact; 0 before the first. */
  latestMs = 0 as UnixMs
  alerts: Map<RuleId, Alert> | undefined
  /** Worst colour of its alerts and its tasks' alerts: 0 green, 1 yellow, 2 red. */
  worst = 0
  freeze: UnitFreeze | undefined
  /** Open loads that touched it; while there is one the unit is not judged. */
  openLoads = 0
  /** Its share of the sums was taken out in this step and must be put back. */
  inStep = false

  constructor(id: UnitId) {
    this.id = id
  }

  get subject(): UnitId {
    return this.id
  }

  get unit(): Unit {
    return this
  }

  /** Registered and not closed: judged, and counted in sums. The later report decides (design 8). */
  get stands(): boolean {
    const { profile, closed } = this
    return profile !== undefined && (closed === undefined || replaces(profile, closed))
  }

  get usable(): number {
    return this.approvals.approved + this.onLoan
  }

  get hasQuota(): boolean {
    return !this.approvals.isEmpty
  }
}

/** A task of a unit. Its id is the unit's own. */
export class Task implements AlertHolder, Due {
  readonly kind = 'task'
  readonly unit: Unit
  readonly id: string
  plan: Plan | undefined
  report: Report | undefined
  /** 00:00 after the day on which it was first planned: until then only a report has it judged. */
  judgedFromMs = 0 as UnixMs
  /** Greatest `time` of an event that changed it; 0 before the first. */
  latestMs = 0 as UnixMs
  alerts: Map<RuleId, Alert> | undefined
  dueMs: UnixMs | 0 = 0

  constructor(unit: Unit, id: string) {
    this.unit = unit
    this.id = id
  }

  get subject(): string {
    return `${this.unit.id}/${this.id}`
  }
}
