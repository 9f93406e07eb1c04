/**
 * What an order comes to when room node has asked the engine whether it applies: the order as it is logged, and what
 * follows it in the log.
 */
import type { OrderEntry, PolicyEntry, RulesEntry } from '../core/entry.js'
import type { ApprovalCause } from '../core/event.js'
import type { LogPosition, UnitId } from '../core/names.js'
import type { Order, OrderRequest } from '../core/order.js'

/**
 * A decision that moves a unit's quota: an event `quota.approved` follows the order. How many posts are approved then is
 * the sequencer's to say, which counts what is on its way into the log.
 */
export interface QuotaChange {
  readonly kind: 'quota'
  readonly unit: UnitId
  /** Signed. The quota does not go below 0. */
  readonly posts: number
  readonly cause: ApprovalCause
  /** Of the event. The same change is never taken twice. */
  readonly id: string
}

export type Follow = OrderEntry | PolicyEntry | RulesEntry | QuotaChange

export interface PreparedOrder {
  readonly order: Order
  readonly follows?: readonly Follow[]
}

/** Lets orders in one after the other where the next depends on what became of the one before. */
export interface OrderDesk {
  /**
   * Checks the order, has it taken, gives its position.
   * @throws QwError when it cannot apply; nothing is taken then
   */
  give(request: OrderRequest, take: (prepared: PreparedOrder) => Promise<LogPosition>): Promise<LogPosition>
}
