/**
 * The result of an e2e run: every figure from the merged histograms and the ledger, with what is needed to believe it.
 */
import { type LatencyMs, latencyCurve, latencyMs, merge, percentileMs } from './histogram.js'
import type { HappenedIncident } from './incident.js'
import { type Balance, balance, type Expectation } from './ledger.js'
import type { Commit, Machine } from './machine.js'
import { type ClientsReport, type GeneratorReport, type StageName, stageNames } from './messages.js'
import type { ProcessShare } from './process-cpu.js'
import { joinSeconds, type Second } from './series.js'
import { exitCodeOf, failedReasons, invalidReasons } from './verdict.js'

export interface E2eMeasured {
  readonly settings: Readonly<Record<string, number>>
  /** All clients, those of the incident included. */
  readonly clientsTotal: number
  readonly serviceCommand: string
  readonly generator: GeneratorReport
  readonly clients: readonly ClientsReport[]
  /** The last so many of them: all of their clients are the incident's. */
  readonly apartProcesses: number
  readonly expectation: Expectation
  /** Of the whole run, the founding of the city left out. */
  readonly transitions: { readonly intended: number; readonly seen: number }
  /** False when the marker did not appear in the record. */
  readonly drained: boolean
  readonly connectMs: number
  readonly pushBytes: PushBytes
  readonly incident?: HappenedIncident
  readonly processes: readonly ProcessShare[]
  readonly foreignCores: number
  readonly interruptCores: number
  readonly machine: Machine
  readonly commit: Commit
  readonly at: string
}

/** Resident bytes of all push processes. */
export interface PushBytes {
  readonly empty: number
  readonly connected: number
  readonly loaded: number
}

/** What became of those whom the incident befell. */
interface IncidentResult {
  readonly kind: HappenedIncident['kind']
  readonly atSecond: number
  readonly disturbed: number
  /** Not at the present at the end. */
  readonly away: number
  readonly reloads: number
  /** From each client's loss until it was at the present. */
  readonly backMs: LatencyMs
  /** From the incident until the last of them was. */
  readonly allBackAfterMs: number
  /** Of the frames to them, late ones included. */
  readonly latencyMs: LatencyMs & { readonly samples: number }
}

interface Quantiles {
  readonly p50: number
  readonly p99: number
}

export interface E2eResult {
  readonly bench: 'e2e' | 'storm' | 'slow'
  readonly valid: boolean
  readonly invalid: readonly string[]
  readonly failed: readonly string[]
  readonly offeredPerSecond: number
  readonly intendedPerSecond: number
  readonly transitionsPerSecond: number
  readonly deliveries: Omit<Balance, 'examples'> & {
    readonly perSecond: number
    readonly disconnects: number
    readonly malformed: number
    readonly examples: readonly string[]
  }
  /** Of those whom no incident befell. */
  readonly latencyMs: LatencyMs & { readonly samples: number }
  /** Of the same frames: percentile and milliseconds. */
  readonly latencyCurve: readonly (readonly [number, number])[]
  /** The same of the time before it, so that a warm-up hides nothing. */
  readonly warmUpMs: LatencyMs & { readonly samples: number }
  readonly incident?: IncidentResult
  readonly stagesMs: Readonly<Record<StageName, Quantiles>>
  readonly httpMs: LatencyMs
  readonly httpErrors: { readonly count: number; readonly examples: readonly string[] }
  readonly generatorLagMs: Quantiles & { readonly max: number }
  readonly clientLagMs: Quantiles & { readonly max: number }
  /** Of the processes all of whose clients an incident befalls: their frames are counted apart from then on. */
  readonly apartLagMs?: Quantiles & { readonly max: number }
  readonly connectMs: number
  readonly memory: PushBytes & { readonly bytesPerClient: number }
  readonly cost: {
    readonly generatorUsPerRequest: number
    /** All of the client processes while the load ran, heartbeats included, over the frames they received. */
    readonly clientUsPerDelivery: number
    readonly connections: number
    readonly service: readonly ProcessShare[]
    /** Of the kernel's interrupts, which on loopback carry the traffic. */
    readonly interruptCores: number
    /** CPU that neither the service nor the bench nor those interrupts used. */
    readonly foreignCores: number
  }
  readonly perSecond: readonly Second[]
  readonly settings: Readonly<Record<string, number>>
  readonly serviceCommand: string
  readonly machine: Machine
  readonly commit: Commit
  readonly at: string
}

