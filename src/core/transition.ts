/**
 * A transition: an alert changed colour, a freeze began or ended. What all of the product is about.
 *
 * Each gets a gapless number `n`, in the order (batch, position in batch, subject, rule), the same for any count of
 * shards. A transition is a function of the log alone: it holds no wall-clock stamps (those belong to the frame).
 */
import type { EventRef } from './event.js'
import type { Colour, County, LogPosition, N, RuleId, Sector, Subject, UnitId, UnixMs } from './names.js'

export type FreezeState = 'none' | 'frozen' | 'lifted'

/** The figure as it was compared: an exact pair of integers as decimal text, and the double for showing. */
export interface Figure {
  readonly numerator: string
  readonly denominator: string
  readonly value: number
}

export interface Why {
  readonly ruleVersion?: string
  readonly figure?: Figure
  /** The threshold that decided, as written in the rule, for example `{ "above": "0.20", "back": "0.01" }`. */
  readonly threshold?: { readonly above?: string; readonly below?: string; readonly back?: string }
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
  readonly cause?: 'deadline' | 'rules' | 'policy' | 'load' | 'calendar' | 'closed'
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
  /** True when the event that caused it happened before one already counted for the same subject. */
  readonly correction?: true
}

export interface AlertTransition extends TransitionBase {
  readonly kind: 'alert'
  readonly rule: RuleId
  readonly from: Colour
  readonly to: Colour
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

/** As the engine's shards emit it: not numbered yet. */
export type Verdict = AlertTransition | FreezeTransition

/** Numbered, with the previous `n` on each topic that carries it: frames, record, webhooks, rows all show this. */
export type Transition = Verdict & {
  readonly n: N
  /** Topic -> the previous n on that topic (0 when none): `unit/<id>`, `county/<code>`, `city`, `freezes`, `all`. */
  readonly topics: Readonly<Record<string, N>>
}
