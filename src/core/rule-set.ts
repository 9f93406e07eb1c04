/**
 * Rules as data (domain 4). The YAML file in `rules/` is read and validated by room config, logged as one entry, and
 * compiled by room alerts; this is the shape that all three share.
 */
import type { RuleId } from './names.js'

/** A level of a rule: entered strictly past the threshold, left by its own way back. */
export type Level =
  /** Entered when figure > above; left when figure <= above - back. */
  | { readonly above: Decimal; readonly back?: Decimal }
  /** Entered when figure < below; left when figure >= below + back. */
  | { readonly below: Decimal; readonly back?: Decimal }

/** A decimal as text, so that 0.6 means exactly 6/10: `^-?[0-9]+(\.[0-9]{1,9})?$`. */
export type Decimal = string

/** `task`: one alert per task of a unit (`unit/task`). */
export const ruleScopes = ['unit', 'task', 'city'] as const
export type RuleScope = (typeof ruleScopes)[number]

/** `freeze`: while red the unit is frozen with this rule as a reason. */
export const ruleActions = ['notify', 'freeze', 'suggest-transfers', 'escalate'] as const
export type RuleAction = (typeof ruleActions)[number]

export interface Rule {
  readonly id: RuleId
  readonly title: { readonly zh: string; readonly en: string }
  readonly scope: RuleScope
  /** Sections of the plan, for example `3.3, 9.3`. */
  readonly plan: string
  /** CEL, boolean: false means "no verdict now", and the colour is kept. Absent: always a verdict. */
  readonly when?: string
  /** CEL, integers. The figure is numerator / denominator, compared by cross-multiplication; denominator 1 when absent. */
  readonly figure: { readonly numerator: string; readonly denominator?: string }
  readonly yellow?: Level
  readonly red?: Level
  readonly actions: readonly RuleAction[]
  /** True where the plan gives no number and the threshold is ours. */
  readonly assumed?: boolean
  /** First 12 hex digits of the SHA-256 of the rule's canonical JSON without this field. */
  readonly version: string
}

export interface RuleSet {
  readonly name: string
  /** First 12 hex digits of the SHA-256 over all rules. */
  readonly version: string
  readonly rules: readonly Rule[]
}
