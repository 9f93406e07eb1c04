/**
 * The door of room ingest: events and orders come in here, are decided by the sequencer, and are answered when the log
 * has them on disk.
 *
 * Room node opens the sequencer from a snapshot and the log (`openSequencer`), and registers the routes on the app that
 * `installProblems` (room http) has prepared. What follows from an entry is room workers' business, which is told by
 * the log.
 */
import type { FastifyInstance } from 'fastify'
import type { Batch } from '../core/entry.js'
import type { LogPosition } from '../core/names.js'
import { dataSchema, eventSchema } from './answer-schemas.js'
import type { IngestDeps } from './deps.js'
import { Intake } from './intake.js'
import type { SequencerLimits } from './limits.js'
import { correctionRoutes, eventsRoute, monotonicUs, orderRoute, quarantineRoutes } from './routes.js'
import { Sequencer } from './sequencer.js'

export type { IngestDeps, Request } from './deps.js'
export type { AppendLog, IngestObserver, VerdictName } from './intake.js'
export type { IngestLimits, SequencerLimits } from './limits.js'
export { readOrder } from './orders.js'
export { PairCheck } from './pair-check.js'
export type { Follow, OrderDesk, PreparedOrder } from './prepared.js'
export { Sequencer } from './sequencer.js'
export { restoreSequencer, type SequencerSnapshot, snapshotSequencer } from './snapshot.js'
export type { SubjectWatch } from './subject-watch.js'
export { type Fault, Validator } from './validate.js'
export { Plan } from './verdict.js'
export { createWorkingDays, type WorkingDays } from './working-days.js'

export interface Ingest {
  /** To be called once, after the log was read back and before the first request. Gives how many events came in. */
  settle(): Promise<number>
}

/** What `openSequencer` needs of room log's `Log`. */
export interface ReadLog {
  read(from: LogPosition): AsyncIterable<Batch>
}

/** Reads back what the log holds after the state that `restored` has; all of it when there was no snapshot. */
export async function openSequencer(
  limits: SequencerLimits,
  log: ReadLog,
  restored: Sequencer = new Sequencer(limits),
): Promise<Sequencer> {
  for await (const batch of log.read((restored.position + 1) as LogPosition)) restored.replay(batch)
  return restored
}

/** POST /v1/events, POST /v1/orders, GET /v1/quarantine, and what is read and done at /v1/quarantine/:id. */
export function registerIngest(app: FastifyInstance, deps: IngestDeps): Ingest {
  const intake = new Intake(deps.log, deps.sequencer, deps.observer, deps.nowMs, deps.room)
  app.addSchema(dataSchema)
  app.addSchema(eventSchema)
  // Each in a scope of its own: events come as bytes of four media types, orders as plain JSON.
  app.register(async (scope) => eventsRoute(scope, deps, intake))
  app.register(async (scope) => orderRoute(scope, deps, intake))
  app.register(async (scope) => quarantineRoutes(scope, deps))
  app.register(async (scope) => correctionRoutes(scope, deps, intake))
  return { settle: () => intake.settle(monotonicUs()) }
}
