/**
 * `/v1/clock`: what time the service has, and in a scenario how it is moved.
 *
 * Moving answers only when all that follows from the new time is judged, so that a simulator needs to wait for nothing
 * else before it looks.
 */
import type { FastifyInstance } from 'fastify'
import { formatTime } from '../core/day.js'
import { QwError } from '../core/errors.js'
import type { UnixMs } from '../core/names.js'
import { problemResponses } from '../http/problem.js'
import type { ApiClock, Play } from './deps.js'
import { play } from './schemas.js'

export function registerClock(scope: FastifyInstance, clock: ApiClock): void {
  const shown = () => {
    const play = clock.play()
    const { kind } = clock
    return { now: formatTime(clock.nowMs()), clock: kind, exercise: kind === 'scenario', ...(play ? { play } : {}) }
  }
  const ok = { 200: { description: 'the clock', $ref: 'Clock#' } }
  scope.get(
    '/v1/clock',
    { schema: { summary: 'The service clock', tags: ['clock'], response: ok } },
    async (_request, reply) => reply.send(shown()),
  )
  const body = {
    type: 'object',
    required: ['now'],
    additionalProperties: false,
    properties: { now: { type: 'string', format: 'date-time' }, play: { ...play, additionalProperties: false } },
  }
  const refusals = problemResponses('QW_BODY_INVALID', 'QW_CLOCK_KIND', 'QW_CLOCK_BACKWARD', 'QW_PLAY_DIFFERS')
  const response = { ...ok, ...refusals }
  scope.post<{ Body: { now: string; play?: Play } }>(
    '/v1/clock',
    { schema: { summary: 'Moves a scenario clock forward', tags: ['clock'], body, response } },
    async (request, reply) => {
      const toMs = Date.parse(request.body.now)
      // A leap second has the form of a time and is no moment of a Unix clock.
      if (Number.isNaN(toMs)) throw new QwError('QW_BODY_INVALID', { reason: 'now is no moment', field: '/now' })
      await clock.moveTo(toMs as UnixMs, request.body.play)
      return reply.send(shown())
    },
  )
}
