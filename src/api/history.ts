/**
 * `/v1/history`: figures over time, from the store. The only reading that does not come from memory, and the only one
 * that can be away while the service serves.
 */
import type { FastifyInstance } from 'fastify'
import { formatTime } from '../core/day.js'
import { QwError } from '../core/errors.js'
import type { UnixMs } from '../core/names.js'
import { parseTime } from '../core/rfc3339.js'
import { problemResponses } from '../http/problem.js'
import type { ApiDeps, HistoryPoint } from './deps.js'
import { parameters } from './query.js'

interface Query {
  readonly subject: string
  readonly from?: string
  readonly to?: string
  readonly step: string
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const spanMsDefault = 30 * 86_400_000

const querystring = {
  ...parameters({
    subject: { type: 'string', minLength: 1, maxLength: 100, description: 'a unit, a county, sector/<name>, or city' },
    from: { type: 'string', maxLength: 40, description: 'RFC 3339; 30 days before `to` when absent' },
    to: { type: 'string', maxLength: 40, description: 'RFC 3339; now when absent' },
    step: { type: 'string', pattern: '^[1-9][0-9]{0,5}[smhd]$', default: '1d', description: 'for example 15m, 1h, 1d' },
  }),
  required: ['subject'],
}

const answer = {
  description: 'figures at evenly spaced moments; moments before the first figure are left out',
  type: 'object',
  required: ['subject', 'of', 'items', 'next'],
  properties: {
    subject: { type: 'string' },
    of: { type: 'string', enum: ['unit', 'sums'] },
    items: {
      type: 'array',
      items: { type: 'object', required: ['at'], properties: { at: { type: 'string' } }, additionalProperties: true },
    },
    next: { type: 'null' },
  },
} as const

export function registerHistory(scope: FastifyInstance, { history, clock }: Pick<ApiDeps, 'history' | 'clock'>): void {
  const schema = {
    summary: 'Figures of a unit, a county, a sector or the city over time',
    tags: ['reading'],
    querystring,
    response: { 200: answer, ...problemResponses('QW_QUERY_INVALID', 'QW_STORE_AWAY', 'QW_OVERLOADED') },
  }
  scope.get<{ Querystring: Query }>('/v1/history', { schema }, async ({ query }) => {
    const { subject, step } = query
    const toMs = query.to === undefined ? clock.nowMs() : timeOf('to', query.to)
    const fromMs = query.from === undefined ? ((toMs - spanMsDefault) as UnixMs) : timeOf('from', query.from)
    const stepMs = Number(step.slice(0, -1)) * (unitMs[step.slice(-1)] as number)
    const { of, points } = await history({ subject, fromMs, toMs, stepMs })
    return { subject, of, items: points.map(shown), next: null }
  })
}

function timeOf(name: string, text: string): UnixMs {
  const ms = parseTime(text)
  if (ms === undefined)
    throw new QwError('QW_QUERY_INVALID', { reason: `${name} must be a time with offset`, field: `/${name}` })
  return ms
}

const shown = ({ atMs, ...figures }: HistoryPoint) => ({ at: formatTime(atMs), ...figures })
