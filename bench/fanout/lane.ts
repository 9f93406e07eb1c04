/**
 * The lane bench: how long a freeze takes to those who act on it while a message goes to everybody.
 *
 * All common clients listen to the city-wide rules, and every few seconds the city's cap turns: a message to all of them.
 * A few critical clients (freeze triggers and walls) listen for freezes on their own port, and units freeze and thaw on
 * an open-loop schedule, whatever else goes on. A latency counts as `during` when any part of it fell within a message to
 * everybody, from the request that caused it until the last client had it.
 */
import type { Flags, Values } from '../arguments.js'
import { capEvent, capLines, countyOfUnit } from '../city.js'
import type { Cleanup } from '../cleanup.js'
import { nowUs } from '../clock.js'
import { ClientProcesses } from '../e2e-clients.js'
import { planOf } from '../e2e-settings.js'
import { expect } from '../ledger.js'
import { generate, prepareGenerator } from '../load.js'
import { describeCommit, describeMachine } from '../machine.js'
import { watchMachine } from '../machine-cpu.js'
import { readGroup, readProcesses } from '../process-cpu.js'
import { say } from '../progress.js'
import { repositoryRoot, type Service, shedsNothingMs, startService } from '../service.js'
import { everythingJudged, foundCity, postEvent, postLines, readTransitions } from '../service-calls.js'
import { newBlock } from '../source.js'
import { Audience } from './audience.js'
import { type Broadcast, reportLane, summariseLane } from './lane-report.js'

export const laneFlags = {
  clients: { default: 100_000, min: 1, max: 200_000, about: 'common clients, who all get the message to everybody' },
  critical: { default: 60, min: 1, max: 1_000, about: 'critical clients, who listen for freezes' },
  rate: { default: 20, min: 1, max: 1_000, about: 'freezes and thaws a second' },
  seconds: { default: 60, min: 1, max: 3_600, about: 'measured time' },
  warmupSeconds: { default: 5, min: 0, max: 600, about: 'the same before it, not in the latencies' },
  everyMs: {
    default: 2_500,
    min: 100,
    max: 600_000,
    about: 'a message to everybody so often, when the last is through',
  },
  priority: { default: 1, min: 0, max: 1, about: '1: with the right to raise priority; 0: everything at 0' },
  witnessNiceness: {
    default: -15,
    min: -20,
    max: 19,
    about: 'scheduling priority of generator and critical clients: they stand for other machines',
  },
  p99Ms: { default: 0, min: 0, max: 60_000, about: 'a greater p99 meanwhile fails the run; 0: none does' },
  units: { default: 1_100, min: 11, max: 100_000, about: 'units of the city' },
  pushProcesses: { default: 0, min: 0, max: 64, about: 'common push processes; 0: 12,500 clients each, at least 2' },
  connectsInFlight: { default: 32, min: 1, max: 1_000, about: 'clients of a process that connect at the same time' },
  connectSeconds: { default: 300, min: 1, max: 3_600, about: 'all clients must listen by then' },
  roundSeconds: { default: 30, min: 1, max: 600, about: 'everybody must have a message by then' },
} as const satisfies Flags

type Settings = Values<typeof laneFlags>

const clientsPerProcess = 12_500
const waitMs = 60_000
/** Addresses of the block that the critical clients come from are after those of the audience. */
const connections = 64

const processesFor = (clients: number): number => Math.max(2, Math.ceil(clients / clientsPerProcess))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const start = async (settings: Settings, cleanup: Cleanup): Promise<Service> => {
  const service = await startService({
    options: {
      logLevel: 'warn',
      dataSet: '',
      ingestDelayMsMax: shedsNothingMs,
      pushProcesses: settings.pushProcesses || processesFor(settings.clients),
      ...(settings.priority === 0 && { hotPathNiceness: 0, criticalNiceness: 0, realtimePriority: 0 }),
    },
  })
  cleanup.add(service.stop)
  const target = { host: service.host, port: service.httpPort }
  await foundCity(target, { units: settings.units, flipShare: 1 })
  await postLines(target, capLines(new Date().toISOString()))
  await everythingJudged(target, { round: 0, since: 0, waitMs })
  return service
}

