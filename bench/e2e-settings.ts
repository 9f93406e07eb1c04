/**
 * The flags of the e2e bench and what follows from them. Its relatives (storm, slow, scale) share both.
 */

import { options } from '../src/config/options.js'
import { counties } from '../src/core/names.js'
import { ArgumentError, type Flags, type Values } from './arguments.js'
import { nowUs } from './clock.js'
import type { Plan } from './messages.js'
import { shedsNothingMs } from './service.js'

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
  units: {
    default: 0,
    min: 0,
    max: 100_000,
    about: 'units of the city; 0: 1,100, and more where half of the receivers would come to a unit by itself',
  },
  receivers: {
    default: 90,
    min: 1,
    max: 200_000,
    about: "receivers of a transition: so many clients watch their unit's county too that it comes to this",
  },
  deliveries: { default: 0, min: 0, max: 1e6, about: 'deliveries a second, which sets the receivers; 0: as above' },
  clientProcesses: {
    default: 0,
    min: 0,
    max: 64,
    about: 'processes that hold the clients; 0: 12,500 each, at least 2',
  },
  connectsInFlight: { default: 32, min: 1, max: 1_000, about: 'clients of a process that connect at the same time' },
  quietSeconds: {
    default: 2,
    min: 0,
    max: 600,
    about: 'pause after the ramp, in which the processes clear away what it left; memory is read at its end',
  },
  connections: { default: 1024, min: 1, max: 10_000, about: 'HTTP requests in flight at most' },
  answerWaitMs: { default: 10_000, min: 100, max: 60_000, about: 'an answer later than that is an HTTP error' },
  drainSeconds: { default: 10, min: 1, max: 600, about: 'wait for the last frames at most so long' },
  connectSeconds: { default: 180, min: 1, max: 3_600, about: 'all clients must be subscribed by then' },
  shards: { default: 1, min: 1, max: 64, about: 'engine threads of the service' },
  pushProcesses: {
    default: 0,
    min: 0,
    max: 64,
    about: 'common push processes of the service; 0: 12,500 clients each, at least 2',
  },
  clientNiceness: {
    default: 0,
    min: -20,
    max: 19,
    about: 'scheduling priority of generator and clients, where the system permits it',
  },
  gatherMs: {
    default: 0,
    min: 0,
    max: 10,
    about: 'a client process rests so long after each look at its sockets; what came in meanwhile is so much later',
  },
  fewRules: {
    default: 0,
    min: 0,
    max: 1,
    about: '1: five rules (bench/few-rules.yaml) instead of the set that ships; both say the same of this load',
  },
  killPushAt: {
    default: 0,
    min: 0,
    max: 3_600,
    about: 'a push process is killed in this second, its clients must resume; 0: none is',
  },
  p50Ms: { default: 0, min: 0, max: 60_000, about: 'a greater p50 fails the run; 0: none does' },
  p99Ms: { default: 0, min: 0, max: 60_000, about: 'a greater p99 fails the run; 0: none does' },
  p999Ms: { default: 0, min: 0, max: 60_000, about: 'a greater p99.9 fails the run; 0: none does' },
  stallMs: { default: 0, min: 0, max: 60_000, about: 'control: the service stalls so long; must show in p99 or max' },
  drop: {
    default: 0,
    min: 0,
    max: 1,
    fraction: true,
    about: 'control: share of frames the service leaves out; must fail the run',
  },
} as const satisfies Flags

export type E2eSettings = Values<typeof e2eFlags>

/** A process may open 20,000 files on many machines, and one of the push processes may die. */
const clientsPerProcess = 12_500
/** The city of the design; more are needed when 100,000 clients share them. */
const unitsMin = 1_100
/** Between telling everybody the schedule and its first request. */
const startInMs = 500

const processesFor = (clients: number): number => Math.max(2, Math.ceil(clients / clientsPerProcess))

/**
 * The flags with every 0 that means "as fits" replaced by what fits. Throws when the push processes would be full.
 * `apart`: clients beside those of the flags.
 */
export const settled = (settings: E2eSettings, apart = 0): E2eSettings => {
  const { clients, deliveries, rate, transitionShare } = settings
  const receivers = deliveries > 0 ? deliveries / (rate * transitionShare) : settings.receivers
  const all = clients + apart
  const pushProcesses = settings.pushProcesses || processesFor(all)
  const fit = pushProcesses * options.clientsPerProcessMax.default
  if (all > fit) throw new ArgumentError(`${pushProcesses} push processes hold ${fit} clients, not ${all}`)
  return {
    ...settings,
    receivers,
    units: settings.units || Math.max(unitsMin, Math.round((2 * clients) / receivers)),
    clientProcesses: settings.clientProcesses || processesFor(clients),
    pushProcesses,
  }
}

/**
 * Share of clients that watch their unit's county beside their unit, so that a transition has the receivers that were
 * asked for: those of its unit, which all clients share evenly, and those of one county out of all.
 */
export const countyShareOf = ({
  clients,
  units,
  receivers,
}: Pick<E2eSettings, 'clients' | 'units' | 'receivers'>): number => {
  const ofUnit = clients / units
  return Math.min(1, Math.max(0, (receivers - ofUnit) / (clients / counties.length)))
}

export const cityOf = (settings: E2eSettings) => ({ units: settings.units, flipShare: settings.transitionShare / 2 })

export const serviceOptions = (settings: E2eSettings): Record<string, string | number> => ({
  logLevel: 'warn',
  dataSet: '',
  ingestDelayMsMax: shedsNothingMs,
  shards: settings.shards,
  pushProcesses: settings.pushProcesses,
  ...(settings.fewRules === 1 && { rulesFile: 'bench/few-rules.yaml' }),
  ...(settings.stallMs > 0 && { faultStallMs: settings.stallMs }),
  ...(settings.drop > 0 && { faultDropRatio: settings.drop }),
})

export const planOf = (settings: Pick<E2eSettings, 'rate' | 'seconds' | 'warmupSeconds'>): Plan => {
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
