/**
 * What the service counts about itself: a small typed object that the rooms call, and the text of `/metrics`.
 *
 * One registry per instance, never the global one, so that two services in one test do not count together. Names follow
 * the Prometheus conventions: base units (seconds, bytes), `_total` for what only grows.
 */
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Verdict } from '../core/transition.js'
import { askedWhenScraped, countedBy, type Naming, totalsWhenScraped } from './counting.js'

/** What one push process reports of itself; the totals count from its start. */
export interface PushFigures {
  readonly lane: 'critical' | 'common'
  readonly clients: number
  readonly publications: number
  readonly deliveries: number
  /** Clients closed because they did not read; each resumes from its last n. */
  readonly drops: number
}

export type EventVerdict = 'accepted' | 'duplicate' | 'quarantined'

export interface Metrics {
  readonly contentType: string
  /** The text of `/metrics`. */
  scrape(): Promise<string>
  /** One event was answered; `code` says why it was quarantined. */
  event(verdict: EventVerdict, code?: string): void
  /** A batch became durable. */
  batch(entries: number, syncUs: number): void
  /** Batches were judged, in one go. */
  judged(entries: number, tookUs: number): void
  transition(verdict: Verdict): void
  /** From now on the queue's depth is asked whenever somebody scrapes. */
  queue(name: string, depth: () => number): void
  /** A single figure that is asked whenever somebody scrapes, for example the log's newest position. */
  figure(naming: Naming, current: () => number): void
  /** The newest report of a push process; `undefined` when it is gone. */
  push(process: string, figures: PushFigures | undefined): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const queues = new Map<string, () => number>()
  askedWhenScraped(registry, names.queue, ['queue'], function* () {
    for (const [name, depth] of queues) yield [[name], depth()]
  })
  return {
    contentType: registry.contentType,
    scrape: () => registry.metrics(),
    queue: (name, depth) => queues.set(name, depth),
    figure: (naming, current) => askedWhenScraped(registry, naming, [], () => [[[], current()]]),
    push: pushFigures(registry),
    ...hotPath(registry),
  }
}

/** Called for each event or batch, so every label set has its tally beforehand. */
function hotPath(registry: Registry): Pick<Metrics, 'event' | 'batch' | 'judged' | 'transition'> {
  const events = countedBy(registry, names.events, ['verdict'])
  const byVerdict = { accepted: events('accepted'), duplicate: events('duplicate'), quarantined: events('quarantined') }
  const byCode = countedBy(registry, names.quarantined, ['code'])
  const transitions = countedBy(registry, names.transitions, ['kind', 'rule', 'to'])
  const judgedEntries = countedBy(registry, names.judgedEntries, [])()
  const batchEntries = new Histogram({ ...names.batch, buckets: entryBuckets, registers: [registry] })
  const syncSeconds = new Histogram({ ...names.sync, buckets: secondBuckets, registers: [registry] })
  const judgeSeconds = new Histogram({ ...names.judge, buckets: secondBuckets, registers: [registry] })
  return {
    event(verdict, code) {
      byVerdict[verdict].value += 1
      if (code !== undefined) byCode(code).value += 1
    },
    batch(entries, syncUs) {
      batchEntries.observe(entries)
      syncSeconds.observe(syncUs / 1e6)
    },
    judged(entries, tookUs) {
      judgedEntries.value += entries
      judgeSeconds.observe(tookUs / 1e6)
    },
    transition(verdict) {
      transitions(verdict.kind, verdict.kind === 'alert' ? verdict.rule : '', verdict.to).value += 1
    },
  }
}

function pushFigures(registry: Registry): Metrics['push'] {
  const processes = new Map<string, PushFigures>()
  const each = (of: (figures: PushFigures) => number) =>
    function* (): Generator<readonly [readonly string[], number]> {
      for (const [process, figures] of processes) yield [[process, figures.lane], of(figures)]
    }
  const labels = ['process', 'lane']
  askedWhenScraped(
    registry,
    names.clients,
    labels,
    each((figures) => figures.clients),
  )
  totalsWhenScraped(
    registry,
    names.publications,
    labels,
    each((figures) => figures.publications),
  )
  totalsWhenScraped(
    registry,
    names.deliveries,
    labels,
    each((figures) => figures.deliveries),
  )
  totalsWhenScraped(
    registry,
    names.drops,
    labels,
    each((figures) => figures.drops),
  )
  return (process, figures) => {
    if (figures) processes.set(process, figures)
    else processes.delete(process)
  }
}

const named = (name: string, help: string): Naming => ({ name: `quotawatch_${name}`, help })

const names = {
  events: named('events_total', 'events answered, by verdict'),
  quarantined: named('quarantined_events_total', 'events quarantined, by code of the error table'),
  transitions: named('transitions_total', 'transitions, by kind, rule (alerts) and the colour or state they lead to'),
  judgedEntries: named('judged_entries_total', 'log entries judged'),
  batch: named('batch_entries', 'entries that one sync made durable'),
  sync: named('sync_seconds', 'time of one write and fdatasync of the log'),
  judge: named('judge_seconds', 'time from handing batches to the engine to having their transitions'),
  queue: named('queue_depth', 'what waits in a queue now'),
  clients: named('push_clients', 'clients connected now'),
  publications: named('push_publications_total', 'frames published to a topic'),
  deliveries: named('push_deliveries_total', 'frames written to a client'),
  drops: named('push_drops_total', 'clients closed because they did not read'),
} as const

// 0.1 ms to 1 s: an fdatasync on NVMe is 0.2 ms, one on a busy disk is 50 ms.
const secondBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const entryBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
