/**
 * The result of a fan-out run: medians, and ratios to the floor that are taken within each round.
 */
import type { Commit, Machine } from '../machine.js'
import { median } from '../median.js'
import { exitCodeOf } from '../verdict.js'
import type { DialectName } from './dialects.js'
import type { AudienceReport } from './messages.js'

/** One message to everybody of one target. */
export interface Shot {
  /** From asking for it (of the service: sending the HTTP request) until the last client had it. */
  readonly toLastMs: number
  /** The same from the stamp `judged`; only the service has it. */
  readonly judgedToLastMs: number | undefined
  /** Of all processes of the target; of the service from the HTTP request on. */
  readonly serverCpuMs: number
  readonly clientCpuMs: number
  readonly foreignCores: number
}

export interface TargetMeasured {
  readonly name: DialectName
  readonly version: string
  readonly bytesPerClient: number
  readonly shots: readonly Shot[]
  /** Messages in all, the uncounted ones included. */
  readonly broadcasts: number
  readonly reports: readonly AudienceReport[]
}

export interface FanoutMeasured {
  readonly settings: Readonly<Record<string, number | readonly string[]>>
  readonly targets: readonly TargetMeasured[]
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
  readonly machine: Machine
  readonly commit: Commit
  readonly at: string
}

export interface TargetResult {
  readonly name: DialectName
  readonly version: string
  /** Medians over the rounds. */
  readonly toLastMs: number
  readonly judgedToLastMs?: number
  /** Means over the rounds. */
  readonly serverUsPerDelivery: number
  readonly clientUsPerDelivery: number
  readonly bytesPerClient: number
  /** Median of the ratios within each round, and ratio of the means of CPU; absent without a floor. */
  readonly toFloor?: { readonly toLast: number; readonly serverCpu: number }
  readonly shots: readonly Shot[]
}

export interface FanoutResult {
  readonly bench: 'fanout'
  readonly valid: boolean
  readonly invalid: readonly string[]
  readonly failed: readonly string[]
  readonly targets: readonly TargetResult[]
  readonly skipped: FanoutMeasured['skipped']
  /** Medians over all turns: CPU that neither the target nor its clients used. */
  readonly foreignCores: number
  readonly settings: FanoutMeasured['settings']
  readonly machine: Machine
  readonly commit: Commit
  readonly at: string
}

/** Above this share of a core somebody else decided what was seen. */
const foreignCoresMax = 0.3

const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits

const ratio = (one: readonly Shot[], floor: readonly Shot[], pick: (shot: Shot) => number): number =>
  round(median(one.map((shot, i) => pick(shot) / Math.max(1e-9, floor[i] ? pick(floor[i]) : Number.NaN))), 3)

/** CPU is counted in ticks of 10 ms: a mean over many shots is finer than a median of them. */
const mean = (shots: readonly Shot[], pick: (shot: Shot) => number): number =>
  shots.reduce((sum, shot) => sum + pick(shot), 0) / Math.max(1, shots.length)

const resultOf = (target: TargetMeasured, floor: TargetMeasured | undefined, clients: number): TargetResult => {
  const { name, version, bytesPerClient, shots } = target
  const judged = shots.flatMap(({ judgedToLastMs }) => judgedToLastMs ?? [])
  return {
    name,
    version,
    toLastMs: round(median(shots.map(({ toLastMs }) => toLastMs))),
    ...(judged.length > 0 && { judgedToLastMs: round(median(judged)) }),
    serverUsPerDelivery: round((mean(shots, ({ serverCpuMs }) => serverCpuMs) * 1e3) / clients, 2),
    clientUsPerDelivery: round((mean(shots, ({ clientCpuMs }) => clientCpuMs) * 1e3) / clients, 2),
    bytesPerClient,
    ...(floor && {
      toFloor: {
        toLast: ratio(shots, floor.shots, ({ toLastMs }) => toLastMs),
        serverCpu: round(
          mean(shots, ({ serverCpuMs }) => serverCpuMs) / mean(floor.shots, ({ serverCpuMs }) => serverCpuMs),
          3,
        ),
      },
    }),
    shots,
  }
}

/** Everybody must have got every message once. */
const failures = ({ name, broadcasts, reports }: TargetMeasured): string[] => {
  const lost = reports.reduce((sum, one) => sum + one.lost, 0)
  const exact = reports.every(({ fewest, most }) => fewest === broadcasts && most === broadcasts)
  return [
    ...(lost > 0 ? [`${name}: ${lost} clients were lost`] : []),
    ...(exact ? [] : [`${name}: not every client got each of ${broadcasts} messages once`]),
  ]
}

/** 0: nobody is too late. */
const late =
  (toFloorMax: number) =>
  ({ name, toFloor }: TargetResult): string[] =>
    name === 'service' && toFloorMax > 0 && toFloor !== undefined && !(toFloor.toLast <= toFloorMax)
      ? [`the last client of the service came after ${toFloor.toLast} of the floor's time, more than ${toFloorMax}`]
      : []

export const reportFanout = (run: FanoutMeasured): { readonly result: FanoutResult; readonly exitCode: 0 | 1 | 2 } => {
  const { targets, skipped, settings, machine, commit, at } = run
  const floor = targets.find(({ name }) => name === 'floor')
  const shots = targets.flatMap((target) => target.shots)
  const foreignCores = round(median(shots.map((shot) => shot.foreignCores)), 2)
  const invalid = [
    ...(foreignCores > foreignCoresMax ? [`others used ${foreignCores} cores, more than ${foreignCoresMax}`] : []),
    ...(shots.length === 0 ? ['nothing was measured'] : []),
  ]
  const results = targets.map((target) => resultOf(target, floor, Number(settings['clients'])))
  const failed = [...targets.flatMap(failures), ...results.flatMap(late(Number(settings['toFloorMax'] ?? 0)))]
  const result: FanoutResult = {
    bench: 'fanout',
    valid: invalid.length === 0,
    invalid,
    failed,
    targets: results,
    skipped,
    foreignCores,
    settings,
    machine,
    commit,
    at,
  }
  return { result, exitCode: exitCodeOf(invalid, failed) }
}

export const summariseFanout = ({ targets, invalid, failed }: FanoutResult): string =>
  [
    ...targets.map(
      ({ name, toLastMs, serverUsPerDelivery, clientUsPerDelivery, bytesPerClient, toFloor }) =>
        `${name.padEnd(9)} last after ${toLastMs} ms${toFloor ? ` (${toFloor.toLast} of the floor)` : ''}, ` +
        `server ${serverUsPerDelivery} us a delivery, clients ${clientUsPerDelivery}, ${bytesPerClient} bytes a client`,
    ),
    ...invalid.map((reason) => `INVALID: ${reason}`),
    ...failed.map((reason) => `FAILED: ${reason}`),
  ].join('\n')
