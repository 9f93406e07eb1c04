/**
 * The result of an ingest run: medians, ratios of the same round, and whether the targets are reached.
 */
import type { Commit, Machine } from './machine.js'
import { median } from './median.js'
import { exitCodeOf } from './verdict.js'

/** A single durable POST keeps at least this share of the pace of the same route with a constant answer. */
export const ratioTargets = { logOnlyToConstant: 0.75, serviceToConstant: 0.6 } as const

/** NDJSON events a second: durable and judged, and the same over the time until ClickHouse has them. */
export const paceTargets = { serviceLinesJudged: 100_000, storedLinesStored: 60_000 } as const

/** The load process had a core of its own and used all of it: then it was measured, not the target. */
const clientCoresMax = 0.97

/** More than this taken by others, in the median shot, and the ratios are theirs. */
export const foreignCoresMax = 0.2

export interface Measured {
  /** Events answered `accepted`, per second. */
  readonly perSecond: number
  readonly refused: number
  /** NDJSON requests that were put off with 503 until the engine had caught up. */
  readonly overloaded: number
  readonly clientCores: number
  readonly serverCores: number
  /** CPU that neither side used: neighbours on the machine, and its hypervisor. */
  readonly foreignCores: number
  /** With the engine: whether all of it was judged in the end, how long after the last answer, and the pace of that. */
  readonly judged?: boolean
  readonly judgedAfterMs?: number
  readonly judgedPerSecond?: number
  /** With a store: whether ClickHouse has all of it in the end, and so on; CPU by kind of process. */
  readonly stored?: boolean
  readonly storedAfterMs?: number
  readonly storedPerSecond?: number
  readonly cpuUsPerEvent?: Readonly<Record<string, number>>
}

export interface IngestRound {
  readonly constant: Measured
  readonly logOnly: Measured
  readonly service: Measured
  readonly logOnlyLines: Measured
  readonly serviceLines: Measured
  readonly storedLines: Measured
}

export interface IngestMeasured {
  readonly rounds: readonly IngestRound[]
  readonly settings: Readonly<Record<string, number>>
  readonly machine: Machine
  readonly commit: Commit
  readonly at: string
}

const thousandth = (value: number): number => Math.round(value * 1e3) / 1e3

const medianOf = (run: IngestMeasured, pick: (round: IngestRound) => number): number => median(run.rounds.map(pick))

const figuresOf = (run: IngestMeasured) => ({
  ratios: {
    logOnlyToConstant: thousandth(medianOf(run, (one) => one.logOnly.perSecond / one.constant.perSecond)),
    serviceToConstant: thousandth(medianOf(run, (one) => one.service.perSecond / one.constant.perSecond)),
    serviceToLogOnlyLines: thousandth(medianOf(run, (one) => one.serviceLines.perSecond / one.logOnlyLines.perSecond)),
  },
  perSecond: {
    constant: medianOf(run, (one) => one.constant.perSecond),
    logOnly: medianOf(run, (one) => one.logOnly.perSecond),
    service: medianOf(run, (one) => one.service.perSecond),
    serviceJudged: medianOf(run, (one) => one.service.judgedPerSecond ?? 0),
    logOnlyLines: medianOf(run, (one) => one.logOnlyLines.perSecond),
    serviceLines: medianOf(run, (one) => one.serviceLines.perSecond),
    serviceLinesJudged: medianOf(run, (one) => one.serviceLines.judgedPerSecond ?? 0),
    storedLines: medianOf(run, (one) => one.storedLines.perSecond),
    storedLinesStored: medianOf(run, (one) => one.storedLines.storedPerSecond ?? 0),
  },
})

const invalidOf = ({ rounds }: IngestMeasured): string[] => {
  const all = rounds.flatMap((round) => Object.values(round) as Measured[])
  const reasons: string[] = []
  const refused = all.reduce((sum, one) => sum + one.refused, 0)
  if (refused > 0) reasons.push(`${refused} requests were not answered with "accepted"`)
  if (rounds.length === 0 || all.some(({ perSecond }) => !(perSecond > 0))) reasons.push('a target answered nothing')
  const foreign = median(all.map(({ foreignCores }) => foreignCores))
  if (foreign > foreignCoresMax)
    reasons.push(`others used ${foreign} cores in the median shot, more than ${foreignCoresMax}`)
  return reasons
}

const failedOf = ({ ratios, perSecond }: ReturnType<typeof figuresOf>, { rounds }: IngestMeasured): string[] => {
  const reasons: string[] = []
  for (const name of ['logOnlyToConstant', 'serviceToConstant'] as const)
    if (!(ratios[name] >= ratioTargets[name]))
      reasons.push(`${name} ${ratios[name]}, the target is ${ratioTargets[name]}`)
  for (const name of ['serviceLinesJudged', 'storedLinesStored'] as const)
    if (!(perSecond[name] >= paceTargets[name]))
      reasons.push(`${name} ${perSecond[name]} a second, the target is ${paceTargets[name]}`)
  if (rounds.some((round) => Object.values(round).some(({ judged }: Measured) => judged === false)))
    reasons.push('not everything that was accepted was judged in time')
  if (rounds.some(({ storedLines }) => storedLines.stored === false))
    reasons.push('not everything that was accepted was stored in time')
  return reasons
}

/** Judges and writes down what was measured. */
export const reportIngest = (run: IngestMeasured) => {
  const figures = figuresOf(run)
  const invalid = invalidOf(run)
  const failed = failedOf(figures, run)
  const clientBound = [
    ...new Set(
      run.rounds.flatMap((round) =>
        Object.entries(round as unknown as Record<string, Measured>)
          .filter(([, { clientCores }]) => clientCores > clientCoresMax)
          .map(([name]) => name),
      ),
    ),
  ]
  const result = {
    bench: 'ingest' as const,
    valid: invalid.length === 0,
    invalid,
    failed,
    ...figures,
    targets: { ...ratioTargets, ...paceTargets },
    /** Targets at which the load process used a whole core: their true pace is higher, so ratios to them flatter. */
    clientBound,
    ...run,
  }
  return { result, exitCode: exitCodeOf(invalid, failed) }
}

/** A few lines for the person at the terminal. */
export const summariseIngest = ({ ratios, perSecond, ...rest }: ReturnType<typeof reportIngest>['result']): string =>
  [
    `single POSTs a second, medians: constant ${perSecond.constant}, log only ${perSecond.logOnly}, service ${perSecond.service} (judged ${perSecond.serviceJudged})`,
    `ratios, medians: log only / constant ${ratios.logOnlyToConstant}, service / constant ${ratios.serviceToConstant}`,
    `NDJSON events a second, medians: log only ${perSecond.logOnlyLines}, service ${perSecond.serviceLines} (judged ${perSecond.serviceLinesJudged}), with ClickHouse ${perSecond.storedLines} (stored ${perSecond.storedLinesStored})`,
    ...(rest.clientBound.length > 0 ? [`the load process was at a full core for: ${rest.clientBound.join(', ')}`] : []),
    ...rest.invalid.map((reason) => `INVALID: ${reason}`),
    ...rest.failed.map((reason) => `FAILED: ${reason}`),
  ].join('\n')
