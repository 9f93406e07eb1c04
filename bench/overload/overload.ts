/**
 * `npm run bench -- overload`: twice the load that the service can take, and what it makes of it.
 *
 * First senders that wait for their answers find out how much it takes, on this machine, with these clients. Then twice as
 * much is offered on a schedule that waits for nobody. What is accepted must reach the clients in time, counted from when
 * its request was due; what is not must be told so; health and the gate are asked all the while, and nothing is lost.
 */
import type { Flags, Values } from '../arguments.js'
import { Child } from '../child.js'
import { countyOfUnit } from '../city.js'
import type { Cleanup } from '../cleanup.js'
import { ClientProcesses } from '../e2e-clients.js'
import { countyShareOf, e2eFlags, planOf } from '../e2e-settings.js'
import { balance, expect } from '../ledger.js'
import { describeCommit, describeMachine } from '../machine.js'
import { watchMachine } from '../machine-cpu.js'
import { readGroup, readProcesses, sharesBetween } from '../process-cpu.js'
import { everyNowAndThen, say } from '../progress.js'
import { repositoryRoot, type Service, startService } from '../service.js'
import { everythingJudged, foundCity, readPage, readRefusals, readTransitions } from '../service-calls.js'
import { Asker } from './asker.js'
import { reportOverload, summariseOverload } from './report.js'
import type { FromLoad, ToLoad } from './words.js'

const { seconds, drainSeconds, connectSeconds, connectsInFlight, answerWaitMs, shards } = e2eFlags

export const overloadFlags = {
  factor: { default: 2, min: 1, max: 100, fraction: true, about: 'so many times what the service takes is offered' },
  events: { default: 10, min: 1, max: 256, about: 'events of one request (NDJSON)' },
  rate: { default: 0, min: 0, max: 200_000, about: 'events a second that are offered; 0: by the factor' },
  findSeconds: { default: 5, min: 1, max: 600, about: 'what the service takes is measured for so long' },
  findWarmupSeconds: { default: 5, min: 0, max: 600, about: 'the same before it, to warm up' },
  senders: {
    default: 128,
    min: 1,
    max: 4_096,
    about: 'senders that find it out at most, each with one request at a time',
  },
  seconds,
  warmupSeconds: { default: 3, min: 0, max: 600, about: 'the overload before it, not in the latencies' },
  clients: { default: 500, min: 1, max: 50_000, about: 'clients of the stream' },
  receivers: { default: 20, min: 1, max: 50_000, about: 'receivers of a transition' },
  transitionShare: { default: 0.02, min: 0.002, max: 2, fraction: true, about: 'transitions per event' },
  units: { default: 1_100, min: 22, max: 100_000, about: 'units of the city' },
  connections: { default: 2_048, min: 1, max: 10_000, about: 'HTTP requests in flight at most' },
  asksPerSecond: { default: 10, min: 1, max: 1_000, about: 'times that health and the gate are asked, each' },
  answerWaitMs,
  drainSeconds,
  connectSeconds,
  connectsInFlight,
  shards,
  niceness: { default: -10, min: -20, max: 19, about: 'of load and clients, who stand for other machines' },
  p99Ms: { default: 50, min: 0, max: 60_000, about: 'a greater p99 of what was accepted fails the run; 0: none does' },
  acceptedShareMin: {
    default: 0.3,
    min: 0,
    max: 1,
    fraction: true,
    about: 'less than this share of what it can take being accepted fails the run',
  },
  budgetMs: { default: 0, min: 0, max: 600_000, about: 'ingestDelayMsMax of the service; 0: as it comes' },
} as const satisfies Flags

export type OverloadSettings = Values<typeof overloadFlags>
type Load = Child<ToLoad, FromLoad>

const askWaitMs = 60_000
/** Ids of a long run at a high rate must all be remembered: a full memory is another reason to refuse. */
const duplicateKeysMax = 100_000_000

const start = async (settings: OverloadSettings, cleanup: Cleanup): Promise<Service> => {
  const { shards, budgetMs } = settings
  const options = {
    logLevel: 'warn',
    dataSet: '',
    shards,
    pushProcesses: 1,
    duplicateKeysMax,
    ...(budgetMs > 0 && { ingestDelayMsMax: budgetMs }),
  }
  const service = await startService({ options })
  cleanup.add(service.stop)
  say(`the service is ready: ${service.command}`)
  return service
}

const cityOf = ({ units, transitionShare }: OverloadSettings) => ({ units, flipShare: transitionShare / 2 })

const connect = async (settings: OverloadSettings, service: Service, cleanup: Cleanup): Promise<ClientProcesses> => {
  const { clients, units, connectsInFlight, connectSeconds, niceness } = settings
  const crowd = {
    host: service.host,
    port: service.streamPort,
    units,
    countyShare: countyShareOf(settings),
    connectsInFlight,
  }
  const processes = new ClientProcesses()
  await processes.connect({ clients, processes: 1, first: 0, niceness, crowd }, connectSeconds * 1e3, cleanup)
  return processes
}

