/** What the service answers over HTTP and in figures, as far as this page shows it (docs: GET /docs). */
import type { Acknowledged, Silenced } from '../../client/standing.js'
import type { Colour, FreezeState, Rung, Why } from '../../client/stream.js'
import type { Named } from './names.js'

/** Null is what is not known: no quota approved yet, or a ratio over nothing. */
export interface Facts {
  readonly approved: number | null
  readonly onLoan: number | null
  readonly usable: number | null
  readonly filled: number | null
  readonly overBy: number | null
  readonly vacancyRatio: number | null
  readonly contract: number | null
}

export interface UnitAnswer {
  readonly id: string
  readonly name: string
  readonly level: string
  readonly county: string
  readonly kind: string
  readonly sector: string
  readonly facts: Facts
  readonly policy: string
  /** A load that touches it is open: it is judged when that ends. */
  readonly setAside?: boolean
  /** Feeds that told of it and are silent, and what of it hangs on them. */
  readonly stale?: readonly { readonly source: string; readonly since: string }[]
}

export interface AlertAnswer {
  readonly rule: string
  readonly subject: string
  readonly colour: Colour
  readonly since: string
  readonly n?: number
  readonly why: Why
  /** Who must look after it. */
  readonly rung?: Rung
  readonly rungAssumed?: boolean
  readonly acknowledged?: Acknowledged
  readonly silenced?: Silenced
  readonly rectification?: { readonly owner: string; readonly dueOn: string }
  readonly playbook?: string
  /** It hangs on what a silent feed told. */
  readonly stale?: boolean
}

/** As a rule file writes it: `2` working days, or so many ms. */
export type Span = { readonly workingDays: number } | { readonly ms: number }

export interface RuleAnswer {
  readonly id: string
  readonly version: string
  readonly title: Named
  readonly scopes: readonly string[]
  readonly escalation?: { readonly county: Span; readonly city: Span; readonly assumed?: true }
}

/** 预案 */
export interface Playbook {
  readonly id: string
  readonly title: Named
  readonly owner: string
  readonly steps: readonly string[]
  readonly contacts: readonly string[]
  readonly meeting?: string
}

/** `GET /v1/rules`: what judges now. */
export interface RuleSetAnswer {
  readonly rules: readonly RuleAnswer[]
  readonly playbooks: readonly Playbook[]
}

/** `GET /v1/units/:id`: also what the tiles do not need. */
export interface UnitDetail extends UnitAnswer {
  readonly frontline: boolean
  readonly closed?: boolean
  readonly colour: Colour
  readonly freeze: {
    readonly state: FreezeState
    readonly reasons: readonly string[]
    readonly since: string | null
    readonly until?: string
    readonly by?: string
    readonly because?: string
    readonly assumed?: boolean
    /** Who had it frozen, and why. */
    readonly orders?: readonly { readonly by: string; readonly because: string; readonly since: string }[]
  }
  readonly alerts: readonly AlertAnswer[]
  readonly loans: readonly { readonly loanId: string; readonly out: number; readonly dueOn: string | null }[]
  readonly tasks: readonly {
    readonly taskId: string
    readonly title: string
    readonly dueOn: string
    readonly progressRatio: number | null
  }[]
}

export interface Summary {
  readonly scope: string
  readonly units: number
  readonly facts: Facts
  readonly policy: string
}

/** A figures frame of the topic `all`. */
export interface CityFigures {
  readonly city: Summary
  readonly units: readonly { readonly unit: string; readonly county?: string; readonly facts: Facts }[]
}