const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits

const quantiles = (packed: readonly string[]): Quantiles => {
  const sum = merge(packed)
  return { p50: percentileMs(sum, 50), p99: percentileMs(sum, 99) }
}

export const stagesOf = (clients: readonly ClientsReport[]): Readonly<Record<StageName, Quantiles>> =>
  Object.fromEntries(
    stageNames.map((name) => [name, quantiles(clients.map(({ stages }) => stages[name]))]),
  ) as Readonly<Record<StageName, Quantiles>>

/** The worst process counts: a mean over processes would hide the one that was late. */
export const worstLag = (lags: readonly string[]): Quantiles & { readonly max: number } => {
  const each = lags.map((lag) => latencyMs(merge([lag])))
  const worst = (pick: (one: LatencyMs) => number): number => Math.max(0, ...each.map(pick))
  return { p50: worst(({ p50 }) => p50), p99: worst(({ p99 }) => p99), max: worst(({ max }) => max) }
}

const incidentOf = ({ incident, clients }: E2eMeasured): IncidentResult | undefined => {
  if (incident === undefined) return undefined
  const latency = merge(clients.map((one) => one.disturbedLatency))
  const lastBackUs = Math.max(...clients.map(({ recovery }) => recovery.lastBackUs))
  return {
    kind: incident.kind,
    atSecond: incident.atSecond,
    disturbed: sumOf(clients, ({ recovery }) => recovery.disturbed),
    away: sumOf(clients, ({ recovery }) => recovery.away),
    reloads: sumOf(clients, ({ recovery }) => recovery.reloads),
    backMs: latencyMs(merge(clients.map(({ recovery }) => recovery.times))),
    allBackAfterMs: round(Math.max(0, lastBackUs - incident.beganUs) / 1e3),
    latencyMs: { ...latencyMs(latency), samples: latency.totalCount },
  }
}

const sumOf = (clients: readonly ClientsReport[], pick: (one: ClientsReport) => number): number =>
  clients.reduce((sum, one) => sum + pick(one), 0)

const bytesPerClient = ({ pushBytes, clientsTotal }: E2eMeasured): number =>
  Math.round((pushBytes.connected - pushBytes.empty) / clientsTotal)

const costOf = ({ generator, clients, processes, foreignCores, interruptCores }: E2eMeasured): E2eResult['cost'] => {
  const received = sumOf(clients, ({ receivedWhile }) => receivedWhile)
  return {
    generatorUsPerRequest: round((generator.cpuMs * 1e3) / Math.max(1, generator.sent)),
    clientUsPerDelivery: round((sumOf(clients, ({ cpuMs }) => cpuMs) * 1e3) / Math.max(1, received)),
    connections: generator.connections,
    service: processes,
    interruptCores,
    foreignCores,
  }
}

