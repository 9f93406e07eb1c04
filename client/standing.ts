/**
 * What stands on a topic: alerts that are not green, who has them in hand, freezes that are not none, proposals that are
 * open, as its snapshot and its transitions say. For `county/…`, `city`, `freezes` and `all`; a unit's own topic shows the
 * unit instead. What a client does not know it passes over.
 */
import type { AlertTransition, Colour, FreezeState, Proposed, Rung, Transition, Why } from './frames.js'

export interface Acknowledged {
  readonly by?: string
  readonly at: string
  readonly until?: string
}

export interface Silenced {
  readonly by?: string
  readonly until?: string
}

export interface StandingAlert {
  readonly subject: string
  readonly rule: string
  readonly colour: Colour
  readonly unit?: string
  readonly county?: string
  /** RFC 3339 with offset. */
  readonly since: string
  readonly why: Why
  /** Who must look after it. */
  readonly rung?: Rung
  readonly acknowledged?: Acknowledged
  readonly silenced?: Silenced
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

export interface StandingProposal {
  readonly proposalId: string
  readonly subject: string
  readonly rule: string
  readonly unit?: string
  readonly county?: string
  readonly since: string
  readonly proposed: Proposed
}

type Item =
  | ({ readonly kind: 'alert' } & StandingAlert)
  | ({ readonly kind: 'freeze' } & StandingFreeze)
  | ({ readonly kind: 'proposal' } & StandingProposal)

/** An alert is one rule on one subject (no id holds a space). */
export const alertKey = ({ subject, rule }: { readonly subject: string; readonly rule: string }): string =>
  `${subject} ${rule}`

const worse: readonly Colour[] = ['green', 'yellow', 'red']

export class Standing {
  readonly alerts = new Map<string, StandingAlert>()
  /** By unit. */
  readonly freezes = new Map<string, StandingFreeze>()
  /** By id. */
  readonly proposals = new Map<string, StandingProposal>()
  /** Also of alerts that do not stand, as far as this client heard of them. */
  readonly #silences = new Map<string, Silenced>()
  readonly #colour: string | undefined

  /** A topic with a filter shows one colour alone. */
  constructor(topic: string) {
    this.#colour = /\?colour=(\w+)$/.exec(topic)?.[1]
  }

  reset(items: readonly unknown[]): void {
    for (const held of [this.alerts, this.freezes, this.proposals, this.#silences]) held.clear()
    for (const { kind, ...item } of items as readonly Item[])
      if (kind === 'alert') this.#hold(item as StandingAlert)
      else if (kind === 'freeze') this.freezes.set((item as StandingFreeze).unit, item as StandingFreeze)
      else if (kind === 'proposal') this.proposals.set((item as StandingProposal).proposalId, item as StandingProposal)
  }

  apply(transition: Transition): void {
    switch (transition.kind) {
      case 'alert':
        this.#alert(transition)
        return
      case 'freeze':
        this.#freeze(transition)
        return
      case 'escalation':
        this.#change(transition, (alert) => ({ ...alert, rung: transition.to }))
        return
      case 'acknowledgement':
        this.#acknowledge(transition)
        return
      case 'silence':
        this.#silence(transition)
        return
      case 'proposal':
        this.#propose(transition)
        return
    }
  }

  #hold(alert: StandingAlert): void {
    this.alerts.set(alertKey(alert), alert)
    if (alert.silenced) this.#silences.set(alertKey(alert), alert.silenced)
  }

  /** Whoever has it in hand knew of a colour: a worse one is news, and begins where alerts of its subject begin. */
  #alert(transition: AlertTransition): void {
    const { subject, rule, from, to, at, why } = transition
    const key = alertKey(transition)
    const before = this.alerts.get(key)
    if (to === 'green' || (this.#colour !== undefined && to !== this.#colour)) {
      this.alerts.delete(key)
      return
    }
    const where = whereOf(transition)
    const isNews = before === undefined || worse.indexOf(to) > worse.indexOf(from)
    const { acknowledged } = before ?? {}
    const silenced = this.#silences.get(key) ?? (transition.silenced ? {} : undefined)
    this.alerts.set(key, {
      subject,
      rule,
      colour: to,
      since: at,
      why,
      ...where,
      rung: isNews ? baseRung(where) : (before.rung ?? baseRung(where)),
      ...(!isNews && acknowledged && { acknowledged }),
      ...(silenced && { silenced }),
    })
  }

  #acknowledge({ subject, rule, to, at, by, until }: Transition & { readonly kind: 'acknowledgement' }): void {
    this.#change({ subject, rule }, ({ acknowledged: _, ...alert }) =>
      to === 'open' ? alert : { ...alert, acknowledged: { at, ...(by !== undefined && { by }), ...untilOf(until) } },
    )
  }

  #silence({ subject, rule, to, by, until }: Transition & { readonly kind: 'silence' }): void {
    const key = alertKey({ subject, rule })
    const silenced = { ...(by !== undefined && { by }), ...untilOf(until) }
    if (to === 'silenced') this.#silences.set(key, silenced)
    else this.#silences.delete(key)
    this.#change({ subject, rule }, ({ silenced: _, ...alert }) => (to === 'silenced' ? { ...alert, silenced } : alert))
  }

  #change(of: { subject: string; rule: string }, change: (alert: StandingAlert) => StandingAlert): void {
    const alert = this.alerts.get(alertKey(of))
    if (alert) this.alerts.set(alertKey(of), change(alert))
  }

  #freeze(transition: Transition & { readonly kind: 'freeze' }): void {
    const { unit, to, reasons, sequence, at, until, by, county } = transition
    if (to === 'none') this.freezes.delete(unit)
    else
      this.freezes.set(unit, {
        unit,
        state: to,
        reasons,
        sequence,
        since: at,
        ...(county !== undefined && { county }),
        ...untilOf(until),
        ...(by !== undefined && { by }),
      })
  }

  #propose(transition: Transition & { readonly kind: 'proposal' }): void {
    const { proposalId, subject, rule, to, at, proposed } = transition
    if (to === 'open')
      this.proposals.set(proposalId, { proposalId, subject, rule, since: at, proposed, ...whereOf(transition) })
    else this.proposals.delete(proposalId)
  }
}

type Where = Pick<StandingAlert, 'unit' | 'county'>

const whereOf = ({ unit, county }: Transition): Where => ({
  ...(unit !== undefined && { unit }),
  ...(county !== undefined && { county }),
})

const untilOf = (until: string | undefined): { readonly until?: string } => (until === undefined ? {} : { until })

const baseRung = ({ unit, county }: Where): Rung =>
  unit !== undefined ? 'unit' : county !== undefined ? 'county' : 'city'
