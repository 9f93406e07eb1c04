/**
 * The thread that answers the gate on a port of its own: no event, list or snapshot that keeps the core's loop busy for
 * some milliseconds delays a hire that somebody waits for. gate-server.ts starts it.
 */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import Fastify from 'fastify'
import { openGateApi } from '../../api/api.js'
import type { UnixMs } from '../../core/names.js'
import { installProblems, problemOptions, refuseRaw, serverOptionsOf } from '../../http/problem.js'
import { type GateMemory, judgedMsOf } from '../../workers/gate-board.js'
import { takeRealtime } from '../realtime.js'
import { gateDesk } from './desk.js'

export interface GateThreadSettings {
  readonly memory: GateMemory
  readonly host: string
  readonly port: number
  readonly connectionsMax: number
  readonly bodyBytesMax: number
  readonly clock: 'system' | 'scenario'
  /** Of this thread, where the system permits it. */
  readonly niceness: number
  /** The same; 0: none. */
  readonly realtimePriority: number
}

// Who keeps a connection open without a question is not waited for; HR systems come again.
const keepAliveMs = 72_000
const requestWaitMs = 10_000

async function serve(settings: GateThreadSettings): Promise<void> {
  const { memory, host, port, connectionsMax, bodyBytesMax, clock, niceness } = settings
  prioritise(niceness)
  const isRealtime = takeRealtime(settings.realtimePriority)
  const exercise = clock === 'scenario'
  const app = Fastify({
    ...problemOptions,
    clientErrorHandler: (error, socket) => refuseRaw(error, socket, exercise),
    http: serverOptionsOf(exercise),
    logger: false,
    bodyLimit: bodyBytesMax,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestWaitMs,
  })
  app.server.maxConnections = connectionsMax
  installProblems(app, (error) => parentPort?.postMessage({ kind: 'defect', error }))
  // A scenario's clock moves by entries of the log, so what was judged last is what it shows.
  const nowMs = exercise ? judgedMsOf(memory) : () => Date.now() as UnixMs
  openGateApi(app, { clock: { kind: clock, nowMs }, gate: gateDesk(memory) })
  parentPort?.once('message', () => {
    app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
  await app.listen({ host, port })
  parentPort?.postMessage({ kind: 'serving', isRealtime })
}

/** On Linux a priority is a thread's, and 0 means the one that asks (setpriority(2)). */
function prioritise(niceness: number): void {
  try {
    setPriority(0, niceness)
  } catch {
    // It stays at the core's: main has said what this system does not permit.
  }
}

await serve(workerData as GateThreadSettings)
