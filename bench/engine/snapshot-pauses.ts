/**
 * What a snapshot costs the batches that come meanwhile: the engine on this thread, batches on a schedule, and how long
 * after its intended moment each was judged, without a snapshot, with one in one piece, and with one in pieces.
 *
 * A piece is written when no batch is due, as the judge does it, and a batch that falls due meanwhile waits for its end.
 * No thread, disk or neighbour is in it: those are in `bench -- e2e`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Draft } from '../../src/alerts/shard.js'
import { readCalendar } from '../../src/config/calendar.js'
import type { LogPosition } from '../../src/core/names.js'
import type { Values } from '../arguments.js'
import { nowUs } from '../clock.js'
import { type Histogram, newHistogram, record } from '../histogram.js'
import { describeCommit, describeMachine } from '../machine.js'
import { median } from '../median.js'
import { say } from '../progress.js'
import { repositoryRoot } from '../service.js'
import { EngineRun } from './engine-run.js'
import { eventBatches, type MadeBatch, standingBatches } from './made-log.js'
import { shippedRules } from './shipped-rules.js'

export const snapshotFlags = {
  units: { default: 60_000, min: 10, max: 1_000_000, about: 'units of the shard' },
  seconds: { default: 10, min: 1, max: 600, about: 'of each arm' },
  rounds: { default: 3, min: 1, max: 100, about: 'rounds; medians are quoted' },
  rate: { default: 10_000, min: 1, max: 1_000_000, about: 'events a second' },
  perBatch: { default: 20, min: 1, max: 10_000, about: 'events in one batch of the log' },
  sliceMs: { default: 1, min: 1, max: 1000, about: 'a piece is written for so long, and as long is paused' },
  seed: { default: 1, min: 0, max: 2 ** 31 - 1, about: 'seed of the log' },
} as const

export type SnapshotValues = Values<typeof snapshotFlags>

const arms = ['none', 'whole', 'pieces'] as const
type Arm = (typeof arms)[number]

/** The issue "Nothing acknowledged is ever lost": a snapshot of 60,000 units adds at most so much to p99. */
const addedToP99MsMax = 2

export interface ArmFigures {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly snapshots: number
  readonly snapshotBytes: number
}

export async function runSnapshot(values: SnapshotValues): Promise<{ result: object; exitCode: number }> {
  const rounds: Record<Arm, ArmFigures>[] = []
  const run = founded(values)
  const batches = eventBatches(logOf(values), (run.position + 1) as LogPosition)
  for (let round = 1; round <= values.rounds; round++) {
    const figures: Partial<Record<Arm, ArmFigures>> = {}
    for (const arm of arms) {
      figures[arm] = await measure(values, arm, run, batches)
      say(`round ${round} ${arm}: ${JSON.stringify(figures[arm])}`)
    }
    rounds.push(figures as Record<Arm, ArmFigures>)
  }
  const addedToP99Ms = median(rounds.map(({ none, pieces }) => pieces.p99Ms - none.p99Ms))
  const failed = addedToP99Ms > addedToP99MsMax ? [`a snapshot adds ${addedToP99Ms} ms to p99`] : []
  const result = {
    bench: 'snapshot',
    machine: describeMachine(),
    commit: describeCommit(repositoryRoot),
    settings: values,
    addedToP99Ms,
    targets: { addedToP99MsMax },
    failed,
    rounds,
  }
  return { result, exitCode: failed.length > 0 ? 1 : 0 }
}

function logOf({ units, seconds, rounds, rate, perBatch, seed }: SnapshotValues) {
  // Twice what is offered, so that it never ends first.
  const events = 2 * seconds * rounds * arms.length * rate
  return { units, events, perBatch, hours: 8, rules: shippedRules(), calendar: readCalendar(), seed }
}

function founded(values: SnapshotValues): EngineRun {
  const run = new EngineRun({ hashed: false })
  for (const batch of standingBatches(logOf(values))) run.take(batch)
  return run
}

async function measure(
  { seconds, rate, perBatch, sliceMs }: SnapshotValues,
  arm: Arm,
  run: EngineRun,
  batches: Iterator<MadeBatch>,
): Promise<ArmFigures> {
  const latencies = newHistogram()
  const snapshots = new Snapshots(arm, run, sliceMs)
  const gapUs = (1e6 * perBatch) / rate
  const count = Math.floor((seconds * 1e6) / gapUs)
  const beganUs = nowUs()
  for (let at = 0; at < count; at++) {
    const intendedUs = beganUs + at * gapUs
    const { value: batch, done } = batches.next()
    if (done) throw new Error('the log ended before its time')
    while (nowUs() < intendedUs) if (!snapshots.write()) await pauseUntil(intendedUs)
    run.take(batch)
    record(latencies, nowUs() - intendedUs)
  }
  return { ...figuresOf(latencies), ...snapshots.made }
}

/** Timers are exact to a millisecond; the rest is spent looking at the clock. */
async function pauseUntil(us: number): Promise<void> {
  const leftMs = (us - nowUs()) / 1000
  if (leftMs > 2) await delay(leftMs - 1.5)
}

const figuresOf = (latencies: Histogram): Pick<ArmFigures, 'p50Ms' | 'p99Ms' | 'maxMs'> => ({
  p50Ms: latencies.getValueAtPercentile(50) / 1000,
  p99Ms: latencies.getValueAtPercentile(99) / 1000,
  maxMs: latencies.maxValue / 1000,
})

/** One after the other, without end; `whole` rests for as long as `pieces` would have taken. */
class Snapshots {
  readonly #arm: Arm
  readonly #run: EngineRun
  readonly #sliceUs: number
  #drafts: Draft[] = []
  #restUntilUs = 0
  #bytes = 0
  /** Those that were finished, and the bytes of the last of them. */
  snapshots = 0
  snapshotBytes = 0

  constructor(arm: Arm, run: EngineRun, sliceMs: number) {
    this.#arm = arm
    this.#run = run
    this.#sliceUs = sliceMs * 1000
  }

  get made(): Pick<ArmFigures, 'snapshots' | 'snapshotBytes'> {
    return { snapshots: this.snapshots, snapshotBytes: this.snapshotBytes }
  }

  /** False: nothing is to be written now. */
  write(): boolean {
    const beganUs = nowUs()
    if (this.#arm === 'none' || beganUs < this.#restUntilUs) return false
    if (this.#drafts.length === 0) {
      this.#drafts = this.#run.freeze()
      this.#bytes = 0
    }
    const endUs = this.#arm === 'whole' ? Number.POSITIVE_INFINITY : beganUs + this.#sliceUs
    while (this.#drafts.length > 0 && nowUs() < endUs) this.#writeSome()
    // Half of the time in either arm.
    this.#restUntilUs = nowUs() + Math.max(this.#sliceUs, nowUs() - beganUs)
    return true
  }

  #writeSome(): void {
    const text = this.#drafts[0]?.next(32)
    if (text === undefined) throw new Error('a snapshot was given up: no batch changes so much')
    this.#bytes += Buffer.byteLength(text)
    if (text !== '') return
    this.#drafts.shift()
    if (this.#drafts.length > 0) return
    this.snapshots += 1
    this.snapshotBytes = this.#bytes
  }
}
