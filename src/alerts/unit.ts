/**
 * What the engine holds of one unit. A class of fixed shape, because a country has a million of them; what is rare
 * (tasks, loans, requests, assessments, alerts, a freeze) is absent until it is there.
 *
 * A city-wide subject (`city`, a county, `pool`) that has tasks, cases or reports is held the same way: it stands without
 * being registered, counts in no sum, and has no rules of scope unit.
 */
import {
  type Basis,
  type County,
  counties,
  type DayNumber,
  isCityWideSubject,
  type UnitId,
  type UnixMs,
} from '../core/names.js'
import type { FreezeState } from '../core/transition.js'
import { type Approval, Approvals } from './approvals.js'
import type { Assessment } from './assessments.js'
import type { Due } from './deadlines.js'
import type { Where } from './holder.js'
import { type Matter, matterKinds } from './matter.js'
import { MatterList } from './matter-list.js'
import type { InternedCell, Profile } from './profile.js'
import { replaces, type Stamp } from './stamp.js'
import { Timed } from './timed.js'
import type { Told } from './told.js'

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
  /** Who ordered it, and why: the newest order of each person, in the order of the log. */
  orders: readonly FreezeOrdered[]
  lift: Lift | undefined
  /** `nowMs` of the batch in which it was first frozen; 0: it has not been since it was last free. */
  beganMs: UnixMs | 0
  /** When it was lifted since then. */
  lifts: readonly LiftSpan[]
}

/** A person has it frozen. */
export interface FreezeOrdered {
  readonly by: string
  readonly because: string
  readonly sinceMs: UnixMs
}

export interface LiftSpan {
  readonly fromMs: UnixMs
  /** Absent: in force. */
  readonly untilMs?: UnixMs
}

/** Fen budgeted and spent, by account. */
export interface Fund {
  budgetedFen: number
  spentFen: number
}

/** What most units never have. */
export interface UnitExtras {
  /** By kind and id. */
  readonly matters: Record<Matter['kind'], MatterList<Matter> | undefined>
  /** Matters that ever had an alert: of those the worst colour is looked for whenever one changes. */
  alerted: Matter[] | undefined
  /** By `kind/period`. */
  assessments: Map<string, Assessment> | undefined
  /** By account. */
  funds: Map<string, Fund> | undefined
}

const noMatters: readonly Matter[] = []

/** From what a unit's flows were counted (cells.ts). */
export interface CountedFlows {
  readonly cell: InternedCell
  readonly list: readonly Approval[]
  readonly stands: boolean
}

/**
 * What nearly every event reads stands first, and directly in the object: with a million units each pointer that is
 * followed is a wait for memory (bench engine: 60,000 units against 1,100).
 */
export class Unit extends Timed {
  readonly id: UnitId
  /** Of its profile. */
  cell: InternedCell | undefined
  /** What is approved now, and whether anything was. */
  approved = 0
  hasQuota = false
  onLoan = 0
  /** The sum of the bases that count under the policy. */
  filled = 0
  /** Heads by basis, in the order of `bases`. May pass below zero while reports are under way. */
  permanent = 0
  secondedIn = 0
  secondedOut = 0
  postedIn = 0
  postedOut = 0
  contract = 0
  /** Posts that cause `state` added (or took). */
  movedByState = 0
  /** Worst colour of its alerts and of those of its matters: 0 green, 1 yellow, 2 red. */
  worst = 0
  /** Its share of the sums was taken out in this step and must be put back. */
  inStep = false
  /** It was touched since figures were last read. */
  isUnread = false
  readonly isWide: boolean
  /** Open loads that touched it; while there is one the unit is not judged. */
  openLoads = 0
  /** The day (by now) on which it went over quota; 0: it is not. */
  overSince = 0 as DayNumber
  /** The day (by now) on which a head count went below zero; 0: none is. */
  negativeSince = 0 as DayNumber
  /** The day (by now) of the last event about it; 0 before the first. */
  heardOn = 0 as DayNumber
  /** Under which cell and day it is counted in what was heard of units; undefined: in none. Follows from the rest. */
  heardIn: InternedCell | undefined
  heardInOn = 0 as DayNumber
  /** Posts entered while frozen, since the freeze began. */
  enteredWhileFrozen = 0
  freeze: UnitFreeze | undefined
  /** Feeds that told of it, and what. */
  told: Told | undefined
  closed: Stamp | undefined
  profile: Profile | undefined
  /** What its approvals are counted for by year. Follows from the rest. */
  countedFlows: CountedFlows | undefined
  extras: UnitExtras | undefined
  /** Whether any approval was of cause `list`. */
  hasList = false
  /** Of the draft (shard-draft.ts) that needs it no more. */
  draftMark = 0
  /** The how many-th unit of its shard, from 0: where the gate keeps its row. Not history. */
  slot = 0
  readonly approvals = new Approvals()

