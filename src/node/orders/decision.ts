/**
 * A decision on a request or a proposal: is it still to be made, and what does it make?
 *
 * An approved `quota` proposal makes the event that moves the quota; an approved `deny` refuses the request that it is
 * about, by the same person. For a `budget` the domain has no event: the decision itself is the record.
 */
import { QwError } from '../../core/errors.js'
import type { DecideOrder } from '../../core/order.js'
import type { ProposalState, Proposed } from '../../core/transition.js'
import type { Follow, PreparedOrder } from '../../ingest/ingest.js'
import type { ReadQuery } from '../../workers/judge.js'

type Read = (query: ReadQuery) => Promise<unknown>
type OnProposal = Extract<DecideOrder, { readonly proposalId: string }>
type OnRequest = Exclude<DecideOrder, OnProposal>

/** As the engine shows it (alerts/views.ts). */
export interface Proposal {
  readonly proposalId: string
  readonly subject: string
  readonly unit?: string
  readonly state: ProposalState
  readonly proposed: Proposed
}

/** @throws QwError when there is nothing to decide */
export const prepareDecision = (order: DecideOrder, read: Read): Promise<PreparedOrder> =>
  'proposalId' in order ? onProposal(order, read) : onRequest(order, read)

async function onRequest(order: OnRequest, read: Read): Promise<PreparedOrder> {
  const { subject, requestId } = order
  const what = `request ${requestId} of unit ${subject}`
  const request = (await read({ kind: 'request', unit: subject, requestId })) as { readonly state: string } | undefined
  if (!request) throw new QwError('QW_NOT_FOUND', { what, field: '/requestId' })
  if (request.state !== 'pending') throw new QwError('QW_NOT_OPEN', { what, state: request.state })
  return { order }
}

async function onProposal(order: OnProposal, read: Read): Promise<PreparedOrder> {
  const { subject, proposalId } = order
  const [proposal] = (await read({ kind: 'proposals', id: proposalId, subject })) as Proposal[]
  const what = `proposal ${proposalId}`
  if (!proposal) throw new QwError('QW_NOT_FOUND', { what: `${what} about ${subject}`, field: '/proposalId' })
  if (proposal.state !== 'open') throw new QwError('QW_NOT_OPEN', { what, state: proposal.state })
  return { order, follows: order.decision === 'approved' ? madeBy(order, proposal) : [] }
}

/** What an approval makes. @throws QwError QW_PROPOSAL_WITHOUT_FIGURE */
export function madeBy({ by, reason }: OnProposal, { proposalId, unit, proposed }: Proposal): Follow[] {
  const { kind, approved, requestId } = proposed
  if (kind === 'budget' || unit === undefined) return []
  if (kind === 'deny') {
    if (requestId === undefined) throw new Error(`${proposalId} denies no request`)
    const refuse = { order: 'decide', subject: unit, requestId, decision: 'refused', by, reason } as const
    return [{ kind: 'order', order: refuse }]
  }
  if (!approved) throw new QwError('QW_PROPOSAL_WITHOUT_FIGURE', { proposalId, field: '/proposalId' })
  const posts = approved.to - approved.from
  return [{ kind: 'quota', unit, posts, cause: posts < 0 ? 'cut' : 'reward', id: `decision-${proposalId}` }]
}
