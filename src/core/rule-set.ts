/**
 * Rules as data (domain 4). The YAML file in `rules/` is read and validated by room config, logged as one entry, and
 * compiled by room alerts; this is the shape that all three share.
 */
import type { RuleId } from './names.js'

/** A decimal as text, so that 0.6 means exactly 6/10: `^-?[0-9]+(\.[0-9]{1,9})?$`. */
export type Decimal = string

/**
 * A threshold for good, or by calendar year. A year without one takes the last before it; before the first there is no
 * such level (domain 4).
 */
export type Threshold = Decimal | Readonly<Record<string, Decimal>>

interface LevelBase {
  /** How far past the threshold the figure must come back. */
  readonly back?: Decimal
  /** CEL, boolean: while true the level is entered whatever the figure. */
  readonly or?: string
  /** The plan gives no number for this level; it is ours. */
  readonly assumed?: true
}

/** A level of a rule: entered strictly past the threshold, left by its own way back. */
export type Level =
  /** Entered when figure > above; left when figure <= above - back. */
  | (LevelBase & { readonly above: Threshold })
  /** Entered when figure < below; left when figure >= below + back. */
  | (LevelBase & { readonly below: Threshold })

export interface RuleLevels {
  readonly yellow?: Level
  readonly red?: Level
}

/**
 * What an alert of the rule is about. `task`, `loan`, `request`, `case`: one of a unit or of a city-wide subject;
 * `report`: the periodic risk reports of one; `rectification`: a red alert that somebody must mend by a day.
 */
export const ruleScopes = [
  'unit',
  'task',
  'loan',
  'request',
  'case',
  'report',
  'rectification',
  'city',
  'county',
  'sector',
  'pool',
  'account',
  'source',
  'self',
] as const
export type RuleScope = (typeof ruleScopes)[number]

/**
 * `freeze`: while red the unit is frozen with this rule as a reason. `escalate`: an alert that nobody acknowledges
 * climbs while yellow too, not only while red. The rest says what to do to whoever reads the alert.
 */
export const ruleActions = ['notify', 'freeze', 'suggest-transfers', 'escalate', 'summon', 'deny'] as const
export type RuleAction = (typeof ruleActions)[number]

/**
 * What is proposed to a person, who decides. `quota`: the unit's quota becomes (1 + ratio) of what it is; `budget`: the
 * unit's budget does (both with scope unit); `deny`: the request is refused (with scope request, or pool for every
 * request that would take the pool past red).
 */
export const proposalKinds = ['quota', 'budget', 'deny'] as const
export type ProposalKind = (typeof proposalKinds)[number]

export interface RuleProposal {
  readonly kind: ProposalKind
  /** CEL, boolean; absent: while the alert is red. */
  readonly when?: string
  /** CEL, integer: while the reason holds, another value is another proposal (another year, another failure). */
  readonly per?: string
  /** Signed share, for `quota` and `budget`. */
  readonly ratio?: Decimal
  readonly assumed?: true
}

/**
 * How a figure and its thresholds are shown to people: as a share in per cent, a plain ratio, so many times, CNY, or a
 * count. Nothing is judged by it.
 */
export const figuresShown = ['share', 'ratio', 'times', 'yuan', 'count'] as const
export type FigureShown = (typeof figuresShown)[number]

/** How long something lasts: working days, or milliseconds. Written `2wd`, `10m`, `3h`, `1d`. */
export type Span = { readonly workingDays: number } | { readonly ms: number }

/** Who hears of an alert that nobody acknowledges, and after how long (domain 5). */
export interface Escalation {
  readonly county: Span
  readonly city: Span
  readonly assumed?: true
}

/** How long a figure must stay past a threshold before a level is entered, and back before it is left. */
export interface Hold {
  readonly enterMs: number
  readonly leaveMs: number
}

/** 预案: what to do, who leads, whom to call, where to meet online (domain 5). */
export interface Playbook {
  readonly id: string
  readonly title: { readonly zh: string; readonly en: string }
  readonly owner: string
  readonly steps: readonly string[]
  readonly contacts: readonly string[]
  readonly meeting?: string
}

export interface Rule extends RuleLevels {
  readonly id: RuleId
  readonly title: { readonly zh: string; readonly en: string }
  readonly scopes: readonly RuleScope[]
  /** Levels of one scope where they differ from the rule's. */
  readonly levelsOf?: Readonly<Partial<Record<RuleScope, RuleLevels>>>
  /** Sections of the plan, for example `3.3, 9.3`. */
  readonly plan: string
  /** CEL, boolean: false means "no verdict now", and the colour is kept. Absent: always a verdict. */
  readonly when?: string
  /** CEL, boolean: while true the alert is green, whatever the figure. */
  readonly clear?: string
  /** CEL, integers. The figure is numerator / denominator, compared by cross-multiplication; denominator 1 when absent. */
  readonly figure: { readonly numerator: string; readonly denominator?: string }
  /** Absent: a share when there is a denominator, else a count. */
  readonly shown?: FigureShown
  readonly hold?: Hold
  readonly actions: readonly RuleAction[]
  readonly proposals?: readonly RuleProposal[]
  /** Absent: that of the set. */
  readonly escalation?: Escalation
  /** Id of a playbook of the set. */
  readonly playbook?: string
  /** A person may close the alert; any other ends only by its figure. */
  readonly closable?: true
  /** The plan gives no number at all, or not how it is meant; the rule's reading is ours. */
  readonly assumed?: true
  /** First 12 hex digits of the SHA-256 of the rule's canonical JSON without this field. */
  readonly version: string
}

export interface RuleSet {
  readonly name: string
  /** First 12 hex digits of the SHA-256 over all that follows. */
  readonly version: string
  readonly rules: readonly Rule[]
  readonly playbooks?: readonly Playbook[]
  /** For rules that name none of their own. */
  readonly escalation?: Escalation
  /** Source -> how often it is expected to speak, in ms. */
  readonly sources?: Readonly<Record<string, number>>
}
