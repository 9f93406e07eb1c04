/**
 * The ingest bench: how much of the bare HTTP server's pace is left when every event is durable, and when it is judged.
 *
 * Targets take turns within each round, so that whatever the machine does to one it does to all: a constant answer
 * behind the same route and schema, the real log without an engine, the real service, and for NDJSON the real service
 * with a ClickHouse behind it that must keep up. Ratios are taken round by round and their median is quoted; a round's
 * own noise then cancels.
 */
import type { Flags, Values } from './arguments.js'
import { Child } from './child.js'
import type { Cleanup } from './cleanup.js'
import type { FromCannon, FromServer, ServerMode, Shot, ToCannon, ToServer } from './ingest-messages.js'
import { type IngestRound, type Measured, reportIngest, summariseIngest } from './ingest-report.js'
import { describeCommit, describeMachine } from './machine.js'
import { watchMachine } from './machine-cpu.js'
import { type ProcessCpu, readGroup, readProcesses, sharesBetween } from './process-cpu.js'
import { say } from './progress.js'
import { repositoryRoot, shedsNothingMs, startService } from './service.js'
import { everythingJudged, everythingStored, foundCity, readPage, type Target } from './service-calls.js'
import { temporaryDirectory } from './temporary.js'

export const ingestFlags = {
  seconds: { default: 10, min: 1, max: 600, about: 'each target is fired at for so long in each round' },
  connections: { default: 256, min: 1, max: 4_096, about: 'keep-alive connections with single events' },
  rounds: { default: 5, min: 1, max: 100, about: 'times that all targets take their turn' },
  lines: { default: 500, min: 1, max: 10_000, about: 'events of one NDJSON request' },
  lineSeconds: { default: 4, min: 1, max: 600, about: 'NDJSON is posted for so long in each round' },
  lineConnections: { default: 8, min: 1, max: 256, about: 'keep-alive connections with NDJSON' },
  units: { default: 1100, min: 11, max: 5_000, about: 'units of the city' },
  warmupSeconds: { default: 3, min: 0, max: 60, about: 'each target is warmed up before the first round' },
  judgedWaitSeconds: { default: 60, min: 1, max: 600, about: 'everything accepted must be judged by then' },
  storedSeconds: { default: 10, min: 1, max: 600, about: 'NDJSON is posted for so long to the service with a store' },
  storedWaitSeconds: { default: 120, min: 1, max: 600, about: 'everything accepted must be in ClickHouse by then' },
} as const satisfies Flags

type Settings = Values<typeof ingestFlags>
type Cannon = Child<ToCannon, FromCannon>

const eventsPath = '/v1/events'
const askWaitMs = 60_000
/** Every id of every round is remembered: a full memory would answer 503 and end the run. */
const duplicateKeysMax = 100_000_000

/** Something to fire at. */
interface Aim {
  readonly name: 'constant' | 'logOnly' | 'service' | 'stored'
  readonly target: Target
  readonly processes: () => readonly ProcessCpu[]
  /** Resolves when all that was accepted is judged; false when that takes too long. */
  readonly judge: () => Promise<boolean>
  /** The same for ClickHouse. */
  readonly store: () => Promise<boolean>
}

const nothingToDo = async (): Promise<boolean> => true

const startSmall = async (name: 'constant' | 'logOnly', mode: ServerMode, cleanup: Cleanup): Promise<Aim> => {
  const child: Child<ToServer, FromServer> = new Child(`server ${mode}`, './ingest-server-process.js')
  cleanup.add(() => child.stop())
  const directory = await temporaryDirectory(cleanup)
  const { port, pid } = await child.ask({ kind: 'listen', mode, directory }, askWaitMs)
  return {
    name,
    target: { host: '127.0.0.1', port },
    processes: () => readProcesses([pid]),
    judge: nothingToDo,
    store: nothingToDo,
  }
}

/** `service` keeps no history, `stored` has an embedded ClickHouse behind it. */
const startReal = async (name: 'service' | 'stored', settings: Settings, cleanup: Cleanup): Promise<Aim> => {
  const service = await startService({
    options: {
      logLevel: 'warn',
      dataSet: '',
      ingestDelayMsMax: shedsNothingMs,
      duplicateKeysMax,
      store: name === 'stored' ? 'clickhouse' : 'none',
    },
  })
  cleanup.add(service.stop)
  const target = { host: service.host, port: service.httpPort }
  let round = 0
  const judge = async (): Promise<boolean> => {
    const { head } = await readPage(target, 0, 1)
    round += 1
    return everythingJudged(target, { round: round - 1, since: head, waitMs: settings.judgedWaitSeconds * 1e3 })
  }
  const store = (): Promise<boolean> => everythingStored(target, settings.storedWaitSeconds * 1e3)
  return {
    name,
    target,
    processes: () => readGroup(service.pid),
    judge,
    store: name === 'stored' ? store : nothingToDo,
  }
}

