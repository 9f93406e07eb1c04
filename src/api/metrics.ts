/**
 * What the service counts about itself: a small typed object that the rooms call, and the text of `/metrics`.
 *
 * One registry per instance, never the global one, so that two services in one test do not count together. Names follow
 * the Prometheus conventions: base units (seconds, bytes), `_total` for what only grows.
 */
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Verdict } from '../core/transition.js'
import { askedWhenScraped, countedBy, type Naming, type Tally, totalsWhenScraped } from './counting.js'

/** What all push processes have reported, added up; the totals count from the core's start (room stream). */
export interface PushFigures {
  readonly processes: number
  readonly clients: number
  readonly subscriptions: number
  readonly publications: number
  readonly deliveries: number
  /** Connections that ended because a frame could not be queued; each resumes from its last n. */
  readonly drops: number
  /** Push processes that were cut off because they did not read. */
  readonly cutOff: number
  readonly resumes: { readonly ring: number; readonly record: number; readonly reload: number }
  /** Connections that we ended, by close code. */
  readonly closes: Readonly<Record<string, number>>
}

/** `waiting`: quarantined until what it waits for is there. */
export type EventVerdict = 'accepted' | 'duplicate' | 'quarantined' | 'waiting' | 'refused'

export interface Metrics {
  readonly contentType: string
  /** The text of `/metrics`. */
  scrape(): Promise<string>
  /** So many events were decided alike. */
  events(verdict: EventVerdict, count: number): void
  /** A batch became durable. */
  batch(entries: number, syncUs: number): void
  /** Batches were judged, in one go. */
  judged(entries: number, tookUs: number): void
  transition(verdict: Verdict): void
  /** From now on the queue's depth is asked whenever somebody scrapes. */
  queue(name: string, depth: () => number): void
  /** A single figure that is asked whenever somebody scrapes, for example the log's newest position. */
  figure(naming: Naming, current: () => number): void
  /** The same for a figure that only grows. */
  total(naming: Naming, current: () => number): void
  /** Requests refused before they were read, by reason. */
  refusals(current: () => Readonly<Record<string, number>>): void
  /** From now on each part is asked whenever somebody scrapes whether it is ready. */
  parts(current: () => readonly { readonly name: string; readonly ready: boolean }[]): void
  /** From now on the push processes' figures are asked whenever somebody scrapes. */
  push(figures: () => PushFigures): void
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
    total: (naming, current) => totalsWhenScraped(registry, naming, [], () => [[[], current()]]),
    parts: (current) =>
      askedWhenScraped(registry, names.parts, ['part'], () =>
        current().map(({ name, ready }) => [[name], ready ? 1 : 0]),
      ),
    refusals: (current) =>
      totalsWhenScraped(registry, names.refusals, ['reason'], () =>
        Object.entries(current()).map(([reason, count]) => [[reason], count]),
      ),
    push: (figures) => pushFigures(registry, figures),
    ...hotPath(registry),
  }
}

/** Called for each event or batch, so every label set has its tally beforehand. */
function hotPath(registry: Registry): Pick<Metrics, 'events' | 'batch' | 'judged' | 'transition'> {
  const events = countedBy(registry, names.events, ['verdict'])
  const byVerdict: Readonly<Record<EventVerdict, Tally>> = {
    accepted: events('accepted'),
    duplicate: events('duplicate'),
    quarantined: events('quarantined'),
    waiting: events('waiting'),
    refused: events('refused'),
  }
  const transitions = countedBy(registry, names.transitions, ['kind', 'rule', 'to'])
  const judgedEntries = countedBy(registry, names.judgedEntries, [])()
  const batchEntries = new Histogram({ ...names.batch, buckets: entryBuckets, registers: [registry] })
  const syncSeconds = new Histogram({ ...names.sync, buckets: secondBuckets, registers: [registry] })
  const judgeSeconds = new Histogram({ ...names.judge, buckets: secondBuckets, registers: [registry] })
  return {
    events(verdict, count) {
      byVerdict[verdict].value += count
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

function pushFigures(registry: Registry, figures: () => PushFigures): void {
  const gauges = ['processes', 'clients', 'subscriptions'] as const
  const totals = ['publications', 'deliveries', 'drops', 'cutOff'] as const
  for (const name of gauges) askedWhenScraped(registry, names[name], [], () => [[[], figures()[name]]])
  for (const name of totals) totalsWhenScraped(registry, names[name], [], () => [[[], figures()[name]]])
  const byName = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => [[name], count] as const)
  totalsWhenScraped(registry, names.resumes, ['from'], () => byName({ ...figures().resumes }))
  totalsWhenScraped(registry, names.closes, ['code'], () => byName(figures().closes))
}

const named = (name: string, help: string): Naming => ({ name: `quotawatch_${name}`, help })

const names = {
  events: named('events_total', 'events answered, by verdict'),
  transitions: named('transitions_total', 'transitions, by kind, rule (alerts) and the colour or state they lead to'),
  judgedEntries: named('judged_entries_total', 'log entries judged'),
  batch: named('batch_entries', 'entries that one sync made durable'),
  sync: named('sync_seconds', 'time of one write and fdatasync of the log'),
  judge: named('judge_seconds', 'time from handing batches to the engine to having their transitions'),
  queue: named('queue_depth', 'what waits in a queue now'),
  refusals: named('ingest_refused_total', 'requests refused before they were read, by reason'),
  parts: named('part_ready', '1 when the part is ready, 0 when it is not; /readyz says why'),
  processes: named('push_processes', 'push processes connected to the core now'),
  clients: named('push_clients', 'clients connected now'),
  subscriptions: named('push_subscriptions', 'topics that clients hold now'),
  publications: named('push_publications_total', 'frames published, once per cohort or client'),
  deliveries: named('push_deliveries_total', 'transition frames handed to sockets of clients'),
  drops: named('push_drops_total', 'connections ended because a frame could not be queued'),
  cutOff: named('push_cut_off_total', 'push processes cut off because they did not read'),
  resumes: named('push_resumes_total', 'subscriptions that went on from a cursor, by where the rest came from'),
  closes: named('push_closes_total', 'connections that the service ended, by close code'),
} as const

// 0.1 ms to 1 s: an fdatasync on NVMe is 0.2 ms, one on a busy disk is 50 ms.
const secondBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const entryBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
