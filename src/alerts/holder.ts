/**
 * Who holds alerts, and what an alert is: one rule on one subject, one identity for life (domain 4).
 */
import type { County, DayNumber, LogPosition, RuleId, Sector, Subject, UnitId, UnixMs } from '../core/names.js'
import type { RuleScope } from '../core/rule-set.js'
import type { ProposalState, Proposed, Why } from '../core/transition.js'
import { AlertList } from './alert-list.js'
import type { InLevels } from './colour.js'
import type { Due } from './deadlines.js'

/** Since when the figure says otherwise than the level, per level; 0: it does not. Only under a rule that holds. */
export interface Pending {
  yellowMs: UnixMs | 0
  redMs: UnixMs | 0
}

/** Somebody has the alert in hand. */
export interface Acknowledged {
  readonly by: string
  readonly atMs: UnixMs
  readonly untilMs?: UnixMs
}

/** One object for life, of one shape: each colour change writes into it. */
export class Alert {
  levels: InLevels
  /** 0 unit, 1 county, 2 city: who must look after it. */
  rung = 0
  /** It climbed there after a time that the plan does not give. */
  rungAssumed = false
  readonly rule: RuleId
  /** The next one of its subject (alert-list.ts). */
  next: Alert | undefined
  pending: Pending | undefined
  /** What is due of it: the next rung, an acknowledgement's end, the end of a hold. */
  watch: AlertWatch | undefined
  acknowledged: Acknowledged | undefined
  why: Why
  position: LogPosition
  /** Of the last change of colour. */
  sinceMs: UnixMs
  ruleVersion: string

  constructor(rule: RuleId, { levels, sinceMs, position, ruleVersion, why }: SaidOfAlert) {
    this.rule = rule
    this.levels = levels
    this.sinceMs = sinceMs
    this.position = position
    this.ruleVersion = ruleVersion
    this.why = why
  }

  say({ levels, sinceMs, position, ruleVersion, why }: SaidOfAlert): void {
    this.levels = levels
    this.sinceMs = sinceMs
    this.position = position
    this.ruleVersion = ruleVersion
    this.why = why
  }
}

/** What a change of colour says of an alert. */
export type SaidOfAlert = Pick<Alert, 'levels' | 'sinceMs' | 'position' | 'ruleVersion' | 'why'>

/** A moment at which one alert must be looked at although its figure may stand still. */
export interface AlertWatch extends Due {
  readonly kind: 'alert'
  readonly holder: Holder
  readonly rule: RuleId
}

/** Nobody wants to hear of a rule on a subject until then. */
export interface Silence extends Due {
  readonly kind: 'silence'
  readonly holder: Holder
  readonly rule: RuleId
  /** Of one that was ordered ahead. */
  readonly fromMs?: UnixMs
  readonly untilMs: UnixMs
  readonly by: string
}

/** Where a subject is, for topics, filters and screens. */
export interface Where {
  readonly unit?: UnitId
  readonly county?: County
  readonly sector?: Sector
}

/** What people said about a subject's alerts. Absent for nearly all. */
export interface Care {
  readonly silences: Map<RuleId, Silence>
  /** The next one of each rule, when it was ordered ahead. */
  readonly silencesAhead: Map<RuleId, Silence>
  readonly rectifications: Map<RuleId, Rectification>
  /** The newest proposal of each rule. */
  readonly proposals: Map<RuleId, Proposal>
}

/** What alerts are about: a unit, one of its tasks or loans, the city, a county, an account, a source. */
export abstract class Holder {
  abstract readonly scope: RuleScope
  abstract readonly subject: Subject
  /** Absent until the first alert: most subjects never have one. */
  alerts: AlertList<Alert> | undefined
  care: Care | undefined

  abstract get where(): Where

  /** What a proposal about it would change. */
  get proposable(): { readonly approved?: number; readonly requestId?: string } {
    return {}
  }

  addAlert(alert: Alert): void {
    this.alerts ??= new AlertList()
    this.alerts.add(alert)
  }

  /** Time itself gave one of its alerts another colour: what happened before and comes later corrects that. */
  noteJudged(_nowMs: UnixMs): void {}

  careTaken(): Care {
    this.care ??= { silences: new Map(), silencesAhead: new Map(), rectifications: new Map(), proposals: new Map() }
    return this.care
  }
}

/** The newest proposal that a rule made about its subject. */
export interface Proposal {
  readonly id: string
  state: ProposalState
  /** Its reason still holds; when it no longer does, the next time is a new proposal. */
  isCurrent: boolean
  /** The value of `per` that it was made for; undefined: the rule has none. */
  readonly per: string | undefined
  /** Proposals of this rule about this subject so far, this one included. */
  readonly count: number
  readonly sinceMs: UnixMs
  readonly proposed: Proposed
  /** As it was made; absent in what engine 2 made. */
  readonly why?: Why
  decidedBy?: string
  /** What people decided before it, by year (proposals.ts). */
  readonly decided?: readonly string[]
}

/** 督促整改: a red alert with an owner and a day by which it must be mended. It is judged itself. */
export class Rectification extends Holder implements Due {
  readonly kind = 'rectification'
  readonly scope = 'rectification'
  readonly of: Holder
  readonly rule: RuleId
  owner: string
  dueOn: DayNumber
  dueMs: UnixMs | 0 = 0

  constructor(of: Holder, rule: RuleId, owner: string, dueOn: DayNumber) {
    super()
    this.of = of
    this.rule = rule
    this.owner = owner
    this.dueOn = dueOn
  }

  get subject(): Subject {
    return `${this.of.subject}/alert/${this.rule}`
  }

  get where(): Where {
    return this.of.where
  }
}