/** Fires, and then waits until the target has nothing left to do: its neighbour in the round must not pay for it. */
const measure = async (aim: Aim, cannon: Cannon, fire: () => Promise<Shot>): Promise<Measured> => {
  const server = watchMachine(aim.processes)
  const all = watchMachine(() => [...aim.processes(), ...readProcesses([cannon.pid, process.pid])])
  const before = aim.processes()
  const startedMs = performance.now()
  const shot = await fire()
  const { ownCores: serverCores } = server()
  const { foreignCores } = all()
  const answeredMs = performance.now()
  const judged = await aim.judge()
  const judgedAfterMs = performance.now() - answeredMs
  const stored = await aim.store()
  const storedAfterMs = performance.now() - answeredMs
  const perSecond = (ms: number): number => Math.round((shot.events / ms) * 1e3)
  return {
    perSecond: perSecond(shot.tookMs),
    refused: shot.refused,
    overloaded: shot.overloaded,
    clientCores: Math.round(shot.clientCores * 100) / 100,
    serverCores,
    foreignCores,
    ...((aim.name === 'service' || aim.name === 'stored') && {
      judged,
      judgedAfterMs: Math.round(judgedAfterMs),
      judgedPerSecond: perSecond(shot.tookMs + judgedAfterMs),
    }),
    ...(aim.name === 'stored' && {
      stored,
      storedAfterMs: Math.round(storedAfterMs),
      storedPerSecond: perSecond(shot.tookMs + storedAfterMs),
      cpuUsPerEvent: costs(before, aim.processes(), performance.now() - startedMs, shot.events),
    }),
  }
}

/** CPU of each kind of process for an event, over the shot and the wait after it. */
const costs = (before: readonly ProcessCpu[], after: readonly ProcessCpu[], tookMs: number, events: number) => {
  const byName: Record<string, number> = {}
  for (const { name, cores } of sharesBetween(before, after, tookMs))
    byName[name] = Math.round(((byName[name] ?? 0) + (cores * tookMs * 1e3) / events) * 100) / 100
  return byName
}

/** Each shot has ids of its own. */
const gunner = (settings: Settings, cannon: Cannon) => {
  let runs = 0
  const aimAt = ({ target }: Aim, seconds: number, connections: number) => {
    runs += 1
    const time = new Date().toISOString()
    return { ...target, path: eventsPath, connections, seconds, units: settings.units, run: `shot${runs}`, time }
  }
  const waitMs = Math.max(settings.seconds, settings.lineSeconds, settings.storedSeconds) * 1e3 + askWaitMs
  return {
    single: (aim: Aim, seconds = settings.seconds) =>
      measure(aim, cannon, () => cannon.ask({ kind: 'single', ...aimAt(aim, seconds, settings.connections) }, waitMs)),
    lines: (aim: Aim, seconds = settings.lineSeconds) => {
      const { lines, lineConnections } = settings
      return measure(aim, cannon, () =>
        cannon.ask({ kind: 'lines', lines, ...aimAt(aim, seconds, lineConnections) }, waitMs),
      )
    },
  }
}

/** Runs the bench; the caller runs `cleanup` whatever happens. */
export const runIngest = async (settings: Settings, cleanup: Cleanup) => {
  const at = new Date().toISOString()
  const constant = await startSmall('constant', 'constant', cleanup)
  const logOnly = await startSmall('logOnly', 'log', cleanup)
  const service = await startReal('service', settings, cleanup)
  const stored = await startReal('stored', settings, cleanup)
  for (const aim of [logOnly, service, stored]) await foundCity(aim.target, { units: settings.units, flipShare: 0 })
  const cannon: Cannon = new Child('cannon', './cannon-process.js')
  cleanup.add(() => cannon.stop())
  const guns = gunner(settings, cannon)
  if (settings.warmupSeconds > 0)
    for (const aim of [constant, logOnly, service, stored]) await guns.single(aim, settings.warmupSeconds)
  const rounds: IngestRound[] = []
  for (let i = 0; i < settings.rounds; i += 1) {
    const round: IngestRound = {
      constant: await guns.single(constant),
      logOnly: await guns.single(logOnly),
      service: await guns.single(service),
      logOnlyLines: await guns.lines(logOnly),
      serviceLines: await guns.lines(service),
      storedLines: await guns.lines(stored, settings.storedSeconds),
    }
    rounds.push(round)
    say(
      `round ${i + 1} of ${settings.rounds}: constant ${round.constant.perSecond}/s, log ${round.logOnly.perSecond}/s, ` +
        `service ${round.service.perSecond}/s; NDJSON log ${round.logOnlyLines.perSecond}/s, ` +
        `service ${round.serviceLines.perSecond}/s (judged ${round.serviceLines.judgedPerSecond}/s), ` +
        `with ClickHouse ${round.storedLines.perSecond}/s (stored ${round.storedLines.storedPerSecond}/s)`,
    )
  }
  const { result, exitCode } = reportIngest({
    rounds,
    settings,
    machine: describeMachine(),
    commit: describeCommit(repositoryRoot),
    at,
  })
  say(summariseIngest(result))
  return { result, exitCode }
}