const prepareLoad = async (settings: OverloadSettings, service: Service, cleanup: Cleanup): Promise<Load> => {
  const load: Load = new Child('load', './overload/load-process.js')
  cleanup.add(() => load.stop())
  const { niceness, connections: connectionsMax, answerWaitMs, events } = settings
  const target = { host: service.host, port: service.httpPort }
  const connectionsWarm = Math.min(connectionsMax, 1024)
  const city = cityOf(settings)
  await load.ask(
    { kind: 'prepare', ...target, niceness, connectionsMax, connectionsWarm, answerWaitMs, city, events },
    askWaitMs,
  )
  return load
}

/** Events a second that are taken of senders that wait for each answer. */
const find = async (settings: OverloadSettings, load: Load): Promise<number> => {
  const { senders, findSeconds, findWarmupSeconds } = settings
  const [warmupMs, measuredMs] = [findWarmupSeconds * 1e3, findSeconds * 1e3]
  const found = await load.ask({ kind: 'find', senders, warmupMs, measuredMs }, warmupMs + measuredMs + askWaitMs)
  say(`it takes ${found.acceptedPerSecond} events/s of ${senders} senders (${found.refused} refused meanwhile)`)
  if (found.errors > 0) throw new Error(`${found.errors} requests were neither accepted nor refused`)
  if (found.acceptedPerSecond === 0) throw new Error('it takes nothing')
  return found.acceptedPerSecond
}

/** Runs the bench; the caller runs `cleanup` whatever happens. */
export const runOverload = async (settings: OverloadSettings, cleanup: Cleanup) => {
  const at = new Date().toISOString()
  const service = await start(settings, cleanup)
  const target = { host: service.host, port: service.httpPort }
  await foundCity(target, cityOf(settings))
  const waitMs = settings.connectSeconds * 1e3
  if (!(await everythingJudged(target, { round: 0, since: 0, waitMs })))
    throw new Error('the founding of the city was not judged in time')
  const clients = await connect(settings, service, cleanup)
  const load = await prepareLoad(settings, service, cleanup)
  const { head: founded } = await readPage(target, 0, 1)
  const capacityPerSecond = await find(settings, load)
  const ratePerSecond = settings.rate > 0 ? settings.rate : Math.round(settings.factor * capacityPerSecond)
  const plan = planOf({ ...settings, rate: ratePerSecond })
  await clients.ask({ kind: 'measure', plan })
  const refusedBefore = await readRefusals(target)
  const urlOf = (port: number): string => `http://${service.host}:${port}`
  const { asksPerSecond: perSecond, answerWaitMs } = settings
  const asker = new Asker({ http: urlOf(service.httpPort), gate: urlOf(service.gatePort), perSecond, answerWaitMs })
  const own = [process.pid, load.pid, ...clients.pids]
  const machineUsed = watchMachine(() => [...readGroup(service.pid), ...readProcesses(own)])
  const [before, beganMs] = [readGroup(service.pid), performance.now()]
  const stopSaying = everyNowAndThen(5_000, async () => {
    const { sent, accepted, refused } = await load.ask({ kind: 'progress' }, askWaitMs)
    return `sent ${sent}, accepted ${accepted}, refused ${refused}`
  })
  const totalMs = (settings.warmupSeconds + settings.seconds) * 1e3
  const loaded = await load.ask({ kind: 'run', plan }, totalMs + answerWaitMs + askWaitMs).finally(stopSaying)
  const cores = sharesBetween(before, readGroup(service.pid), performance.now() - beganMs)
  const { foreignCores, interruptCores } = machineUsed()
  const asked = await asker.end()
  const refusedByReason = differenceOf(refusedBefore, await readRefusals(target))
  const drainMs = settings.drainSeconds * 1e3
  const drained = await everythingJudged(target, { round: 1, since: founded, waitMs: drainMs })
  const transitions = await readTransitions(target, 0)
  const expectation = expect(transitions, countyOfUnit)
  const reports = await clients.drain(expectation, drainMs)
  const { result, exitCode } = reportOverload({
    settings,
    capacityPerSecond,
    ratePerSecond,
    load: loaded,
    clients: reports,
    balance: balance(
      reports.flatMap(({ receipts }) => receipts),
      expectation,
    ),
    // The marker's own are two.
    transitionsSeen: transitions.length - founded - markerTransitions,
    drained,
    asked,
    foreignCores,
    refusedByReason,
  })
  say(summariseOverload(result))
  const cost = { service: cores, foreignCores, interruptCores }
  const where = { serviceCommand: service.command, machine: describeMachine(), commit: describeCommit(repositoryRoot) }
  return { result: { ...result, cost, ...where, at }, exitCode }
}

/** Green and free again, as its round 0 made it red and frozen. */
const markerTransitions = 2

const differenceOf = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> => {
  const all = Object.entries(after).map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const)
  return Object.fromEntries(all.filter(([, count]) => count > 0))
}
