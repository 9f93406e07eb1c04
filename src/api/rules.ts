/**
 * What judges now, over HTTP: the active rule set with everything that a screen shows beside an alert (title, thresholds,
 * what is assumed, how it climbs), the counting policy, and the playbooks.
 */
import type { FastifyInstance } from 'fastify'
import { QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { RuleSet } from '../core/rule-set.js'
import { problemResponses } from '../http/problem.js'
import { type Item, stamped } from './answers.js'
import type { ApiDeps } from './deps.js'

/** As the engine answers to `standing`. */
interface Standing {
  readonly rules: RuleSet
  readonly policy: CountingPolicy
}

type Read = ApiDeps['read']

async function standing(
  read: Read,
): Promise<{ readonly n: N; readonly rules: RuleSet; readonly policy: CountingPolicy }> {
  const { n, value } = await read({ kind: 'standing' })
  return { n, ...(value as Standing) }
}

export function registerRules(scope: FastifyInstance, { read }: Pick<ApiDeps, 'read'>): void {
  scope.get(
    '/v1/rules',
    {
      schema: {
        summary: 'The rule set and the counting policy that judge now',
        tags: ['rules'],
        response: { 200: { description: 'the active set', $ref: 'RuleSet#' }, ...problemResponses('QW_OVERLOADED') },
      },
    },
    async (_request, reply) => {
      const { n, rules, policy } = await standing(read)
      const { escalation } = rules
      const items = rules.rules.map((rule) => ({ ...(escalation ? { escalation } : {}), ...rule }))
      return stamped(reply, n).send({ ...rules, rules: items, playbooks: rules.playbooks ?? [], policy })
    },
  )
  scope.get<{ Params: { id: string } }>(
    '/v1/playbooks/:id',
    {
      schema: {
        summary: 'One playbook 预案 of the active set',
        tags: ['rules'],
        params: { type: 'object', properties: { id: { type: 'string' } } },
        response: {
          200: { description: 'the playbook', $ref: 'Playbook#' },
          ...problemResponses('QW_NOT_FOUND', 'QW_OVERLOADED'),
        },
      },
    },
    async ({ params: { id } }, reply) => {
      const { n, rules } = await standing(read)
      const playbook = rules.playbooks?.find((each) => each.id === id)
      if (!playbook) throw new QwError('QW_NOT_FOUND', { what: `playbook ${id}` })
      return stamped(reply, n).send(playbook)
    },
  )
}

/** Reads, and puts into each alert what its rule is called and which playbook goes with it. */
export async function titled(
  read: Read,
  query: Parameters<Read>[0],
  into: (value: unknown, title: (alert: Item) => Item) => unknown,
): Promise<{ readonly n: N; readonly value: unknown }> {
  // Asked in one turn, so that both are true at one n.
  const [{ n, value }, { rules }] = await Promise.all([read(query), standing(read)])
  const byId = new Map(rules.rules.map((rule) => [rule.id, rule]))
  const title = (alert: Item): Item => {
    const rule = byId.get(String(alert['rule']))
    if (!rule) return alert
    return { ...alert, title: rule.title, ...(rule.playbook === undefined ? {} : { playbook: rule.playbook }) }
  }
  return { n, value: value === undefined || value === null ? value : into(value, title) }
}
