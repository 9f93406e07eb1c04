/**
 * The two targets that the real service is compared with, each a Fastify app with the real route of room ingest:
 *
 * `constant`  reads and validates the event, then answers the same every time: what HTTP, JSON and schema cost alone.
 * `log`       the real sequencer and the real log, synced to disk, with nobody reading it: what durability adds.
 *
 * Forked by bench/ingest.ts, which asks for one of them.
 */
import type net from 'node:net'
import { tmpdir } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { createMetrics } from '../src/api/metrics.js'
import { loadConfig } from '../src/config/config.js'
import type { LogPosition, UnixMs } from '../src/core/names.js'
import type { Order } from '../src/core/order.js'
import type { Candidate } from '../src/ingest/candidates.js'
import type { IngestDeps } from '../src/ingest/deps.js'
import { openSequencer, registerIngest, Sequencer } from '../src/ingest/ingest.js'
import type { AnswerItem, AppendLog, Intake } from '../src/ingest/intake.js'
import { eventsRoute } from '../src/ingest/routes.js'
import { Validator } from '../src/ingest/validate.js'
import { createWorkingDays } from '../src/ingest/working-days.js'
import { openLog } from '../src/log/log.js'
import { Door } from '../src/node/door.js'
import { openHttp } from '../src/node/http-server.js'
import type { FromServer, ToServer } from './ingest-messages.js'

const { config } = loadConfig({ directory: tmpdir(), environment: {}, settings: ['duplicateKeysMax=100000000'] })

// A day, as room node has it (domain 2).
const sequencerLimits = { ...config, timeAheadMsMax: 86_400_000 }

const nowMs = (): UnixMs => Date.now() as UnixMs

const fail = (error: unknown): never => {
  throw error
}

const depsOf = (log: AppendLog, sequencer: Sequencer): IngestDeps => ({
  log,
  sequencer,
  limits: config,
  observer: { counted: () => undefined, appended: () => undefined, defect: fail, failed: fail },
  nowMs,
  admission: () => undefined,
  room: async () => undefined,
  desk: { give: (order, take) => take({ order: order as Order }) },
  workingDays: () => createWorkingDays(),
})

/** Stands where the intake stands: everything before it is the real thing. */
const constantIntake = (): Intake => {
  const validator = new Validator()
  const answer = { source: '/bench', id: 'constant', status: 'accepted', position: 1 as LogPosition } as const
  const take = async (candidates: Iterable<Candidate>): Promise<AnswerItem[]> =>
    [...candidates].map(({ value }) => {
      const fault = value === undefined ? undefined : validator.check(value)
      if (value === undefined || fault !== undefined) throw new Error(`not an event: ${fault?.reason}`)
      return answer
    })
  return { take } as unknown as Intake
}

const emptyLog: AppendLog = {
  head: 0 as LogPosition,
  pendingEntries: 0,
  append: () => {
    throw new Error('the constant answer has no log')
  },
}

const registerConstant = (app: FastifyInstance): void => {
  app.register(async (scope) => eventsRoute(scope, depsOf(emptyLog, new Sequencer(sequencerLimits)), constantIntake()))
}

const registerLog = async (app: FastifyInstance, directory: string): Promise<void> => {
  const log = await openLog({
    ...config,
    directory,
    zeroAheadBytes: config.logZeroAheadBytes,
    clock: nowMs,
    onBatch: () => undefined,
    onFatal: fail,
  })
  const ingest = registerIngest(app, depsOf(log, await openSequencer(sequencerLimits, log)))
  await ingest.settle()
}

const listen = async ({ mode, directory }: ToServer): Promise<FromServer> => {
  const door = await Door.open({
    host: '127.0.0.1',
    port: 0,
    connectionsMax: 10_000,
    spareMax: 64,
    exercise: false,
    metrics: createMetrics(),
    parts: () => [],
  })
  const { app, serve } = openHttp(door, config.bodyBytesMax, fail)
  if (mode === 'constant') registerConstant(app)
  else await registerLog(app, directory)
  await serve()
  return { kind: 'listen', port: (app.server.address() as net.AddressInfo).port, pid: process.pid }
}

process.on('message', (message: ToServer) => {
  listen(message).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
