/**
 * The e2e bench: HTTP request to client frame, through the real service.
 *
 * One coordinator (this process) starts the service, one generator and K client processes, tells them when to begin,
 * and afterwards compares what every client got with the service's own record. It measures nothing itself.
 */

import { counties } from '../src/core/names.js'
import type { Flags, Values } from './arguments.js'
import { Child } from './child.js'
import { countyOfUnit } from './city.js'
import type { Cleanup } from './cleanup.js'
import { nowUs } from './clock.js'
import { type E2eMeasured, reportE2e, summariseE2e } from './e2e-report.js'
import { type Expectation, expect } from './ledger.js'
import { describeCommit, describeMachine } from './machine.js'
import { watchMachine } from './machine-cpu.js'
import type {
  ClientsReport,
  FromClients,
  FromGenerator,
  GeneratorReport,
  Plan,
  ToClients,
  ToGenerator,
} from './messages.js'
import { readGroup, readProcesses, sharesBetween } from './process-cpu.js'
import { everyNowAndThen, say } from './progress.js'
import { repositoryRoot, type Service, startService } from './service.js'
import { everythingJudged, foundCity, readTransitions, type Target } from './service-calls.js'

export const e2eFlags = {
  clients: { default: 2000, min: 1, max: 200_000, about: 'clients of the stream' },
  rate: { default: 500, min: 1, max: 50_000, about: 'events a second, one per request' },
  seconds: { default: 20, min: 1, max: 3_600, about: 'measured time' },
  warmupSeconds: { default: 3, min: 0, max: 600, about: 'the same load before it, not in the latencies' },
  transitionShare: {
    default: 0.22,
    min: 0.002,
    max: 2,
    fraction: true,
    about: 'transitions per event; a flip of a unit is one event and two transitions',
  },
  units: { default: 1100, min: 11, max: 5_000, about: 'units of the city' },
  receivers: {
    default: 90,
    min: 1,
    max: 200_000,
    about: "receivers of a transition: so many clients watch their unit's county too that it comes to this",
  },
  clientProcesses: {
    default: 0,
    min: 0,
    max: 64,
    about: 'processes that hold the clients; 0: 12,500 each, at least 2',
  },
  connectsInFlight: { default: 64, min: 1, max: 1_000, about: 'clients of a process that connect at the same time' },
  connections: { default: 1024, min: 1, max: 10_000, about: 'HTTP requests in flight at most' },
  answerWaitMs: { default: 10_000, min: 100, max: 60_000, about: 'an answer later than that is an HTTP error' },
  drainSeconds: { default: 10, min: 1, max: 600, about: 'wait for the last frames at most so long' },
  connectSeconds: { default: 120, min: 1, max: 3_600, about: 'all clients must be subscribed by then' },
  shards: { default: 1, min: 1, max: 64, about: 'engine threads of the service' },
  pushProcesses: { default: 2, min: 1, max: 64, about: 'common push processes of the service' },
  stallMs: { default: 0, min: 0, max: 60_000, about: 'control: the service stalls so long; must show in p99 or max' },
  drop: {
    default: 0,
    min: 0,
    max: 1,
    fraction: true,
    about: 'control: share of frames the service leaves out; must fail the run',
  },
} as const satisfies Flags

type Settings = Values<typeof e2eFlags>
type ClientsChild = Child<ToClients, FromClients>
type GeneratorChild = Child<ToGenerator, FromGenerator>

/** A process may open 20,000 files on many machines. */
const clientsPerProcess = 12_500
/** Between telling everybody the schedule and its first request. */
const startInMs = 500
const askWaitMs = 30_000

const serviceOptions = (settings: Settings): Record<string, string | number> => ({
  logLevel: 'warn',
  dataSet: '',
  shards: settings.shards,
  pushProcesses: settings.pushProcesses,
  ...(settings.stallMs > 0 && { faultStallMs: settings.stallMs }),
  ...(settings.drop > 0 && { faultDropRatio: settings.drop }),
})

const cityOf = (settings: Settings) => ({ units: settings.units, flipShare: settings.transitionShare / 2 })

const connectClients = async (settings: Settings, service: Service, cleanup: Cleanup): Promise<ClientsChild[]> => {
  const count = settings.clientProcesses || Math.max(2, Math.ceil(settings.clients / clientsPerProcess))
  const children: ClientsChild[] = []
  const answers: Promise<Extract<FromClients, { kind: 'connect' }>>[] = []
  for (let i = 0; i < count; i += 1) {
    const child: ClientsChild = new Child(`clients ${i + 1}`, './clients-process.js')
    cleanup.add(() => child.stop())
    children.push(child)
    const first = Math.floor((settings.clients * i) / count)
    answers.push(
      child.ask(
        {
          kind: 'connect',
          host: service.host,
          port: service.streamPort,
          sourceAddress: `127.0.0.${2 + i}`,
          first,
          count: Math.floor((settings.clients * (i + 1)) / count) - first,
          units: settings.units,
          countyShare: countyShareOf(settings),
          connectsInFlight: settings.connectsInFlight,
        },
        settings.connectSeconds * 1e3,
      ),
    )
  }
  const connected = await Promise.all(answers)
  const ready = connected.reduce((sum, one) => sum + one.ready, 0)
  if (ready < settings.clients)
    throw new Error(
      `${ready} of ${settings.clients} clients came through: ${connected.flatMap((one) => one.lostReasons).join('; ')}`,
    )
  say(`${ready} clients with ${connected.reduce((sum, one) => sum + one.subscriptions, 0)} subscriptions`)
  return children
}