const connectAudience = (settings: Settings, service: Service, cleanup: Cleanup): Promise<Audience> =>
  Audience.connect(
    {
      dialect: 'service',
      host: service.host,
      portFor: () => service.streamPort,
      clients: settings.clients,
      processes: processesFor(settings.clients),
      connectsInFlight: settings.connectsInFlight,
      block: newBlock(),
      firstAddress: 0,
      connectWaitMs: settings.connectSeconds * 1e3,
      givesWay: true,
    },
    cleanup,
  )

const connectCritical = async (settings: Settings, service: Service, cleanup: Cleanup): Promise<ClientProcesses> => {
  const clients = new ClientProcesses()
  const { units, connectsInFlight, critical, witnessNiceness: niceness } = settings
  const { host, criticalPort: port } = service
  const crowd = { host, port, units, countyShare: 0, connectsInFlight, only: 'freezes', keepsSamples: true } as const
  await clients.connect({ clients: critical, processes: 1, first: 0, niceness, crowd }, waitMs, cleanup)
  return clients
}

/** A message to everybody again and again until `stopped()`. */
const broadcastUntil = async (
  stopped: () => boolean,
  settings: Settings,
  service: Service,
  audience: Audience,
): Promise<Broadcast[]> => {
  const target = { host: service.host, port: service.httpPort }
  const done: Broadcast[] = []
  for (let dueUs = nowUs(); !stopped(); dueUs = Math.max(dueUs + settings.everyMs * 1e3, nowUs())) {
    await pause(Math.max(0, dueUs - nowUs()) / 1e3)
    if (stopped()) break
    const everybody = audience.got(done.length + 1, settings.roundSeconds * 1e3)
    const askedUs = nowUs()
    const [{ lastUs }] = await Promise.all([
      everybody,
      postEvent(target, capEvent(done.length, new Date().toISOString())),
    ])
    done.push({ askedUs, lastUs })
  }
  return done
}

/** Runs the bench; the caller runs `cleanup` whatever happens. */
export const runLane = async (settings: Settings, cleanup: Cleanup) => {
  const at = new Date().toISOString()
  const service = await start(settings, cleanup)
  const target = { host: service.host, port: service.httpPort }
  const audience = await connectAudience(settings, service, cleanup)
  say(`${settings.clients} common clients listen`)
  const critical = await connectCritical(settings, service, cleanup)
  const load = { ...settings, connections, answerWaitMs: 10_000, clientNiceness: settings.witnessNiceness }
  const generator = await prepareGenerator(load, target, cleanup)
  const own = [process.pid, generator.pid, ...critical.pids, ...audience.pids]
  const machineUsed = watchMachine(() => [...readGroup(service.pid), ...readProcesses(own)])
  const plan = planOf(load)
  await critical.ask({ kind: 'measure', plan })
  let over = false
  const [generated, broadcasts] = await Promise.all([
    generate({ ...load, city: { units: settings.units, flipShare: 1 } }, plan, generator).finally(() => {
      over = true
    }),
    broadcastUntil(() => over, settings, service, audience),
  ])
  const { foreignCores } = machineUsed()
  const drained = await everythingJudged(target, { round: 1, since: 0, waitMs })
  const expectation = expect(await readTransitions(target, 0), countyOfUnit)
  const { result, exitCode } = reportLane({
    settings,
    serviceCommand: service.command,
    generator: generated,
    critical: await critical.drain(expectation, waitMs),
    common: await audience.report(waitMs),
    broadcasts,
    expectation,
    drained,
    foreignCores,
    machine: describeMachine(),
    commit: describeCommit(repositoryRoot),
    at,
  })
  say(summariseLane(result))
  return { result, exitCode }
}
