/**
 * The gate: may this unit use so many posts now? (`POST /v1/gate`)
 *
 * An answer is no reservation: it is true at `n`, and what comes in later may change it. Whoever acts on it sends the
 * event afterwards, and the rules judge that.
 */
import type { ErrorCode } from './errors.js'
import type { Basis, N, Posts } from './names.js'

/** `pool`: the unit would borrow the posts from the revolving pool, and nobody is taken on yet. */
export type GateBasis = Basis | 'pool'

export interface GateQuestion {
  readonly unit: string
  /** 1 or more. */
  readonly count: Posts
  readonly basis: GateBasis
}

export interface GateReason {
  readonly code: Extract<ErrorCode, `QW_GATE_${string}` | 'QW_UNIT_CLOSED'>
  /** The rule behind it; absent for an order and for plain arithmetic. */
  readonly rule?: string
  readonly text: string
}

export interface GateAnswer {
  readonly allow: boolean
  /** Every reason against it; empty when it is allowed. */
  readonly reasons: readonly GateReason[]
  /** The last transition that the answer knows of. */
  readonly n: N
}
