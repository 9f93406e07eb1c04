/**
 * `/v1/proposals`: what rules would have a person decide. Decided by an order (docs/orders.md).
 */
import type { FastifyInstance } from 'fastify'
import type { ProposalState } from '../core/transition.js'
import { itemsOf, listResponses, type Paging, stamped, textAt } from './answers.js'
import { listIdentity, pageOf, readCursor } from './cursor.js'
import type { ApiDeps } from './deps.js'
import { paging, parameters } from './query.js'
import { proposalState } from './schemas.js'

export function registerProposals(scope: FastifyInstance, { read }: Pick<ApiDeps, 'read'>): void {
  const subject = { type: 'string', minLength: 1, maxLength: 300 } as const
  const querystring = parameters({ state: { ...proposalState, default: 'open' }, subject, ...paging })
  scope.get<{ Querystring: Paging & { state: ProposalState; subject?: string } }>(
    '/v1/proposals',
    {
      schema: {
        summary:
          'Proposals, by id: the newest of each rule about a subject; open ones unless another state is asked for',
        tags: ['reading'],
        querystring,
        response: listResponses('Proposal'),
      },
    },
    async ({ query: { limit, cursor, ...filter } }, reply) => {
      const identity = listIdentity('proposals', filter)
      const after = readCursor(identity, cursor)
      const { n, value } = await read({ kind: 'proposals', ...filter })
      return stamped(reply, n).send(pageOf(itemsOf(value), textAt('proposalId'), identity, after, limit))
    },
  )
}
