/**
 * What the core and the process that tries a rule set say to each other: one question, one answer, and it ends.
 */
import type { ErrorCode } from '../../core/errors.js'
import type { LogPosition, N, UnixMs } from '../../core/names.js'
import type { Told } from './told.js'

export interface Question {
  /** A rule file. */
  readonly text: string
  readonly logPath: string
  readonly snapshotPath: string
  readonly shards: number
  /** Tried on the state after this entry, which is durable. */
  readonly position: LogPosition
  /** The last transition up to there. */
  readonly n: N
  readonly nowMs: UnixMs
  /** Whether deadlines pass by themselves: not under a scenario clock. */
  readonly clockRuns: boolean
  /** Entries that no engine judges, all of them from `skippedFrom` on. */
  readonly skipped: readonly LogPosition[]
  readonly skippedFrom: LogPosition
  /** Each list of the answer holds at most so many. */
  readonly limit: number
}

export type Answer =
  | { readonly kind: 'told'; readonly told: Told }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: Readonly<Record<string, unknown>> }
