/**
 * A transition: an alert changed colour, a freeze began or ended, a proposal appeared. What all of the product is about.
 *
 * Each gets a gapless number `n`, in the order (batch, position in batch, subject, rule), the same for any count of
 * shards. A transition is a function of the log alone: it holds no wall-clock stamps (those belong to the frame).
 */
import type { EventRef } from './event.js'
import type { Colour, County, LogPosition, N, RuleId, Sector, Subject, UnitId, UnixMs } from './names.js'
import type { Decision } from './order.js'
import type { FigureShown, ProposalKind } from './rule-set.js'

export type FreezeState = 'none' | 'frozen' | 'lifted'

/** The figure as it was compared: an exact pair of integers as decimal text, and the double for showing. */
export interface Figure {
  readonly numerator: string
  readonly denominator: string
  readonly value: number
  /** As the rule says; absent: a share, or a count when the denominator is 1. */
  readonly shown?: FigureShown
}

export interface Why {
  readonly ruleVersion?: string
  readonly figure?: Figure
  /**
   * The threshold of the colour that it has now (of green: the last one left), as written in the rule, for example `{ "above": "0.20", "back": "0.01" }`; `when`: the
   * condition of a proposal that has one of its own.
   */
  readonly threshold?: Readonly<Partial<Record<'above' | 'below' | 'back' | 'or' | 'when', string>>>
  /** Events that moved the figure in this step; empty for a deadline, an order or a change of rules. */
  readonly events: readonly EventRef[]
  /** Counting policy, `name@version`. */
  readonly policy: string
  readonly assumed: boolean
  /** Set when working days of a year that the calendar does not know were counted, Monday to Friday. */
  readonly uncertain?: true
  /** Set when an order decided. */
  readonly order?: { readonly order: string; readonly by: string; readonly reason: string }
  /** What else caused it. */
  readonly cause?:
    | 'deadline'
    | 'rules'
    | 'policy'
    | 'load'
    | 'calendar'
    | 'closed'
    | 'settled'
    | 'alarm'
    | 'quarantined'
}

interface TransitionBase {
  /** The log entry that caused it; for a deadline that passed, the first entry of the batch whose `nowMs` passed it. */
  readonly position: LogPosition
  readonly subject: Subject
  /** Where the subject is a unit or a thing of a unit. */
  readonly unit?: UnitId
  readonly county?: County
  readonly sector?: Sector
  readonly at: UnixMs
  readonly why: Why
  /**
   * True when the event that caused it came late: it happened before one already counted for the same subject, or before
   * a verdict that time alone had given on it; or it belongs to a period that was closed already.
   */
  readonly correction?: true
}

export interface AlertTransition extends TransitionBase {
  readonly kind: 'alert'
  readonly rule: RuleId
  readonly from: Colour
  readonly to: Colour
  /** Somebody asked not to be told; it counts and is numbered all the same. */
  readonly silenced?: true
}

/** Who must look after an alert: whoever it is about, the county's sub-centre, the city's centre. */
export const rungs = ['unit', 'county', 'city'] as const
export type Rung = (typeof rungs)[number]

/** An alert that nobody acknowledged climbed, or somebody sent it up. */
export interface EscalationTransition extends TransitionBase {
  readonly kind: 'escalation'
  readonly rule: RuleId
  readonly from: Rung
  readonly to: Rung
}

/** Somebody has an alert in hand, or no longer. */
export interface AcknowledgementTransition extends TransitionBase {
  readonly kind: 'acknowledgement'
  readonly rule: RuleId
  readonly from: 'open' | 'acknowledged'
  readonly to: 'open' | 'acknowledged'
  readonly by?: string
  readonly until?: UnixMs
}

/** A silence began or ended. */
export interface SilenceTransition extends TransitionBase {
  readonly kind: 'silence'
  readonly rule: RuleId
  readonly from: 'audible' | 'silenced'
  readonly to: 'audible' | 'silenced'
  readonly by?: string
  readonly until?: UnixMs
}

export type ProposalState = 'none' | 'open' | Decision

/** What is proposed, in figures. */
export interface Proposed {
  readonly kind: ProposalKind
  /** Signed share. */
  readonly ratio?: string
  /** For `quota`: what is approved now, and what would be. */
  readonly approved?: { readonly from: number; readonly to: number }
  /** For `deny`: the request. */
  readonly requestId?: string
  readonly assumed?: true
}

/** A proposal appeared, was decided by a person, or lost its reason. */
export interface ProposalTransition extends TransitionBase {
  readonly kind: 'proposal'
  readonly rule: RuleId
  readonly proposalId: string
  readonly from: ProposalState
  readonly to: ProposalState
  readonly proposed: Proposed
}

/** A request was decided. */
export interface RequestTransition extends TransitionBase {
  readonly kind: 'request'
  readonly requestId: string
  readonly from: 'pending'
  readonly to: Decision
}

export interface FreezeTransition extends TransitionBase {
  readonly kind: 'freeze'
  readonly unit: UnitId
  readonly from: FreezeState
  readonly to: FreezeState
  /** Gapless per unit: 1, 2, 3 … */
  readonly sequence: number
  /** Rule ids and `order`, sorted; the reasons that hold after this step. */
  readonly reasons: readonly string[]
  /** End of a lift. */
  readonly until?: UnixMs
  /** Who lifted. */
  readonly by?: string
}

/** As the engine emits it: not numbered yet. */
export type Verdict =
  | AlertTransition
  | FreezeTransition
  | EscalationTransition
  | AcknowledgementTransition
  | SilenceTransition
  | ProposalTransition
  | RequestTransition

/** Numbered, with the previous `n` on each topic that carries it: frames, record, webhooks, rows all show this. */
export type Transition = Verdict & {
  readonly n: N
  /** Topic -> the previous n on that topic (0 when none): `unit/<id>`, `county/<code>`, `city`, `freezes`, `all`. */
  readonly topics: Readonly<Record<string, N>>
}
