/**
 * A load: a named import whose events are folded without being judged (domain 2).
 *
 * The units it touches are set aside, also for other events, until it ends: by its order or at its latest end. So an
 * import raises no storm, and no colour depends on the order of loading. The fold keeps loads too, for the city.
 */
import type { UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import { parseTime } from '../core/rfc3339.js'
import type { Due } from './deadlines.js'

export interface Load<T> extends Due {
  readonly kind: 'load'
  readonly name: string
  readonly untilMs: UnixMs
  /** What it touched and set aside. */
  readonly touched: Set<T>
}

/** Undefined when its end has passed before it began: then its events are judged as ever. */
export function openLoad<T>(order: Order & { readonly order: 'load.open' }, nowMs: UnixMs): Load<T> | undefined {
  const untilMs = endOf(order.until)
  return untilMs > nowMs ? { kind: 'load', name: order.load, untilMs, touched: new Set(), dueMs: 0 } : undefined
}

/** An `until` of an order. @throws when the border let through what is no time. */
export function endOf(until: string): UnixMs {
  const untilMs = parseTime(until)
  if (untilMs === undefined) throw new Error(`the end ${until} of an order passed the border`)
  return untilMs
}
