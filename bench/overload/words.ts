/**
 * What the coordinator of the overload bench and its load process say to each other.
 */
import type { CitySettings } from '../city.js'
import type { Plan, PrepareToPost } from '../messages.js'

export type ToLoad =
  | (PrepareToPost & {
      readonly city: CitySettings
      /** Of one request. */
      readonly events: number
    })
  /** As many as are taken, by at most so many senders that each wait for the answer, fewer when one is refused. */
  | { readonly kind: 'find'; readonly senders: number; readonly warmupMs: number; readonly measuredMs: number }
  /** On the schedule, whatever becomes of them. */
  | { readonly kind: 'run'; readonly plan: Plan }
  | { readonly kind: 'progress' }

export type FromLoad =
  | { readonly kind: 'prepare'; readonly connections: number }
  | { readonly kind: 'find'; readonly acceptedPerSecond: number; readonly refused: number; readonly errors: number }
  | { readonly kind: 'progress'; readonly sent: number; readonly accepted: number; readonly refused: number }
  | ({ readonly kind: 'run' } & LoadReport)

export interface LoadReport {
  /** Events of the whole run, the warm-up included. */
  readonly sent: number
  readonly accepted: number
  /** Requests that were answered 503 with a problem document, by its code. */
  readonly refused: Readonly<Record<string, number>>
  readonly withoutRetryAfter: number
  /** Requests that were neither accepted nor refused. */
  readonly errors: number
  readonly errorExamples: readonly string[]
  /** Transitions that must follow from all that was ever accepted. */
  readonly transitions: number
  /** Events within the measured window. */
  readonly sentInWindow: number
  readonly acceptedInWindow: number
  /** From the same to the answer, packed. */
  readonly acceptedHttp: string
  readonly refusedHttp: string
  /** From when the last event of a request was due until it was written. */
  readonly lag: string
  readonly connections: number
  readonly cpuMs: number
}
