/**
 * An order: what a person commands through `POST /v1/orders`. Never accepted as an event, whoever sends it (domain 2).
 */
import type { UnitId } from './names.js'

interface OrderBase {
  /** Who ordered it, as the caller names the person. */
  readonly by: string
  /** Why, in the person's words; never empty. */
  readonly reason: string
}

export type Order =
  | (OrderBase & { readonly order: 'freeze'; readonly subject: UnitId })
  /** Tolerated exception 容错: not frozen until `until` (RFC 3339), whatever reasons come or go. */
  | (OrderBase & { readonly order: 'lift'; readonly subject: UnitId; readonly until: string })
  /** Takes back an order to freeze. A rule's reason ends only by its rule. */
  | (OrderBase & { readonly order: 'release'; readonly subject: UnitId })
  /** Opens a named load with a latest end `until` (RFC 3339). A name is used once. */
  | (OrderBase & {
      readonly order: 'load.open'
      readonly subject?: 'city'
      readonly load: string
      readonly until: string
    })
  | (OrderBase & { readonly order: 'load.close'; readonly subject?: 'city'; readonly load: string })

export type OrderName = Order['order']
