/**
 * What people and programs read over HTTP, from memory: units, alerts, freezes, sums, transitions, the clock.
 *
 * Register it on the root right after `installProblems` and before any other route: it puts the service's clock on
 * every answer and collects the routes of the other rooms for the OpenAPI document. It knows no room but core and
 * http; the process that builds it hands it what it reads from.
 */
import type { FastifyInstance } from 'fastify'
import { registerClock } from './clock.js'
import type { ApiClock, ApiDeps } from './deps.js'
import { type AskGate, registerGate } from './gate.js'
import { registerHealth } from './health.js'
import { registerHistory } from './history.js'
import { registerOpenApi } from './openapi.js'
import { registerPreview } from './preview.js'
import { registerProposals } from './proposals.js'
import { checkStrictly } from './query.js'
import { registerReading } from './reading.js'
import { registerRules } from './rules.js'
import { namedSchemas } from './schemas.js'
import { stampClock } from './stamp-clock.js'

export type { ApiClock, ApiDeps, HistoryQuestion, Part, Play, ReadQuery } from './deps.js'
export type { AskGate } from './gate.js'

export async function registerApi(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  stampClock(app, deps.clock)
  await registerOpenApi(app, deps)
  for (const schema of namedSchemas) app.addSchema(schema)
  await app.register(async (scope) => {
    // The schemas of answers describe and do not serialise (schemas.ts).
    scope.setSerializerCompiler(() => JSON.stringify)
    checkStrictly(scope)
    registerReading(scope, deps)
    registerGate(scope, deps.gate)
    registerProposals(scope, deps)
    registerRules(scope, deps)
    // In a scope of its own: its body is text.
    await scope.register(async (inner) => registerPreview(inner, deps))
    registerHistory(scope, deps)
    registerClock(scope, deps.clock)
    registerHealth(scope, deps)
  })
}

/** The gate alone, for an app of its own; `installProblems` first, here too. */
export function openGateApi(app: FastifyInstance, { clock, gate }: GateApiDeps): void {
  stampClock(app, clock)
  // Fastify reads it by itself, and a text is no question.
  app.removeContentTypeParser('text/plain')
  checkStrictly(app)
  registerGate(app, gate)
}

export interface GateApiDeps {
  readonly clock: Pick<ApiClock, 'kind' | 'nowMs'>
  readonly gate: AskGate
}
