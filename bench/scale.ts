/**
 * The scale bench: the e2e load at the same pace over and over, with more clients, more units, or more push processes,
 * everything else alike; each point a service of its own.
 */
import type { Flags, Values } from './arguments.js'
import { Cleanup } from './cleanup.js'
import { runWith } from './e2e.js'
import type { E2eResult } from './e2e-report.js'
import { e2eFlags } from './e2e-settings.js'
import { describeCommit, describeMachine } from './machine.js'
import { say } from './progress.js'
import { repositoryRoot } from './service.js'
import { exitCodeOf } from './verdict.js'

const clientCounts = ['10000', '25000', '50000', '100000'] as const
const unitCounts = ['1100', '60000'] as const
const pushCounts = ['1', '2', '4', '8'] as const

const { killPushAt: _, units: __, pushProcesses: ___, stallMs: ____, drop: _____, ...flags } = e2eFlags

export const scaleFlags = {
  ...flags,
  clients: { ...flags.clients, default: 10_000, about: 'clients where units or push processes grow' },
  byClients: { default: clientCounts, words: clientCounts, about: 'numbers of clients, the push processes as fit' },
  byUnits: { default: unitCounts, words: unitCounts, about: 'numbers of units' },
  byPush: { default: pushCounts, words: pushCounts, about: 'numbers of push processes' },
  growth: {
    default: ['clients', 'units', 'push'],
    words: ['clients', 'units', 'push'],
    about: 'what grows: all of these one after the other',
  },
  pauseSeconds: {
    default: 5,
    min: 0,
    max: 600,
    about: 'pause between two points: the kernel clears away the connections of the one before',
  },
} as const satisfies Flags

type Settings = Values<typeof scaleFlags>
type E2eSettings = Parameters<typeof runWith>[0]

export interface ScalePoint {
  readonly grows: Settings['growth'][number]
  readonly clients: number
  readonly units: number
  readonly pushProcesses: number
  readonly result: Pick<
    E2eResult,
    'valid' | 'invalid' | 'failed' | 'latencyMs' | 'memory' | 'connectMs' | 'cost' | 'clientLagMs' | 'stagesMs'
  > & { readonly deliveriesPerSecond: number }
}

/** The runs of one growth; 0 is "as fits", as in e2e. */
const runsOf = (grows: ScalePoint['grows'], settings: Settings) => {
  const { clients, byClients, byUnits, byPush } = settings
  const one = { clients, units: 0, pushProcesses: 0 }
  if (grows === 'clients') return byClients.map((count) => ({ ...one, clients: Number(count) }))
  if (grows === 'units') return byUnits.map((count) => ({ ...one, units: Number(count) }))
  return byPush.map((count) => ({ ...one, pushProcesses: Number(count) }))
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** One point; what it started is ended before the next begins, and by the caller's `cleanup` when it is interrupted. */
const runPoint = async (settings: E2eSettings, cleanup: Cleanup): Promise<E2eResult> => {
  const own = new Cleanup()
  cleanup.add(() => own.run())
  try {
    return (await runWith(settings, undefined, own)).result
  } finally {
    await own.run()
  }
}

/** Runs the bench; the caller runs `cleanup` whatever happens. */
export const runScale = async (settings: Settings, cleanup: Cleanup) => {
  const at = new Date().toISOString()
  const { growth, byClients: _, byUnits: __, byPush: ___, pauseSeconds, ...load } = settings
  const runs = growth.flatMap((grows) => runsOf(grows, settings).map((run) => ({ grows, ...run })))
  const points: ScalePoint[] = []
  for (const { grows, ...run } of runs) {
    say(`point ${points.length + 1} of ${runs.length}: ${grows} grow: ${JSON.stringify(run)}`)
    if (points.length > 0) await pause(pauseSeconds * 1e3)
    const e2e = await runPoint({ ...load, ...run, killPushAt: 0, stallMs: 0, drop: 0 }, cleanup)
    points.push(pointOf(grows, e2e))
  }
  const invalid = points.flatMap(({ result }, i) => result.invalid.map((reason) => `point ${i + 1}: ${reason}`))
  const failed = points.flatMap(({ result }, i) => result.failed.map((reason) => `point ${i + 1}: ${reason}`))
  const result = {
    bench: 'scale' as const,
    valid: invalid.length === 0,
    invalid,
    failed,
    points,
    settings,
    machine: describeMachine(),
    commit: describeCommit(repositoryRoot),
    at,
  }
  say(summarise(points))
  return { result, exitCode: exitCodeOf(invalid, failed) }
}

const pointOf = (grows: ScalePoint['grows'], e2e: E2eResult): ScalePoint => {
  const { settings, valid, invalid, failed, latencyMs, memory, connectMs, cost, clientLagMs, stagesMs } = e2e
  return {
    grows,
    clients: settings['clients'] ?? 0,
    units: settings['units'] ?? 0,
    pushProcesses: settings['pushProcesses'] ?? 0,
    result: {
      valid,
      invalid,
      failed,
      latencyMs,
      deliveriesPerSecond: e2e.deliveries.perSecond,
      memory,
      connectMs,
      cost,
      clientLagMs,
      stagesMs,
    },
  }
}

const summarise = (points: readonly ScalePoint[]): string =>
  points
    .map(
      ({ grows, clients, units, pushProcesses, result }) =>
        `${grows.padEnd(8)} ${clients} clients, ${units} units, ${pushProcesses} push processes: ` +
        `p50 ${result.latencyMs.p50}  p99 ${result.latencyMs.p99} ms, ${result.memory.bytesPerClient} bytes a client` +
        `${result.valid ? '' : ', INVALID'}${result.failed.length > 0 ? ', FAILED' : ''}`,
    )
    .join('\n')
