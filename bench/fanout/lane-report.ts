/**
 * The result of a lane run: the latencies of the critical clients, those during a message to everybody apart.
 */
import { worstLag } from '../e2e-report.js'
import { type Histogram, type LatencyMs, latencyMs, newHistogram, percentileMs, record } from '../histogram.js'
import { balance, type Expectation } from '../ledger.js'
import type { Commit, Machine } from '../machine.js'
import { median } from '../median.js'
import { type ClientsReport, type GeneratorReport, type Samples, type StageName, stageNames } from '../messages.js'
import { exitCodeOf, failedReasons, invalidReasons } from '../verdict.js'
import type { AudienceReport } from './messages.js'

/** One message to everybody. */
export interface Broadcast {
  /** Before the request that caused it. */
  readonly askedUs: number
  /** When the last client had it. */
  readonly lastUs: number
}

export interface LaneMeasured {
  readonly settings: Readonly<Record<string, number>>
  readonly serviceCommand: string
  readonly generator: GeneratorReport
  readonly critical: readonly ClientsReport[]
  readonly common: readonly AudienceReport[]
  readonly broadcasts: readonly Broadcast[]
  readonly expectation: Expectation
  readonly drained: boolean
  readonly foreignCores: number
  readonly machine: Machine
  readonly commit: Commit
  readonly at: string
}

type Counted = LatencyMs & { readonly samples: number }

export interface LaneResult {
  readonly bench: 'lane'
  readonly valid: boolean
  readonly invalid: readonly string[]
  readonly failed: readonly string[]
  /** Whether the service was allowed to raise its priority. */
  readonly priority: boolean
  /** Event to frame, from the intended time, of critical clients. */
  readonly criticalMs: { readonly during: Counted; readonly otherwise: Counted }
  /** Of those during a message to everybody, the way cut at the frame's stamps. */
  readonly stagesMs: Stages
  readonly broadcasts: { readonly count: number; readonly toLastMs: number; readonly toLastMsMax: number }
  readonly deliveries: { readonly expected: number; readonly received: number; readonly toEverybody: number }
  readonly generatorLagMs: { readonly p99: number; readonly max: number }
  readonly clientLagMs: { readonly p99: number; readonly max: number }
  readonly foreignCores: number
  readonly settings: Readonly<Record<string, number>>
  readonly serviceCommand: string
  readonly machine: Machine
  readonly commit: Commit
  readonly at: string
}

/** Whether any part of a latency fell within a message to everybody. */
const overlaps = (intendedUs: number, receivedUs: number, broadcasts: readonly Broadcast[]): boolean =>
  broadcasts.some(({ askedUs, lastUs }) => intendedUs <= lastUs && receivedUs >= askedUs)

export const splitSamples = (samples: readonly Samples[], broadcasts: readonly Broadcast[]) => {
  const during = newHistogram()
  const otherwise = newHistogram()
  for (const { intendedUs, receivedUs } of samples)
    for (const [i, intended] of intendedUs.entries()) {
      const received = receivedUs[i] ?? intended
      record(overlaps(intended, received, broadcasts) ? during : otherwise, received - intended)
    }
  const counted = (one: typeof during): Counted => ({ ...latencyMs(one), samples: one.totalCount })
  return { during: counted(during), otherwise: counted(otherwise) }
}

type Stages = Readonly<Record<StageName, { readonly p50: number; readonly p99: number; readonly max: number }>>

/** Where the time of those went that were on their way during a message to everybody. */
export const stagesDuring = (samples: readonly Samples[], broadcasts: readonly Broadcast[]): Stages => {
  const stages = new Map<StageName, Histogram>(stageNames.map((name) => [name, newHistogram()]))
  for (const { intendedUs, receivedUs, stamps } of samples)
    for (const [i, stamp] of stamps.entries()) {
      const intended = intendedUs[i] ?? 0
      const received = receivedUs[i] ?? 0
      if (stamp === undefined || !overlaps(intended, received, broadcasts)) continue
      const moments = [intended, stamp.receivedUs, stamp.durableUs, stamp.judgedUs, stamp.publishedUs, received]
      for (const [j, histogram] of [...stages.values()].entries())
        record(histogram, (moments[j + 1] ?? 0) - (moments[j] ?? 0))
    }
  const read = (one: Histogram) => ({
    p50: percentileMs(one, 50),
    p99: percentileMs(one, 99),
    max: percentileMs(one, 100),
  })
  return Object.fromEntries([...stages].map(([name, histogram]) => [name, read(histogram)])) as Stages
}

