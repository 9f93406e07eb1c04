/**
 * The e2e bench: HTTP request to client frame, through the real service.
 *
 * One coordinator (this process) starts the service, one generator and K client processes, tells them when to begin,
 * and afterwards compares what every client got with the service's own record. It measures nothing itself.
 */
import { ArgumentError } from './arguments.js'
import { countyOfUnit, transitionsOf } from './city.js'
import type { Cleanup } from './cleanup.js'
import { nowUs } from './clock.js'
import { ClientProcesses, type Group } from './e2e-clients.js'
import { type E2eMeasured, reportE2e, summariseE2e } from './e2e-report.js'
import { cityOf, countyShareOf, type E2eSettings, planOf, serviceOptions, settled } from './e2e-settings.js'
import { asTheClientDoes, happen, type Incident, killPush, type Scene } from './incident.js'
import { expect } from './ledger.js'
import { type GeneratorChild, generate, prepareGenerator } from './load.js'
import { describeCommit, describeMachine } from './machine.js'
import { watchMachine } from './machine-cpu.js'
import { intendedUs } from './pacer.js'
import { readGroup, readProcesses, sharesBetween } from './process-cpu.js'
import { say } from './progress.js'
import { pushBytes } from './push-memory.js'
import { repositoryRoot, type Service, startService } from './service.js'
import { everythingJudged, foundCity, readPage, readTransitions, type Target } from './service-calls.js'

export { e2eFlags } from './e2e-settings.js'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Stage {
  readonly service: Service
  readonly target: Target
  readonly clients: ClientProcesses
  readonly scene: Scene
  readonly generator: GeneratorChild
  readonly connectMs: number
  /** Transitions that the founding of the city made. */
  readonly founded: number
  /** Resident bytes of all push processes, without a client and with all of them. */
  readonly pushBytes: { readonly empty: number; readonly connected: number }
}

const groupOf = (settings: E2eSettings, service: Service, comesBack: boolean): Group => ({
  clients: settings.clients,
  processes: settings.clientProcesses,
  first: 0,
  niceness: settings.clientNiceness,
  crowd: {
    host: service.host,
    port: service.streamPort,
    units: settings.units,
    countyShare: countyShareOf(settings),
    connectsInFlight: settings.connectsInFlight,
    gatherMs: settings.gatherMs,
    ...(comesBack && { comesBack: asTheClientDoes }),
  },
})

const startFounded = async (settings: E2eSettings, cleanup: Cleanup): Promise<Service> => {
  const service = await startService({ options: serviceOptions(settings) })
  cleanup.add(service.stop)
  say(`the service is ready: ${service.command}`)
  const target: Target = { host: service.host, port: service.httpPort }
  await foundCity(target, cityOf(settings))
  if (!(await everythingJudged(target, { round: 0, since: 0, waitMs: settings.connectSeconds * 1e3 })))
    throw new Error('the founding of the city was not judged in time')
  return service
}

/** Everything is started, founded and connected; nothing is measured yet. */
const setUp = async (settings: E2eSettings, incident: Incident | undefined, cleanup: Cleanup): Promise<Stage> => {
  const service = await startFounded(settings, cleanup)
  const target: Target = { host: service.host, port: service.httpPort }
  const empty = pushBytes(service.pid)
  const startedUs = nowUs()
  const clients = new ClientProcesses()
  const waitMs = settings.connectSeconds * 1e3
  const group = groupOf(settings, service, incident?.kind === 'kill')
  await clients.connect(group, waitMs, cleanup)
  const { only, ...apartGroup } = incident?.apart ?? {}
  const crowd = { ...group.crowd, comesBack: asTheClientDoes, ...(only && { only }) }
  const apart = incident?.apart
    ? await clients.connect({ ...group, ...apartGroup, first: settings.clients, crowd }, waitMs, cleanup)
    : []
  const connectMs = Math.round((nowUs() - startedUs) / 1e3)
  const generator = await prepareGenerator(settings, target, cleanup)
  await pause(settings.quietSeconds * 1e3)
  const scene: Scene = { servicePid: service.pid, askApart: (message) => clients.ask(message, apart) }
  const connected = pushBytes(service.pid)
  const { head: founded } = await readPage(target, 0, 1)
  return { service, target, clients, scene, generator, connectMs, founded, pushBytes: { empty, connected } }
}

const measure = async (
  settings: E2eSettings,
  incident: Incident | undefined,
  cleanup: Cleanup,
): Promise<E2eMeasured> => {
  const at = new Date().toISOString()
  const stage = await setUp(settings, incident, cleanup)
  const { service, target, clients, generator } = stage
  const before = readGroup(service.pid)
  const own = [process.pid, generator.pid, ...clients.pids]
  const machineUsed = watchMachine(() => [...readGroup(service.pid), ...readProcesses(own)])
  const startedUs = nowUs()
  const plan = planOf(settings)
  await clients.ask({ kind: 'measure', plan })
  const [generated, happened] = await Promise.all([
    generate({ ...settings, city: cityOf(settings) }, plan, generator),
    incident && happen(incident, stage.scene, intendedUs(plan.schedule, plan.firstMeasured)),
  ])
  const processes = sharesBetween(before, readGroup(service.pid), (nowUs() - startedUs) / 1e3)
  const { foreignCores, interruptCores } = machineUsed()
  const loaded = pushBytes(service.pid)
  await incident?.end?.(stage.scene)
  const waitMs = settings.drainSeconds * 1e3
  const drained = await everythingJudged(target, { round: 1, since: 0, waitMs })
  const transitions = await readTransitions(target, 0)
  const seen = transitions.length - stage.founded
  const expectation = expect(transitions, countyOfUnit)
  return {
    settings,
    clientsTotal: settings.clients + (incident?.apart?.clients ?? 0),
    serviceCommand: service.command,
    generator: generated,
    clients: await clients.drain(expectation, waitMs),
    apartProcesses: incident?.apart?.processes ?? 0,
    ...(happened && { incident: happened }),
    expectation,
    transitions: { intended: transitionsOf(plan.schedule.count, cityOf(settings)), seen },
    drained,
    connectMs: stage.connectMs,
    pushBytes: { ...stage.pushBytes, loaded },
    processes,
    foreignCores,
    interruptCores,
    machine: describeMachine(),
    commit: describeCommit(repositoryRoot),
    at,
  }
}

/** Runs the bench, with an incident when one is asked for; the caller runs `cleanup` whatever happens. */
export const runWith = async (flags: E2eSettings, incident: Incident | undefined, cleanup: Cleanup) => {
  const settings = settled(flags, incident?.apart?.clients)
  if (incident !== undefined && incident.atSecond >= settings.seconds)
    throw new ArgumentError(`second ${incident.atSecond} is not within the ${settings.seconds} that are measured`)
  const { result, exitCode } = reportE2e(await measure(settings, incident, cleanup))
  say(summariseE2e(result))
  return { result, exitCode }
}

export const runE2e = (flags: E2eSettings, cleanup: Cleanup) =>
  runWith(flags, flags.killPushAt > 0 ? killPush(flags.killPushAt) : undefined, cleanup)
