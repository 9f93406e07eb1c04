/**
 * What must be known before an order is taken: how the alert, the request stand that it is about. Room node asks before it
 * lets an order into the log (orders/desk.ts).
 */
import type { Colour } from '../core/names.js'
import type { Decision } from '../core/order.js'
import { type Rung, rungs } from '../core/transition.js'
import type { Bench } from './bench.js'
import { colourOf } from './colour.js'
import type { Holder } from './holder.js'
import { holdersAt } from './orders.js'
import { Request } from './request.js'
import type { ShardState } from './shard-state.js'
import { compiledOf } from './watch.js'

/** An `AlertState`, or undefined when the rule does not judge this subject. */
export interface AlertStateQuery {
  readonly kind: 'alertState'
  readonly subject: string
  readonly rule: string
}

export interface AlertState {
  readonly colour: Colour
  /** A person may end it. */
  readonly closable: boolean
  /** Who must look after it; absent while green. */
  readonly rung?: Rung
}

/** `{ state }`, or undefined when nobody submitted it. */
export interface RequestQuery {
  readonly kind: 'request'
  readonly unit: string
  readonly requestId: string
}

/** Also the fold's: the first of the holders that the rule judges. */
export function alertStateIn(bench: Bench, holders: readonly Holder[], rule: string): AlertState | undefined {
  for (const holder of holders) {
    const compiled = compiledOf(bench, holder, rule)
    if (!compiled) continue
    const alert = holder.alerts?.get(rule)
    const levels = alert?.levels ?? 0
    return {
      colour: colourOf(levels),
      closable: compiled.rule.closable === true,
      ...(alert && levels !== 0 ? { rung: rungs[alert.rung] as Rung } : {}),
    }
  }
  return undefined
}

/** What is judged of a subject: a unit that stands and what is its own; of a city-wide subject only that. */
export const holdersThatStand = (state: ShardState, subject: string): Holder[] =>
  holdersAt(state, subject)
    .filter(({ unit, holder }) => unit.stands && !(unit.isWide && holder === unit))
    .map(({ holder }) => holder)

export function stateOfRequest(
  state: ShardState,
  { unit, requestId }: RequestQuery,
): { readonly state: 'pending' | Decision } | undefined {
  const request = state.units.get(unit)?.matter('request', requestId)
  if (!(request instanceof Request) || !request.submitted) return undefined
  return { state: request.decided?.decision ?? 'pending' }
}