const round = (value: number): number => Math.round(value * 10) / 10

export const reportLane = (run: LaneMeasured): { readonly result: LaneResult; readonly exitCode: 0 | 1 | 2 } => {
  const { generator, critical, common, broadcasts, settings } = run
  const samples = critical.flatMap((one) => one.samples ?? [])
  const criticalMs = splitSamples(samples, broadcasts)
  const ledger = balance(
    critical.flatMap(({ receipts }) => receipts),
    run.expectation,
  )
  const generatorLagMs = worstLag([generator.lag])
  const clientLagMs = worstLag(critical.map(({ lag }) => lag))
  const invalid = invalidReasons({
    intendedPerSecond: settings['rate'] ?? 0,
    offeredPerSecond: generator.sentInWindow / (settings['seconds'] ?? 1),
    generatorLagP99Ms: generatorLagMs.p99,
    clientLagP99Ms: clientLagMs.p99,
    httpErrors: generator.errors,
    samples: criticalMs.during.samples,
  })
  const lost = common.reduce((sum, one) => sum + one.lost, 0)
  const exact = common.every(({ fewest, most }) => fewest === broadcasts.length && most === broadcasts.length)
  const failed = [
    ...failedReasons(ledger, {
      disconnects: critical.reduce((sum, one) => sum + one.disconnects, lost),
      malformed: critical.reduce((sum, one) => sum + one.malformedCount, 0),
      drained: run.drained,
      bounds: [{ name: 'p99 during messages to everybody', ms: criticalMs.during.p99, msMax: settings['p99Ms'] ?? 0 }],
    }),
    ...(exact ? [] : [`not every client got each of ${broadcasts.length} messages to everybody once`]),
  ]
  const toLastMs = broadcasts.map(({ askedUs, lastUs }) => (lastUs - askedUs) / 1e3)
  const result: LaneResult = {
    bench: 'lane',
    valid: invalid.length === 0,
    invalid,
    failed,
    priority: settings['priority'] !== 0,
    criticalMs,
    stagesMs: stagesDuring(samples, broadcasts),
    broadcasts: {
      count: broadcasts.length,
      toLastMs: round(median(toLastMs)),
      toLastMsMax: round(Math.max(...toLastMs)),
    },
    deliveries: {
      expected: ledger.expected,
      received: ledger.received,
      toEverybody: common.reduce((sum, one) => sum + one.received, 0),
    },
    generatorLagMs,
    clientLagMs,
    foreignCores: run.foreignCores,
    settings,
    serviceCommand: run.serviceCommand,
    machine: run.machine,
    commit: run.commit,
    at: run.at,
  }
  return { result, exitCode: exitCodeOf(invalid, failed) }
}

export const summariseLane = (result: LaneResult): string => {
  const { during, otherwise } = result.criticalMs
  const stages = stageNames.map((name) => `${name} ${result.stagesMs[name].p50}/${result.stagesMs[name].p99}`)
  return [
    `${result.priority ? 'with' : 'without'} the right to raise priority: ${result.broadcasts.count} messages to everybody, ` +
      `the last client after ${result.broadcasts.toLastMs} ms (median)`,
    `critical, meanwhile: p50 ${during.p50}  p90 ${during.p90}  p99 ${during.p99}  max ${during.max}  (${during.samples} frames)`,
    `stages of those, ms p50/p99: ${stages.join(', ')}`,
    `critical, otherwise: p50 ${otherwise.p50}  p90 ${otherwise.p90}  p99 ${otherwise.p99}  max ${otherwise.max}  (${otherwise.samples} frames)`,
    `lag ms p99: generator ${result.generatorLagMs.p99}, critical clients ${result.clientLagMs.p99}; others used ${result.foreignCores} cores`,
    ...result.invalid.map((reason) => `INVALID: ${reason}`),
    ...result.failed.map((reason) => `FAILED: ${reason}`),
  ].join('\n')
}
