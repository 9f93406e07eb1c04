/**
 * The OpenAPI 3.1 document, gathered from the routes of all rooms, and the pages at `/docs` that show it.
 *
 * The pages work under a policy that lets nothing in from another host, because the service runs in networks that have
 * no way out.
 */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from './deps.js'

const about = `Staffing quotas, watched in real time. Lists are paged by \`limit\` and \`cursor\`; errors are problem
documents (RFC 9457) whose \`code\` stands in docs/errors.md; times are RFC 3339 with offset; the header
\`x-quotawatch-n\` names the transition after which an answer is true, \`date\` is the service's clock, and in an exercise
(演练, a scenario's clock) every answer, also a refusal, has the header \`x-quotawatch-exercise: true\`.`

const exerciseAbout = '**演练 EXERCISE. Nothing that this service says is real.**'

const streamAddress = '/docs/asyncapi.json'

export async function registerOpenApi(
  app: FastifyInstance,
  { version, streamDocument, clock }: ApiDeps,
): Promise<void> {
  const exercise = clock.kind === 'scenario'
  const title = exercise ? 'quotawatch（演练 EXERCISE）' : 'quotawatch'
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        version,
        description: exercise ? `${exerciseAbout}\n\n${about}` : about,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      externalDocs: { description: 'What comes over the stream: an AsyncAPI document', url: streamAddress },
      tags: [
        { name: 'events', description: 'What departments report, and what was not accepted' },
        { name: 'orders', description: 'What people command' },
        { name: 'reading', description: 'What is true now, from memory' },
        { name: 'rules', description: 'What judges, and what another would say' },
        { name: 'clock', description: 'The clock that deadlines follow' },
        { name: 'health', description: 'For orchestrators and monitoring' },
      ],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema['$id'] ?? `schema-${index}`),
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title },
    staticCSP: policy,
    uiConfig: { deepLinking: true, docExpansion: 'list', tryItOutEnabled: false },
  })
  app.get(streamAddress, { schema: { hide: true } }, () => streamDocument)
}

/** `data:` for the icons that are written into the style sheet. */
const policy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}
