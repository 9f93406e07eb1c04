/**
 * `POST /v1/gate`: may this unit use so many posts now, and if not, why not.
 *
 * Systems that take people on (HR, payroll) ask it before they do; so it is answered from memory, and never shed.
 */
import type { FastifyInstance } from 'fastify'
import type { GateAnswer, GateQuestion } from '../core/gate.js'
import { bases } from '../core/names.js'
import { problemResponses } from '../http/problem.js'
import { stamped } from './answers.js'
import { unitId } from './schemas.js'

/** @throws QwError QW_NOT_FOUND, QW_NOT_JUDGING, QW_GATE_UNITS_MAX */
export type AskGate = (question: GateQuestion) => GateAnswer

// Nobody has as many posts in one unit.
const postsMax = 1_000_000

const body = {
  type: 'object',
  required: ['unit', 'count', 'basis'],
  additionalProperties: false,
  properties: {
    unit: unitId,
    count: { type: 'integer', minimum: 1, maximum: postsMax, description: 'posts to be used' },
    basis: {
      type: 'string',
      enum: [...bases, 'pool'],
      description: 'as what people would come; `pool`: posts would be borrowed from the revolving pool',
    },
  },
} as const

const answer = {
  description: 'allowed or not; true at `n`, and no reservation',
  type: 'object',
  required: ['allow', 'reasons', 'n'],
  properties: {
    allow: { type: 'boolean' },
    reasons: {
      type: 'array',
      description: 'everything that speaks against it',
      items: {
        type: 'object',
        required: ['code', 'text'],
        properties: {
          code: { type: 'string', description: 'from the error table' },
          rule: { type: 'string', description: 'the rule behind it' },
          text: { type: 'string' },
        },
      },
    },
    n: { type: 'integer', description: 'the last transition that the answer knows of' },
  },
} as const

export function registerGate(scope: FastifyInstance, ask: AskGate): void {
  const response = {
    200: answer,
    ...problemResponses('QW_BODY_INVALID', 'QW_NOT_FOUND', 'QW_NOT_JUDGING', 'QW_GATE_UNITS_MAX'),
  }
  const summary = 'Whether a unit may use posts now'
  scope.post<{ Body: GateQuestion }>(
    '/v1/gate',
    { schema: { summary, tags: ['reading'], body, response } },
    async (request, reply) => {
      const answered = ask(request.body)
      return stamped(reply, answered.n).send(answered)
    },
  )
}
