/**
 * Where judging takes place, as far as judging needs to know, and what sets it off. `Place` (place.ts) is one.
 */
import type { EventRef } from '../core/event.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import type { Verdict, Why } from '../core/transition.js'
import type { Today } from './days.js'
import type { AlertWatch, Rectification, Silence } from './holder.js'
import type { CompiledRules } from './rules.js'

/** What any place has due. */
export type CommonDue = AlertWatch | Silence | Rectification

/** What is being judged because of: a log entry, or a deadline that passed. */
export interface Trigger {
  readonly position: LogPosition
  /** The events behind it; absent for all that is no event. */
  readonly events?: readonly EventRef[] | undefined
  /** The event happened before one that was counted already for the same subject. */
  readonly late: boolean
  readonly cause?: NonNullable<Why['cause']> | undefined
  readonly order?: Order | undefined
}

export interface Bench extends Today {
  readonly rules: CompiledRules
  /** `name@version` of the counting policy. */
  readonly policyName: string
  readonly verdicts: Verdict[]
  readonly deadlines: { set(owner: CommonDue, atMs: UnixMs | 0): void }
}

/** What every reason says: the events, the policy, the order or other cause. */
export function whyBase(
  bench: Pick<Bench, 'policyName'>,
  { events = [], order, cause }: Trigger,
  assumed: boolean,
): Why {
  // Only now named: most entries change no colour, and an event is more than its name.
  const why: Writable<Why> = { events: namesOf(events), policy: bench.policyName, assumed }
  addCauses(why, order, cause)
  return why
}

export const namesOf = (events: readonly EventRef[]): EventRef[] => events.map(({ source, id }) => ({ source, id }))

/** What was no event. Written into the reason and not spread into another: verdicts are many. */
export function addCauses(why: Writable<Why>, order: Trigger['order'], cause: Trigger['cause']): void {
  if (order) why.order = { order: order.order, by: order.by, reason: order.reason }
  if (cause) why.cause = cause
}

/** While it is made: members that are there only sometimes are added one by one, in the order of the type. */
export type Writable<T> = { -readonly [Member in keyof T]: T[Member] }

export type Compared = Pick<Why, 'ruleVersion' | 'figure' | 'threshold' | 'uncertain'>

/** Of a reason that was given before: the rule, and what it compared. */
export const comparedIn = ({ ruleVersion, figure, threshold, uncertain }: Compared): Compared => ({
  ...(ruleVersion === undefined ? {} : { ruleVersion }),
  ...(figure ? { figure } : {}),
  ...(threshold ? { threshold } : {}),
  ...(uncertain ? { uncertain } : {}),
})