/** Judges and writes down what was measured. */
export const reportE2e = (run: E2eMeasured): { readonly result: E2eResult; readonly exitCode: 0 | 1 | 2 } => {
  const { generator, clients, settings } = run
  const seconds = settings['seconds'] ?? 1
  const intendedPerSecond = settings['rate'] ?? 0
  const offeredPerSecond = round(generator.sentInWindow / seconds)
  const { examples, ...ledger } = balance(
    clients.flatMap(({ receipts }) => receipts),
    run.expectation,
  )
  const latency = merge(clients.map((one) => one.latency))
  const warmUp = merge(clients.map((one) => one.warmUpLatency))
  const generatorLagMs = worstLag([generator.lag])
  const together = clients.length - run.apartProcesses
  const clientLagMs = worstLag(clients.slice(0, together).map(({ lag }) => lag))
  const apartLagMs = worstLag(clients.slice(together).map(({ lag }) => lag))
  const malformed = sumOf(clients, ({ malformedCount }) => malformedCount)
  const disconnects = sumOf(clients, (one) => one.disconnects)
  const incident = incidentOf(run)
  const invalid = invalidReasons({
    intendedPerSecond,
    offeredPerSecond,
    generatorLagP99Ms: generatorLagMs.p99,
    clientLagP99Ms: clientLagMs.p99,
    httpErrors: generator.errors,
    transitions: run.transitions,
    samples: latency.totalCount,
  })
  const failed = failedReasons(
    { ...ledger, examples },
    {
      disconnects,
      malformed,
      drained: run.drained,
      ...(incident && { incident }),
      bounds: [
        { name: 'p50', ms: percentileMs(latency, 50), msMax: settings['p50Ms'] ?? 0 },
        { name: 'p99', ms: percentileMs(latency, 99), msMax: settings['p99Ms'] ?? 0 },
        { name: 'p99.9', ms: percentileMs(latency, 99.9), msMax: settings['p999Ms'] ?? 0 },
      ],
    },
  )
  const result: E2eResult = {
    bench: incident && incident.kind !== 'kill' ? incident.kind : 'e2e',
    valid: invalid.length === 0,
    invalid,
    failed,
    offeredPerSecond,
    intendedPerSecond,
    transitionsPerSecond: round(run.transitions.seen / (seconds + (settings['warmupSeconds'] ?? 0))),
    deliveries: {
      ...ledger,
      perSecond: round(latency.totalCount / seconds),
      disconnects,
      malformed,
      examples: [...examples, ...clients.flatMap((one) => [...one.disconnectReasons, ...one.malformed])].slice(0, 10),
    },
    latencyMs: { ...latencyMs(latency), samples: latency.totalCount },
    latencyCurve: latencyCurve(latency),
    warmUpMs: { ...latencyMs(warmUp), samples: warmUp.totalCount },
    ...(incident && { incident }),
    stagesMs: stagesOf(clients),
    httpMs: latencyMs(merge([generator.http])),
    httpErrors: { count: generator.errors, examples: generator.errorExamples },
    generatorLagMs,
    clientLagMs,
    ...(run.apartProcesses > 0 && { apartLagMs }),
    connectMs: run.connectMs,
    memory: { ...run.pushBytes, bytesPerClient: bytesPerClient(run) },
    cost: costOf(run),
    perSecond: joinSeconds(
      generator.seconds,
      clients.map((one) => one.seconds),
    ),
    settings,
    serviceCommand: run.serviceCommand,
    machine: run.machine,
    commit: run.commit,
    at: run.at,
  }
  return { result, exitCode: exitCodeOf(invalid, failed) }
}

const summariseIncident = (one: IncidentResult): string =>
  `${one.kind} in second ${one.atSecond}: ${one.disturbed} clients disturbed, back after ms p50 ${one.backMs.p50} ` +
  `p99 ${one.backMs.p99}, the last after ${one.allBackAfterMs}; ${one.away} away, ${one.reloads} reloads`

/** A few lines for the person at the terminal. */
export const summariseE2e = (result: E2eResult): string => {
  const { deliveries: d, latencyMs: l, stagesMs } = result
  const stages = stageNames.map((name) => `${name} ${stagesMs[name].p50}/${stagesMs[name].p99}`).join(', ')
  return [
    `offered ${result.offeredPerSecond}/s of ${result.intendedPerSecond}/s, ${result.transitionsPerSecond} transitions/s, ${d.perSecond} deliveries/s`,
    `received ${d.received} of ${d.expected} frames, ${d.gaps} gaps, ${d.duplicates} duplicates, ${d.mismatched} of ${d.subscriptions} subscriptions differ`,
    `latency ms: p50 ${l.p50}  p90 ${l.p90}  p99 ${l.p99}  p99.9 ${l.p999}  max ${l.max}  (${l.samples} frames)`,
    `before that, in the warm-up: p50 ${result.warmUpMs.p50}  p99 ${result.warmUpMs.p99}  max ${result.warmUpMs.max}  (${result.warmUpMs.samples} frames)`,
    `stages ms p50/p99: ${stages}`,
    `lag ms p99: generator ${result.generatorLagMs.p99}, clients ${result.clientLagMs.p99}; http p99 ${result.httpMs.p99}; others used ${result.cost.foreignCores} cores`,
    `push processes: ${result.memory.bytesPerClient} bytes a client; clients ${result.cost.clientUsPerDelivery} us a delivery`,
    ...(result.incident ? [summariseIncident(result.incident)] : []),
    ...result.invalid.map((reason) => `INVALID: ${reason}`),
    ...result.failed.map((reason) => `FAILED: ${reason}`),
    result.valid && result.failed.length === 0 ? 'valid, nothing lost, nothing doubled' : '',
  ]
    .filter((line) => line !== '')
    .join('\n')
}
