/**
 * What orchestrators and monitoring ask: alive, ready, figures.
 *
 * `/livez` says only that this process turns its loop; restarting it would mend nothing else. `/readyz` names every
 * part, so that the one who is paged sees which.
 */
import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from './deps.js'

export function registerHealth(scope: FastifyInstance, deps: Pick<ApiDeps, 'parts' | 'clock' | 'metrics'>): void {
  const exercise = deps.clock.kind === 'scenario'
  const alive = { type: 'object', required: ['alive'], properties: { alive: { const: true } } }
  scope.get(
    '/livez',
    {
      schema: { summary: 'The process runs', tags: ['health'], response: { 200: { description: 'alive', ...alive } } },
    },
    async (_request, reply) => reply.send({ alive: true }),
  )
  const readiness = { $ref: 'Readiness#' }
  const response = { 200: { description: 'ready', ...readiness }, 503: { description: 'not ready', ...readiness } }
  scope.get(
    '/readyz',
    { schema: { summary: 'Each part and its state', tags: ['health'], response } },
    async (_request, reply) => {
      const parts = deps.parts()
      const ready = parts.every((part) => part.ready)
      if (!ready) reply.code(503).header('retry-after', '1')
      return reply.send({ ready, exercise, parts })
    },
  )
  const text = { 200: { description: 'Prometheus text', content: { 'text/plain': { schema: { type: 'string' } } } } }
  scope.get(
    '/metrics',
    { schema: { summary: 'Figures of the service', tags: ['health'], response: text } },
    async (_request, reply) => reply.type(deps.metrics.contentType).send(await deps.metrics.scrape()),
  )
}
