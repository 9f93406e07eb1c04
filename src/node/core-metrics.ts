/**
 * The figures that are asked for when somebody scrapes `/metrics`: depths of queues, heads, and what push reports.
 */
import type { Metrics } from '../api/metrics.js'
import type { Sequencer } from '../ingest/ingest.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Bus } from '../stream/bus.js'
import type { Judge } from '../workers/judge.js'

export interface Measured {
  readonly log: Log
  readonly record: TransitionRecord
  readonly judge: Judge
  readonly sequencer: Sequencer
  readonly bus: Bus
}

export function registerCoreMetrics(metrics: Metrics, { log, record, judge, sequencer, bus }: Measured): void {
  metrics.queue('log_pending_entries', () => log.pendingEntries)
  metrics.queue('log_pending_bytes', () => log.pendingBytes)
  metrics.queue('quarantine_items', () => sequencer.quarantine.settledCount)
  metrics.queue('quarantine_bytes', () => sequencer.quarantine.settledCharacters)
  metrics.queue('waiting_events', () => sequencer.quarantine.waitingCount)
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
  metrics.push(() => bus.stats())
}
