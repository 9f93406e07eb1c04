/**
 * What stands on a topic: alerts that are not green and freezes that are not none, as its snapshot and its transitions
 * say. For `county/…`, `city`, `freezes` and `all`; a unit's own topic shows the unit instead.
 */
import type { Colour, FreezeState, Transition, Why } from './frames.js'

export interface StandingAlert {
  readonly subject: string
  readonly rule: string
  readonly colour: Colour
  readonly unit?: string
  readonly county?: string
  /** RFC 3339 with offset. */
  readonly since: string
  readonly why: Why
}

export interface StandingFreeze {
  readonly unit: string
  readonly state: FreezeState
  readonly county?: string
  readonly reasons: readonly string[]
  readonly sequence: number
  readonly since: string
  readonly until?: string
  readonly by?: string
}

type Item = ({ readonly kind: 'alert' } & StandingAlert) | ({ readonly kind: 'freeze' } & StandingFreeze)

/** An alert is one rule on one subject (no id holds a space). */
export const alertKey = ({ subject, rule }: { readonly subject: string; readonly rule: string }): string =>
  `${subject} ${rule}`

export class Standing {
  readonly alerts = new Map<string, StandingAlert>()
  /** By unit. */
  readonly freezes = new Map<string, StandingFreeze>()
  readonly #colour: string | undefined

  /** A topic with a filter shows one colour alone. */
  constructor(topic: string) {
    this.#colour = /\?colour=(\w+)$/.exec(topic)?.[1]
  }

  reset(items: readonly unknown[]): void {
    this.alerts.clear()
    this.freezes.clear()
    for (const { kind, ...item } of items as readonly Item[])
      if (kind === 'alert') this.alerts.set(alertKey(item as StandingAlert), item as StandingAlert)
      else if (kind === 'freeze') this.freezes.set((item as StandingFreeze).unit, item as StandingFreeze)
  }

  apply(transition: Transition): void {
    const { unit, county, at, why } = transition
    if (transition.kind === 'alert') {
      const { subject, rule, to } = transition
      const key = alertKey(transition)
      const where = { ...(unit !== undefined && { unit }), ...(county !== undefined && { county }) }
      if (to === 'green' || (this.#colour !== undefined && to !== this.#colour)) this.alerts.delete(key)
      else this.alerts.set(key, { subject, rule, colour: to, since: at, why, ...where })
    } else if (transition.kind === 'freeze') this.#freeze(transition, county)
  }

  #freeze(transition: Transition & { readonly kind: 'freeze' }, county: string | undefined): void {
    const { unit, to, reasons, sequence, at, until, by } = transition
    if (to === 'none') this.freezes.delete(unit)
    else
      this.freezes.set(unit, {
        unit,
        state: to,
        reasons,
        sequence,
        since: at,
        ...(county !== undefined && { county }),
        ...(until !== undefined && { until }),
        ...(by !== undefined && { by }),
      })
  }
}
