/**
 * `POST /v1/rules/preview`: what a rule set would change now, without changing anything. The body is the rule file, or what
 * the order `rules.activate` would carry.
 */
import type { FastifyInstance } from 'fastify'
import { QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import { problemResponses } from '../http/problem.js'
import { stamped } from './answers.js'
import type { ApiDeps } from './deps.js'
import { parameters, queryOnly } from './query.js'

const limit = {
  type: 'integer',
  minimum: 0,
  maximum: 1000,
  default: 100,
  description: 'each list holds at most so many; `total` says how many there are',
}

/** The rule file as it came, so that lines are those of whoever wrote it. */
const file = { type: 'string', description: 'a rule file (YAML, or the same as JSON)' } as const
const order = {
  type: 'object',
  required: ['rules'],
  properties: { rules: { ...file, description: 'the text of a rule file' } },
} as const
const textTypes = ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/plain'] as const

export function registerPreview(scope: FastifyInstance, { preview, previewBytesMax }: ApiDeps): void {
  scope.removeAllContentTypeParsers()
  for (const type of [...textTypes, 'application/json'])
    scope.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => done(null, body))
  scope.post<{ Querystring: { limit: number } }>(
    '/v1/rules/preview',
    {
      bodyLimit: previewBytesMax,
      schema: {
        summary: 'What a rule set would change now; nothing is changed',
        description:
          'Tried on the state after transition `n`, in a process of its own. Activated (order `rules.activate`) before anything else happens, the set changes exactly this. docs/orders.md',
        tags: ['rules'],
        querystring: parameters({ limit }),
        body: {
          content: {
            ...Object.fromEntries(textTypes.map((type) => [type, { schema: file }])),
            'application/json': {
              schema: { anyOf: [order, { type: 'object', description: 'the rule file as JSON' }] },
            },
          },
        },
        response: {
          200: { description: 'what would change', $ref: 'RulePreview#' },
          ...problemResponses(
            'QW_BODY_EMPTY',
            'QW_QUERY_INVALID',
            'QW_BODY_TOO_LARGE',
            'QW_MEDIA_TYPE',
            'QW_RULES_INVALID',
            'QW_OVERLOADED',
            'QW_PREVIEW_ENDED',
          ),
        },
      },
      validatorCompiler: queryOnly,
      serializerCompiler: () => JSON.stringify,
    },
    async ({ body, query }, reply) => {
      if (typeof body !== 'string' || body.trim() === '') throw new QwError('QW_BODY_EMPTY')
      const told = await preview(textOf(body), query.limit)
      return stamped(reply, told.n as N).send(told)
    },
  )
}

/** The text of the rule file: the body itself, or what stands in it as the order would carry it. */
function textOf(body: string): string {
  if (!/^\s*\{/.test(body)) return body
  try {
    const { rules } = JSON.parse(body) as { readonly rules?: unknown }
    return typeof rules === 'string' ? rules : body
  } catch {
    // YAML may begin with a brace too; its reader says what is wrong, and where.
    return body
  }
}
