/**
 * Proposals: what a rule would have a person decide (domain 4, "propose"). The engine never decides; it says when there
 * is something to decide, and when its reason is gone.
 *
 * One rule has one newest proposal about a subject. While its reason holds it is made once; when the reason comes again,
 * or comes for another year (`per`), it is made anew. What a person decided for a year is decided: it is not proposed for
 * that year again, whatever came between, another rule set too.
 */
import type { RuleId } from '../core/names.js'
import type { Decision } from '../core/order.js'
import type { RuleProposal } from '../core/rule-set.js'
import type { ProposalState, ProposalTransition, Proposed, Why } from '../core/transition.js'
import { type Bench, type Compared, comparedIn, type Trigger, whyBase } from './bench.js'
import { inRed } from './colour.js'
import { decimalOf } from './exact.js'
import type { Holder, Proposal } from './holder.js'
import { shownFigure, thresholdOf } from './judge.js'
import type { CompiledRule } from './rules.js'

/** What a proposal is made or taken back by; named only when one is. */
export type Reason = Compared & { readonly assumed?: boolean }

/** After the rule was judged: what it proposes now. */
export function settleProposals<S>(
  bench: Bench,
  holder: Holder,
  compiled: CompiledRule<S>,
  facts: S,
  trigger: Trigger,
  uncertain = false,
): void {
  const { rule, proposals } = compiled
  if (proposals.length === 0) return
  const isRed = ((holder.alerts?.get(rule.id)?.levels ?? 0) & inRed) !== 0
  const wanted = proposals.find(({ written, when }) => canBeAbout(holder, written) && (when ? when(facts) : isRed))
  const per = wanted?.per && String(wanted.per(facts))
  propose(bench, holder, rule.id, wanted && { written: wanted.written, per }, trigger, (of) => ({
    ...reasonOf(bench, compiled, facts, of),
    ...(uncertain ? { uncertain } : {}),
  }))
}

/** The rule's figure now, and what it is compared with: the red level, or the proposal's own condition. */
export function reasonOf<S>(bench: Bench, compiled: CompiledRule<S>, facts: S, of?: Terms): Reason {
  const { rule, proposals } = compiled
  const when = proposals.find(({ written }) => of && haveSameTerms(written, of))?.written.when
  const { red } = compiled.levels.at(bench.year)
  const figure = compiled.figureOf(facts)
  return {
    ruleVersion: rule.version,
    ...(typeof figure === 'object' ? { figure: shownFigure(figure, rule) } : {}),
    ...(when === undefined ? thresholdOf(red) : { threshold: { when } }),
    assumed: rule.assumed ?? (when === undefined && (red?.assumed ?? false)),
  }
}

type Terms = Pick<RuleProposal, 'kind' | 'ratio'>
const haveSameTerms = (a: Terms, b: Terms): boolean => a.kind === b.kind && a.ratio === b.ratio

/** Only a request can be denied: where the pool itself is red there is nothing to decide. */
const canBeAbout = ({ proposable }: Holder, { kind }: RuleProposal): boolean =>
  kind !== 'deny' || proposable.requestId !== undefined

interface Wanted {
  readonly written: RuleProposal
  readonly per: string | undefined
}

/** `wanted` absent: nothing is proposed (any more). `reason` absent: its subject or its rule is gone. */
export function propose(
  bench: Bench,
  holder: Holder,
  rule: RuleId,
  wanted: Wanted | undefined,
  trigger: Trigger,
  reason?: (of: Terms) => Reason,
): void {
  const held = holder.care?.proposals.get(rule)
  if (held?.isCurrent && wanted && isSame(held, wanted)) return
  if (held?.isCurrent) {
    held.isCurrent = false
    const why = () => whyOf(bench, trigger, held.proposed, reason?.(held.proposed) ?? ruleOf(held))
    if (held.state === 'open') move(bench, holder, rule, held, 'withdrawn', trigger, why())
  }
  if (!wanted) return
  const decided = held ? decidedUpTo(held) : []
  const matter = matterOf(wanted.per, wanted.written)
  if (matter !== undefined && decided.includes(matter)) return
  const count = (held?.count ?? 0) + 1
  const why = whyOf(bench, trigger, wanted.written, reason?.(wanted.written) ?? {})
  const proposal: Proposal = {
    id: `${rule}:${holder.subject}:${count}`,
    state: 'none',
    isCurrent: true,
    per: wanted.per,
    count,
    sinceMs: bench.nowMs,
    proposed: proposedOf(holder, wanted.written),
    why,
    ...(decided.length > 0 ? { decided } : {}),
  }
  holder.careTaken().proposals.set(rule, proposal)
  move(bench, holder, rule, proposal, 'open', trigger, why)
}