  constructor(id: UnitId) {
    super()
    this.id = id
    this.isWide = isCityWideSubject(id)
  }

  get kind(): 'unit' {
    return 'unit'
  }

  get scope(): 'unit' {
    return 'unit'
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
    return this.hasQuota ? { approved: this.approved } : {}
  }

  /** Registered and not closed: judged, and counted in sums. The later report decides (design 8). */
  get stands(): boolean {
    const { profile, closed } = this
    return this.isWide || (profile !== undefined && (closed === undefined || replaces(profile, closed)))
  }

  get usable(): number {
    return this.approved + this.onLoan
  }

  /** By basis, in the order of `bases`. */
  get heads(): readonly number[] {
    return [this.permanent, this.secondedIn, this.secondedOut, this.postedIn, this.postedOut]
  }

  setProfile(profile: Profile): void {
    this.profile = profile
    this.cell = profile.cell
  }

  approve(approval: Approval): void {
    this.approvals.add(approval)
    this.approved = this.approvals.approved
    this.movedByState = this.approvals.movedByState
    this.hasQuota = true
    this.hasList ||= approval.cause === 'list'
  }

  countHeads(basis: Basis, count: number): void {
    switch (basis) {
      case 'permanent':
        this.permanent += count
        return
      case 'seconded_in':
        this.secondedIn += count
        return
      case 'seconded_out':
        this.secondedOut += count
        return
      case 'posted_in':
        this.postedIn += count
        return
      case 'posted_out':
        this.postedOut += count
        return
    }
  }

  /** In the order of kinds, and in each as they came. */
  get matters(): readonly Matter[] {
    const { extras } = this
    if (!extras) return noMatters
    return matterKinds.flatMap((kind) => extras.matters[kind]?.all() ?? [])
  }

  get alertedMatters(): readonly Matter[] {
    return this.extras?.alerted ?? noMatters
  }

  noteAlerted(matter: Matter): void {
    const extras = this.extrasTaken()
    extras.alerted ??= []
    extras.alerted.push(matter)
  }

  /** The same without making a list. */
  eachMatter(act: (matter: Matter) => void): void {
    if (this.extras) for (const kind of matterKinds) this.extras.matters[kind]?.each(act)
  }

  matter(kind: Matter['kind'], id: string): Matter | undefined {
    return this.extras?.matters[kind]?.get(id)
  }

  addMatter(matter: Matter): void {
    const { matters } = this.extrasTaken()
    const ofKind = matters[matter.kind] ?? new MatterList<Matter>()
    matters[matter.kind] = ofKind
    ofKind.add(matter)
  }

  assess(key: string, assessment: Assessment): void {
    const extras = this.extrasTaken()
    extras.assessments ??= new Map()
    extras.assessments.set(key, assessment)
  }

  /** Of an account; one with nothing in it where there was none. */
  fundTaken(account: string): Fund {
    const extras = this.extrasTaken()
    extras.funds ??= new Map()
    const held = extras.funds.get(account) ?? { budgetedFen: 0, spentFen: 0 }
    extras.funds.set(account, held)
    return held
  }

  private extrasTaken(): UnitExtras {
    this.extras ??= {
      matters: { task: undefined, loan: undefined, request: undefined, case: undefined, report: undefined },
      alerted: undefined,
      assessments: undefined,
      funds: undefined,
    }
    return this.extras
  }
}
