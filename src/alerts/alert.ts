/**
 * An alert: one rule on one subject, one identity for life (domain 4). Held by its subject.
 */
import type { LogPosition, RuleId, Subject, UnixMs } from '../core/names.js'
import type { Why } from '../core/transition.js'
import type { InLevels } from './colour.js'
import type { Profile } from './profile.js'

export interface Alert {
  levels: InLevels
  /** Of the last change of colour. */
  sinceMs: UnixMs
  position: LogPosition
  ruleVersion: string
  why: Why
}

/** What alerts are about: a unit, a task of a unit, the city. */
export interface AlertHolder {
  readonly subject: Subject
  /** The unit it is, or belongs to. */
  readonly unit: { readonly id: string; readonly profile: Profile | undefined } | undefined
  /** Absent until the first alert: most subjects never have one. */
  alerts: Map<RuleId, Alert> | undefined
}
