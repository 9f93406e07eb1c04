/**
 * The result of an overload run: what was offered, what was taken, how soon that reached the clients, and whether whoever
 * was refused was told so. Pure.
 */
import { stagesOf } from '../e2e-report.js'
import { latencyMs, merge, percentileMs } from '../histogram.js'
import type { Balance } from '../ledger.js'
import { type ClientsReport, stageNames } from '../messages.js'
import { exitCodeOf, failedReasons, invalidReasons } from '../verdict.js'
import type { AskedByName } from './asker.js'
import type { LoadReport } from './words.js'

export interface OverloadMeasured {
  readonly settings: Readonly<Record<string, number>>
  /** Events a second that were taken when as many were offered as are taken; 0 when nobody looked. */
  readonly capacityPerSecond: number
  /** What was offered then. */
  readonly ratePerSecond: number
  readonly load: LoadReport
  readonly clients: readonly ClientsReport[]
  readonly balance: Balance
  /** Of all that the load made, since the city was founded. */
  readonly transitionsSeen: number
  readonly drained: boolean
  readonly asked: AskedByName
  /** CPU that neither the service nor the bench used. */
  readonly foreignCores: number
  /** What the service counted meanwhile, by reason. */
  readonly refusedByReason: Readonly<Record<string, number>>
}

/** What a service can take is what the machine lets it: with neighbours it is another service from second to second. */
const foreignCoresMax = 0.3

const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

const worstP99 = (lags: readonly string[]): number => Math.max(0, ...lags.map((lag) => percentileMs(merge([lag]), 99)))

export const reportOverload = (run: OverloadMeasured) => {
  const { load, clients, settings } = run
  const { seconds = 1 } = settings
  const frames = merge(clients.map(({ latency }) => latency))
  const offeredPerSecond = round(load.sentInWindow / seconds)
  const acceptedPerSecond = round(load.acceptedInWindow / seconds)
  const lagP99Ms = percentileMs(merge([load.lag]), 99)
  const clientLagP99Ms = worstP99(clients.map(({ lag }) => lag))
  const invalid = [
    ...invalidReasons({
      intendedPerSecond: run.ratePerSecond,
      offeredPerSecond,
      generatorLagP99Ms: lagP99Ms,
      clientLagP99Ms,
      httpErrors: 0,
      transitions: { intended: load.transitions, seen: run.transitionsSeen },
      samples: frames.totalCount,
    }),
    ...(run.foreignCores > foreignCoresMax
      ? [`others used ${run.foreignCores} cores, more than ${foreignCoresMax}`]
      : []),
    ...(sumOf(load.refused) === 0 ? ['nothing was refused: it was no overload'] : []),
  ]
  const disconnects = clients.reduce((sum, one) => sum + one.disconnects, 0)
  const malformed = clients.reduce((sum, one) => sum + one.malformedCount, 0)
  const acceptedShare = run.capacityPerSecond === 0 ? undefined : round(acceptedPerSecond / run.capacityPerSecond, 2)
  const failed = [
    ...failedReasons(run.balance, {
      disconnects,
      malformed,
      drained: run.drained,
      bounds: [{ name: 'p99 of what was accepted', ms: percentileMs(frames, 99), msMax: settings['p99Ms'] ?? 0 }],
    }),
    ...refusalReasons(run),
    ...askedReasons(run.asked),
    ...(acceptedShare !== undefined && acceptedShare < (settings['acceptedShareMin'] ?? 0)
      ? [`only ${acceptedShare} of what it can take was accepted`]
      : []),
  ]
  const result = {
    bench: 'overload',
    valid: invalid.length === 0,
    invalid,
    failed,
    capacityPerSecond: run.capacityPerSecond,
    intendedPerSecond: run.ratePerSecond,
    offeredPerSecond,
    acceptedPerSecond,
    ...(acceptedShare !== undefined && { acceptedShare }),
    /** From the intended time of an event that was accepted to each frame that it caused. */
    latencyMs: { ...latencyMs(frames), samples: frames.totalCount },
    /** The same way cut at the frame's stamps, as in e2e. */
    stagesMs: stagesOf(clients),
    acceptedHttpMs: latencyMs(merge([load.acceptedHttp])),
    refusedHttpMs: latencyMs(merge([load.refusedHttp])),
    events: {
      sent: load.sent,
      accepted: load.accepted,
      refused: load.refused,
      refusedByReason: run.refusedByReason,
      withoutRetryAfter: load.withoutRetryAfter,
      errors: load.errors,
      errorExamples: load.errorExamples,
    },
    asked: run.asked,
    deliveries: { ...run.balance, disconnects, malformed },
    transitions: { intended: load.transitions, seen: run.transitionsSeen },
    generatorLagP99Ms: lagP99Ms,
    clientLagP99Ms,
    generatorUsPerRequest: round((load.cpuMs * 1e3) / Math.max(1, load.sent)),
    connections: load.connections,
    settings,
  }
  return { result, exitCode: exitCodeOf(invalid, failed) }
}

/** Each answer is one of two, and the service has counted what we have seen. */
const refusalReasons = ({ load, refusedByReason }: OverloadMeasured): string[] => {
  const [refused, counted] = [sumOf(load.refused), sumOf(refusedByReason)]
  return [
    ...(load.errors > 0 ? [`${load.errors} requests were neither accepted nor refused`] : []),
    ...(load.withoutRetryAfter > 0 ? [`${load.withoutRetryAfter} refusals without Retry-After`] : []),
    ...(refused === counted ? [] : [`${refused} requests were refused, and the service has counted ${counted}`]),
  ]
}

const askedReasons = (asked: AskedByName): string[] =>
  Object.entries(asked).flatMap(([name, { asked: count, wrong, examples }]) => [
    ...(count === 0 ? [`${name} was never asked`] : []),
    ...(wrong > 0 ? [`${wrong} of ${count} questions to ${name} were not answered, such as: ${examples[0]}`] : []),
  ])

export type OverloadResult = ReturnType<typeof reportOverload>['result']

/** A few lines for the person at the terminal. */
export const summariseOverload = (result: OverloadResult): string => {
  const { latencyMs: l, events, asked, stagesMs } = result
  const answered = Object.entries(asked).map(([name, { latencyMs }]) => `${name} ${latencyMs.p99}`)
  return [
    `takes ${result.capacityPerSecond}/s; offered ${result.offeredPerSecond}/s of ${result.intendedPerSecond}/s, accepted ${result.acceptedPerSecond}/s, refused ${JSON.stringify(events.refusedByReason)}`,
    `accepted event -> frame ms: p50 ${l.p50}  p99 ${l.p99}  p99.9 ${l.p999}  max ${l.max}  (${l.samples} frames)`,
    `stages ms p50/p99: ${stageNames.map((name) => `${name} ${stagesMs[name].p50}/${stagesMs[name].p99}`).join(', ')}`,
    `answers ms p99: accepted ${result.acceptedHttpMs.p99}, refused ${result.refusedHttpMs.p99}; ${answered.join(', ')}`,
    `lag ms p99: generator ${result.generatorLagP99Ms}, clients ${result.clientLagP99Ms}`,
    ...result.invalid.map((reason) => `INVALID: ${reason}`),
    ...result.failed.map((reason) => `FAILED: ${reason}`),
    ...(result.valid && result.failed.length === 0 ? ['valid, and what was accepted was in time'] : []),
  ].join('\n')
}