const isSame = ({ proposed, per }: Proposal, wanted: Wanted): boolean =>
  haveSameTerms(proposed, wanted.written) && per === wanted.per

/** A cut and a reward for one year are two matters, another ratio is not. Undefined: it is about no year. */
const matterOf = (per: string | undefined, { kind, ratio }: Terms): string | undefined =>
  per === undefined ? undefined : `${per} ${kind} ${ratio?.startsWith('-') ? '-' : '+'}`

/** What people decided of this rule about this subject, by year. */
function decidedUpTo({ decided = [], decidedBy, per, proposed }: Proposal): readonly string[] {
  const matter = decidedBy === undefined ? undefined : matterOf(per, proposed)
  return matter === undefined || decided.includes(matter) ? decided : [...decided, matter]
}

/** Of what was proposed nothing else holds any more. */
const ruleOf = ({ why }: Proposal): Reason =>
  why?.ruleVersion === undefined ? {} : { ruleVersion: why.ruleVersion, assumed: why.assumed }

/** Also where the plan names the share and not when it is due. */
function whyOf(
  bench: Bench,
  trigger: Trigger,
  { assumed: termsAssumed }: Pick<Proposed, 'assumed'>,
  { assumed = false, ...reason }: Reason,
): Why {
  return { ...reason, ...whyBase(bench, trigger, termsAssumed ?? assumed) }
}

function proposedOf(holder: Holder, { kind, ratio, assumed }: RuleProposal): Proposed {
  const { approved, requestId } = holder.proposable
  return {
    kind,
    ...(ratio === undefined ? {} : { ratio }),
    ...(kind === 'quota' && ratio !== undefined && approved !== undefined
      ? { approved: { from: approved, to: approved + shareOf(approved, ratio) } }
      : {}),
    ...(requestId === undefined ? {} : { requestId }),
    ...(assumed ? { assumed } : {}),
  }
}

/** Whole posts, half a post rounded away from zero. */
function shareOf(posts: number, ratio: string): number {
  const decimal = decimalOf(ratio)
  if (!decimal) return 0
  return Math.sign(decimal.units) * Math.round((posts * Math.abs(decimal.units)) / decimal.scale)
}

/** A person decides. False: there is no such proposal here, or it is not open. */
export function decideProposal(
  bench: Bench,
  holder: Holder,
  id: string,
  decision: Decision,
  trigger: Trigger,
): boolean {
  for (const [rule, proposal] of holder.care?.proposals ?? []) {
    if (proposal.id !== id || proposal.state !== 'open') continue
    if (trigger.order) proposal.decidedBy = trigger.order.by
    // What it was made by is what the person decided on.
    const reason = proposal.why ? { ...comparedIn(proposal.why), assumed: proposal.why.assumed } : {}
    move(bench, holder, rule, proposal, decision, trigger, whyOf(bench, trigger, proposal.proposed, reason))
    return true
  }
  return false
}

/** The subject is done with: nothing is proposed about it any more. */
export function withdrawAll(bench: Bench, holder: Holder, trigger: Trigger): void {
  for (const rule of holder.care?.proposals.keys() ?? []) propose(bench, holder, rule, undefined, trigger)
}

function move(
  bench: Bench,
  holder: Holder,
  rule: RuleId,
  proposal: Proposal,
  to: ProposalState,
  trigger: Trigger,
  why: Why,
): void {
  const transition: ProposalTransition = {
    kind: 'proposal',
    position: trigger.position,
    subject: holder.subject,
    ...holder.where,
    rule,
    proposalId: proposal.id,
    from: proposal.state,
    to,
    proposed: proposal.proposed,
    at: bench.nowMs,
    why,
    ...(trigger.late ? { correction: true } : {}),
  }
  proposal.state = to
  bench.verdicts.push(transition)
}
