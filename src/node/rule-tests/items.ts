/**
 * Alerts, freezes and proposals as a rule test speaks of them: what it is about, its state, and details in words.
 *
 * `vacancy U1 yellow` · `U1 frozen` · `efficiency-decile U1 open`. What is expected and what was found take the same
 * shape, so one comparison does for all three.
 */
import type { AlertView } from '../../alerts/fold.js'
import type { FreezeState, ProposalState, Proposed, Why } from '../../core/transition.js'
import { parseMoment, shownMoment } from './moments.js'

export interface Item {
  /** `vacancy U1`, `U1`. */
  readonly of: string
  /** `yellow`, `frozen`, `open`. */
  readonly state: string
  readonly details: Readonly<Record<string, string>>
}

export interface FreezeView {
  readonly unit: string
  readonly state: FreezeState
  readonly reasons: readonly string[]
  readonly sequence: number
  readonly until?: string
  readonly by?: string
}

export interface ProposalView {
  readonly proposalId: string
  readonly rule: string
  readonly subject: string
  readonly state: ProposalState
  readonly since: string
  readonly proposed: Proposed
  readonly decidedBy?: string
}

export const detailsOfAlerts = [
  'figure',
  'threshold',
  'assumed',
  'uncertain',
  'policy',
  'cause',
  'since',
  'rung',
  'acknowledged',
  'silenced',
  'owner',
] as const
export const detailsOfFreezes = ['reasons', 'sequence', 'since', 'until', 'by'] as const
export const detailsOfProposals = ['kind', 'ratio', 'from', 'to', 'request', 'assumed', 'since', 'id', 'by'] as const

/** `false` and `none` stand for what is not there. */
export function itemOfAlert(alert: AlertView): Item {
  const { rule, subject, colour, why, acknowledged, silenced, rectification } = alert
  const details: Record<(typeof detailsOfAlerts)[number], string> = {
    figure: shownFigure(why),
    threshold: shownThreshold(why),
    assumed: String(why.assumed),
    uncertain: String(why.uncertain ?? false),
    policy: why.policy,
    cause: why.cause ?? 'none',
    since: momentOf(alert.since),
    rung: alert.rung ?? 'none',
    acknowledged: acknowledged?.by ?? 'false',
    silenced: silenced?.by ?? 'false',
    owner: rectification?.owner ?? 'none',
  }
  return { of: `${rule} ${subject}`, state: colour, details }
}

export function itemOfFreeze(freeze: FreezeView & { readonly since: string }): Item {
  const details: Record<(typeof detailsOfFreezes)[number], string> = {
    reasons: freeze.reasons.join(' ') || 'none',
    sequence: String(freeze.sequence),
    since: momentOf(freeze.since),
    until: freeze.until === undefined ? 'none' : momentOf(freeze.until),
    by: freeze.by ?? 'none',
  }
  return { of: freeze.unit, state: freeze.state, details }
}

export function itemOfProposal({ rule, subject, state, since, proposalId, proposed, decidedBy }: ProposalView): Item {
  const { kind, ratio, approved, requestId, assumed } = proposed
  const details: Record<(typeof detailsOfProposals)[number], string> = {
    kind,
    ratio: ratio ?? 'none',
    from: String(approved?.from ?? 'none'),
    to: String(approved?.to ?? 'none'),
    request: requestId ?? 'none',
    assumed: String(assumed ?? false),
    since: momentOf(since),
    id: proposalId,
    by: decidedBy ?? 'none',
  }
  return { of: `${rule} ${subject}`, state, details }
}

const shownFigure = ({ figure }: Why): string =>
  figure ? (figure.denominator === '1' ? figure.numerator : `${figure.numerator}/${figure.denominator}`) : 'none'

const shownThreshold = ({ threshold }: Why): string =>
  threshold
    ? Object.entries(threshold)
        .map(([name, value]) => `${name} ${value}`)
        .join(' ')
    : 'none'

function momentOf(shown: string): string {
  const ms = parseMoment(shown)
  return ms === undefined ? shown : shownMoment(ms)
}

/** `vacancy U1 yellow {figure 21/100, assumed false}`; only the details in `names`. */
export function shownItem({ of, state, details }: Item, names: readonly string[]): string {
  const shown = names.map((name) => `${name} ${details[name]}`)
  return `${of} ${state}${shown.length === 0 ? '' : ` {${shown.join(', ')}}`}`
}
