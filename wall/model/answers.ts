/** What the service answers over HTTP and in figures, as far as this page shows it (docs: GET /docs). */
import type { Colour, FreezeState, Why } from '../../client/stream.js'

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
}

export interface AlertAnswer {
  readonly rule: string
  readonly subject: string
  readonly colour: Colour
  readonly since: string
  readonly why: Why
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
