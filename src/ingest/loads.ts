/**
 * Named loads (domain 2): opened and closed by an order, with a latest end. A name is used once.
 */

import type { UnixMs } from '../core/names.js'
import type { Order } from '../core/order.js'
import { parseTime } from '../core/rfc3339.js'

export class Loads {
  /** Name -> its end: the latest end while it is open, 0 once it was closed. Kept for good, as names are used once. */
  private readonly endByName = new Map<string, UnixMs>()

  isUsed(name: string): boolean {
    return this.endByName.has(name)
  }

  /** Its latest end while it is open, 0 once it was closed, undefined when there was none of this name. */
  endOf(name: string): UnixMs | undefined {
    return this.endByName.get(name)
  }

  isOpen(name: string, nowMs: UnixMs): boolean {
    const end = this.endByName.get(name)
    return end !== undefined && end > nowMs
  }

  apply(order: Order): void {
    if (order.order === 'load.open') this.endByName.set(order.load, parseTime(order.until) ?? (0 as UnixMs))
    if (order.order === 'load.close') this.endByName.set(order.load, 0 as UnixMs)
  }

  save(): readonly (readonly [string, number])[] {
    return [...this.endByName]
  }

  restore(saved: readonly (readonly [string, number])[]): void {
    for (const [name, end] of saved) this.endByName.set(name, end as UnixMs)
  }
}
