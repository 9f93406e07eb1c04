/**
 * The figures that are asked for when somebody scrapes `/metrics`: depths of queues, heads, and what push reports.
 */
import type { Metrics } from '../api/metrics.js'
import type { Sequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Bus } from '../stream/bus.js'
import { type GateMemory, GateReader } from '../workers/gate-board.js'
import type { Judge } from '../workers/judge.js'
import type { Admission } from './admission.js'
import type { Bodies } from './bodies.js'
import type { ServiceClock } from './clock.js'
import type { OpenFiles } from './descriptors.js'
import type { Disk } from './disk.js'
import type { Door } from './door.js'
import type { Snapshotter } from './snapshotter.js'

export interface Measured {
  readonly log: Log
  readonly record: TransitionRecord
  readonly judge: Judge
  readonly sequencer: Sequencer
  readonly bus: Bus
  readonly clock: ServiceClock
  readonly disk: Disk
  readonly door: Door
  readonly files: OpenFiles
  readonly gate: GateMemory
  readonly admission: Admission
  readonly bodies: Bodies
  readonly snapshots: Pick<Snapshotter, 'position' | 'failures'>
}

export function registerCoreMetrics(metrics: Metrics, measured: Measured): void {
  registerMachine(metrics, measured)
  const { log, record, judge, sequencer, bus } = measured
  metrics.queue('log_pending_entries', () => log.pendingEntries)
  metrics.queue('log_pending_bytes', () => log.pendingBytes)
  metrics.queue('bodies_bytes', () => measured.bodies.bytes)
  metrics.queue('quarantine_items', () => sequencer.quarantine.settledCount)
  metrics.queue('quarantine_bytes', () => sequencer.quarantine.settledCharacters)
  metrics.queue('waiting_events', () => sequencer.quarantine.waitingCount)
  metrics.queue('duplicate_keys', () => sequencer.memory.size)
  metrics.queue('judge_backlog_entries', () => judge.backlogEntries)
  metrics.queue('record_pending_bytes', () => record.pendingBytes)
  metrics.figure({ name: 'quotawatch_log_position', help: 'newest durable entry of the log' }, () => log.head)
  metrics.figure({ name: 'quotawatch_judged_position', help: 'newest judged entry' }, () => judge.position)
  metrics.figure({ name: 'quotawatch_transition_n', help: 'number of the newest transition' }, () => judge.n)
  metrics.total(
    { name: 'quotawatch_engine_rebuilds_total', help: 'times that the engine was built anew' },
    () => judge.rebuilds,
  )
  metrics.total(
    { name: 'quotawatch_skipped_entries_total', help: 'log entries set aside because the engine could not take them' },
    () => judge.skippedEntries,
  )
  metrics.figure(
    { name: 'quotawatch_snapshot_position', help: 'log position of the newest snapshot' },
    () => measured.snapshots.position,
  )
  metrics.total(
    { name: 'quotawatch_snapshot_failures_total', help: 'tries to make a snapshot that came to nothing' },
    () => measured.snapshots.failures,
  )
  registerGateAnswers(metrics, new GateReader(measured.gate))
  metrics.push(() => bus.stats())
  registerAdmission(metrics, measured.admission)
}

function registerAdmission(metrics: Metrics, admission: Admission): void {
  const help = 'how long an event taken now would take until it is durable and judged, as estimated'
  metrics.figure({ name: 'quotawatch_ingest_delay_seconds', help }, () => admission.delayMs / 1000)
  metrics.refusals(() => admission.refused)
}

function registerGateAnswers(metrics: Metrics, reader: GateReader): void {
  const total = (name: 'allowed' | 'denied') =>
    metrics.total(
      { name: `quotawatch_gate_${name}_total`, help: `answers of the gate: ${name}` },
      () => reader.answered[name],
    )
  total('allowed')
  total('denied')
}

/** What the machine gives and takes. */
function registerMachine(metrics: Metrics, { clock, disk, door, files, bus }: Measured): void {
  const figure = (name: string, help: string, current: () => number) =>
    metrics.figure({ name: `quotawatch_${name}`, help }, current)
  const total = (name: string, help: string, current: () => number) =>
    metrics.total({ name: `quotawatch_${name}_total`, help }, current)
  figure('disk_free_bytes', 'space that is left where the log lives', () => disk.freeBytes)
  figure('clock_ahead_seconds', "how far the service's clock is ahead of the machine's", () => clock.aheadMs / 1000)
  total('clock_jumps', "jumps of the machine's clock beyond clockJumpMsMax", () => clock.jumps)
  figure('http_connections', 'connections over HTTP now', () => door.connections)
  total('open_files_lacking', 'times that no file could be opened any more', () => files.times)
  total('http_connections_refused', 'requests refused because their connection was one too many', () => door.refused)
  total('http_connections_made_room', 'times that resting connections were closed for others', () => door.madeRoom)
  total(
    'bus_renewals',
    'times that the socket of the push processes was gone and made anew',
    () => bus.stats().renewals,
  )
}
