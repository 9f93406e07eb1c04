/**
 * An order: what a person commands through `POST /v1/orders`. Never accepted as an event, whoever sends it (domain 2).
 */
import type { RuleId, Subject, UnitId } from './names.js'
import type { CountingPolicy } from './policy.js'

interface OrderBase {
  /** Who ordered it, as the caller names the person. */
  readonly by: string
  /** Why, in the person's words; never empty. */
  readonly reason: string
}

interface OfAlert extends OrderBase {
  readonly subject: Subject
  readonly rule: RuleId
}

/** About one alert, or the alert that may come of a rule on a subject. */
export type AlertOrder =
  /** Somebody has seen it: it climbs no further, until it is green or worse, or until `until` (RFC 3339). */
  | (OfAlert & { readonly order: 'acknowledge'; readonly until?: string })
  /** Its transitions are marked as silenced and it does not climb, until `until`, from now or from `from` on. */
  | (OfAlert & { readonly order: 'silence'; readonly from?: string; readonly until: string })
  /** To the next rung at once: unit, county, city. */
  | (OfAlert & { readonly order: 'escalate' })
  /** Ends an alert whose rule says that a person may. */
  | (OfAlert & { readonly order: 'close' })
  /** A red alert gets an owner and a day by which it must be mended. */
  | (OfAlert & { readonly order: 'rectify'; readonly owner: string; readonly dueOn: string })

/** How a request or a proposal ends. */
export const decisions = ['approved', 'refused', 'withdrawn'] as const
export type Decision = (typeof decisions)[number]

export type DecideOrder =
  | (OrderBase & {
      readonly order: 'decide'
      /** The unit whose request it is: ids of requests are their unit's own. */
      readonly subject: UnitId
      readonly requestId: string
      readonly decision: Decision
    })
  | (OrderBase & {
      readonly order: 'decide'
      /** What the proposal is about. */
      readonly subject: Subject
      readonly proposalId: string
      readonly decision: Decision
    })

export type FreezeOrder =
  | (OrderBase & { readonly order: 'freeze'; readonly subject: UnitId })
  /** Tolerated exception 容错: not frozen until `until` (RFC 3339), whatever reasons come or go. */
  | (OrderBase & { readonly order: 'lift'; readonly subject: UnitId; readonly until: string })
  /** Takes back an order to freeze. A rule's reason ends only by its rule. */
  | (OrderBase & { readonly order: 'release'; readonly subject: UnitId })

/** About the city as a whole; each may name it as its subject. */
export type CityOrder =
  /** Opens a named load with a latest end `until` (RFC 3339). A name is used once. */
  | (OrderBase & {
      readonly order: 'load.open'
      readonly subject?: 'city'
      readonly load: string
      readonly until: string
    })
  | (OrderBase & { readonly order: 'load.close'; readonly subject?: 'city'; readonly load: string })
  /** Who counts as staff on quota from here on; a `policy` entry of the log follows it. */
  | (OrderBase & { readonly order: 'policy'; readonly subject?: 'city'; readonly policy: CountingPolicy })
  /** The named set judges from here on; a `rules` entry of the log follows it. */
  | (OrderBase & {
      readonly order: 'rules.activate'
      readonly subject?: 'city'
      readonly rules: { readonly name: string; readonly version: string }
    })
  /** What is kept of the account `special` for emergencies may be spent. */
  | (OrderBase & { readonly order: 'reserve.open'; readonly subject?: 'city' })

export type Order = FreezeOrder | AlertOrder | DecideOrder | CityOrder

/** Where a subject has one alert that the order fits its rule need not be named. */
export type UnnamedAlertOrder =
  | (OrderBase & { readonly order: 'escalate'; readonly subject: Subject; readonly rule?: RuleId })
  | (OrderBase & {
      readonly order: 'rectify'
      readonly subject: Subject
      readonly rule?: RuleId
      readonly owner: string
      readonly dueOn: string
    })

/** What a person sends where it is not yet what is logged: a policy may be named, and a rule set comes as its text. */
export type OrderRequest =
  | Exclude<Order, { readonly order: 'policy' | 'rules.activate' | 'escalate' | 'rectify' }>
  | UnnamedAlertOrder
  | (OrderBase & {
      readonly order: 'policy'
      readonly subject?: 'city'
      /** The name of a known policy, or one that is written out. */
      readonly policy: string | CountingPolicy
    })
  | (OrderBase & { readonly order: 'rules.activate'; readonly subject?: 'city' /** YAML. */; readonly rules: string })

export type OrderName = Order['order']

/** Every order there is; the type keeps the list whole. */
export const orderNames = Object.keys({
  freeze: true,
  lift: true,
  release: true,
  acknowledge: true,
  silence: true,
  escalate: true,
  close: true,
  rectify: true,
  decide: true,
  policy: true,
  'load.open': true,
  'load.close': true,
  'rules.activate': true,
  'reserve.open': true,
} satisfies Record<OrderName, true>) as readonly OrderName[]