/**
 * Share of clients that watch their unit's county beside their unit, so that a transition has the receivers that were
 * asked for: those of its unit, which all clients share evenly, and those of one county out of all.
 */
export function countyShareOf({ clients, units, receivers }: Settings): number {
  const ofUnit = clients / units
  return Math.min(1, Math.max(0, (receivers - ofUnit) / (clients / counties.length)))
}

/** The generator with its connections open: as many as the requests of a second, so that a stall finds them ready. */
const prepareGenerator = async (settings: Settings, target: Target, cleanup: Cleanup): Promise<GeneratorChild> => {
  const generator: GeneratorChild = new Child('generator', './generator-process.js')
  cleanup.add(() => generator.stop())
  const { connections: connectionsMax, answerWaitMs } = settings
  await generator.ask(
    { kind: 'prepare', ...target, connectionsMax, connectionsWarm: settings.rate, answerWaitMs },
    askWaitMs,
  )
  return generator
}

const generate = async (settings: Settings, plan: Plan, generator: GeneratorChild): Promise<GeneratorReport> => {
  const totalSeconds = settings.warmupSeconds + settings.seconds
  const stopSaying = everyNowAndThen(5_000, async () => {
    const { sent, answered, errors } = await generator.ask({ kind: 'progress' }, askWaitMs)
    return `sent ${sent}, answered ${answered}, errors ${errors}`
  })
  try {
    return await generator.ask(
      { kind: 'run', plan, city: cityOf(settings) },
      totalSeconds * 1e3 + settings.answerWaitMs + askWaitMs,
    )
  } finally {
    stopSaying()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const askAll = <K extends ToClients['kind']>(
  clients: readonly ClientsChild[],
  message: Extract<ToClients, { kind: K }>,
): Promise<Extract<FromClients, { readonly kind: K }>[]> =>
  Promise.all(clients.map((child) => child.ask<K>(message, askWaitMs)))

const expectedOf = (reports: readonly ClientsReport[], expectation: Expectation): number =>
  reports
    .flatMap(({ receipts }) => receipts)
    .reduce((sum, { topic, baseline }) => sum + expectation.after(topic, baseline).count, 0)

/** Waits until as many frames are in as the record says, or the drain time is over; then takes the reports. */
const drain = async (
  settings: Settings,
  clients: readonly ClientsChild[],
  expectation: Expectation,
): Promise<ClientsReport[]> => {
  const expected = expectedOf(await askAll(clients, { kind: 'report' }), expectation)
  const giveUpAt = Date.now() + settings.drainSeconds * 1e3
  for (; Date.now() < giveUpAt; await pause(100)) {
    const progress = await askAll(clients, { kind: 'progress' })
    if (progress.reduce((sum, { received }) => sum + received, 0) >= expected) break
  }
  return askAll(clients, { kind: 'report' })
}

const planOf = (settings: Settings): Plan => {
  const firstMeasured = Math.round(settings.rate * settings.warmupSeconds)
  return {
    schedule: {
      startUs: nowUs() + startInMs * 1e3,
      ratePerSecond: settings.rate,
      count: firstMeasured + Math.round(settings.rate * settings.seconds),
    },
    firstMeasured,
  }
}

const measure = async (settings: Settings, cleanup: Cleanup): Promise<E2eMeasured> => {
  const at = new Date().toISOString()
  const service = await startService({ options: serviceOptions(settings), startWaitMs: 30_000, stopWaitMs: 5_000 })
  cleanup.add(service.stop)
  const target: Target = { host: service.host, port: service.httpPort }
  say(`the service is ready: ${service.command}`)
  await foundCity(target, cityOf(settings))
  const markerWaitMs = settings.drainSeconds * 1e3
  if (!(await everythingJudged(target, { round: 0, since: 0, waitMs: markerWaitMs })))
    throw new Error('the founding of the city was not judged in time')
  const connectStartedUs = nowUs()
  const clients = await connectClients(settings, service, cleanup)
  const connectMs = Math.round((nowUs() - connectStartedUs) / 1e3)
  const generator = await prepareGenerator(settings, target, cleanup)
  const before = readGroup(service.pid)
  const own = [process.pid, generator.pid, ...clients.map(({ pid }) => pid)]
  const machineUsed = watchMachine(() => [...readGroup(service.pid), ...readProcesses(own)])
  const startedUs = nowUs()
  const plan = planOf(settings)
  await askAll(clients, { kind: 'measure', plan })
  const generated = await generate(settings, plan, generator)
  const processes = sharesBetween(before, readGroup(service.pid), (nowUs() - startedUs) / 1e3)
  const { foreignCores } = machineUsed()
  const drained = await everythingJudged(target, { round: 1, since: 0, waitMs: markerWaitMs })
  const transitions = await readTransitions(target, 0)
  const expectation = expect(transitions, countyOfUnit)
  return {
    settings,
    serviceCommand: service.command,
    generator: generated,
    clients: await drain(settings, clients, expectation),
    expectation,
    transitions: transitions.length,
    drained,
    connectMs,
    processes,
    foreignCores,
    machine: describeMachine(),
    commit: describeCommit(repositoryRoot),
    at,
  }
}

/** Runs the bench; the caller runs `cleanup` whatever happens. */
export const runE2e = async (settings: Settings, cleanup: Cleanup) => {
  const { result, exitCode } = reportE2e(await measure(settings, cleanup))
  say(summariseE2e(result))
  return { result, exitCode }
}
