/**
 * The core's end of the store: what the writer's process may follow and how far it is, and the questions about history.
 *
 * Nothing of the service waits for it: when the writer or the store is away the log keeps more, `/readyz` says so, and
 * history is answered with QW_STORE_AWAY.
 */
import type { HistoryQuestion, Part } from '../api/api.js'
import type { Metrics } from '../api/metrics.js'
import { QwError } from '../core/errors.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import { checkHistory, type History, type Store } from '../store/store.js'
import type { Judge } from '../workers/judge.js'
import { type StoredTo, StoredToWatch } from './stored-to.js'
import { WriterFeed } from './writer-feed.js'

export interface StoreLinkParts {
  /** Of the socket where the writer's process comes. */
  readonly path: string
  readonly log: Pick<Log, 'head' | 'pendingEntries'>
  readonly record: Pick<TransitionRecord, 'head' | 'written'>
  readonly judge: Pick<Judge, 'position'>
  readonly nowMs: () => UnixMs
}

/** What `/v1/history` is answered from: how far the store had heard stands beside it. */
export type ToldHistory = History & { readonly storedTo: StoredTo }

type AskedStore = Pick<Store, 'history' | 'close'>

export class StoreLink {
  readonly #store: AskedStore
  readonly #feed: WriterFeed
  readonly #head: () => LogPosition
  readonly #storedTo: StoredToWatch

  private constructor(store: AskedStore, feed: WriterFeed, head: () => LogPosition, storedTo: StoredToWatch) {
    this.#store = store
    this.#feed = feed
    this.#head = head
    this.#storedTo = storedTo
  }

  static async open(store: AskedStore, { path, log, record, judge, nowMs }: StoreLinkParts): Promise<StoreLink> {
    const storedTo = new StoredToWatch(log, nowMs)
    const feed = await WriterFeed.open({
      path,
      judged: () => ({ position: judge.position, n: record.head }),
      written: () => record.written,
      onReport: (report) => storedTo.heard(report),
    })
    return new StoreLink(store, feed, () => log.head, storedTo)
  }

  /** More was judged, and the record was given it. */
  moved(): void {
    this.#feed.moved()
  }

  /** Everything up to here is in the store, as far as the core has heard. */
  get position(): LogPosition {
    return this.#feed.report?.position ?? (0 as LogPosition)
  }

  /** Entries of the log that the store does not have yet. */
  get behindEntries(): number {
    return Math.max(0, this.#head() - this.position)
  }

  register(metrics: Metrics): void {
    metrics.queue('store_entries', () => this.behindEntries)
    const naming = { name: 'quotawatch_store_position', help: 'newest entry that the store has' }
    metrics.figure(naming, () => this.position)
  }

  /** The log must not be trimmed behind this; all of it must stay until the writer has said what it needs. */
  get keepFrom(): LogPosition {
    return this.#feed.report?.keepFrom ?? (1 as LogPosition)
  }

  /** Whether history is kept now, in short. */
  get standing(): 'kept' | 'away' | 'refused' {
    const { report, isHeard } = this.#feed
    if (!report || !isHeard || report.state === 'away') return 'away'
    return report.state === 'refused' ? 'refused' : 'kept'
  }

  /** Always ready: the service serves without it, and no traffic is to be taken off it. One that has given up is rule self's to say. */
  get part(): Part {
    return { name: 'store', state: this.#words(), ready: true }
  }

  #words(): string {
    const { report, isHeard } = this.#feed
    const behind = `${this.behindEntries} entries behind`
    if (!report) return 'its writer has not come yet'
    if (!isHeard) return `its writer is away; ${behind}`
    if (report.state === 'away') return `away: ${report.why}; ${behind}`
    if (report.state === 'refused') return `has given up: ${report.why}`
    return report.state === 'behind' ? behind : `holds the log up to position ${report.position}`
  }

  /**
   * QW_QUERY_INVALID for a question that does not fit, QW_STORE_AWAY when nobody answers it, or nobody has said how far
   * the store has heard: what it lacks would look like what did not happen.
   */
  async history(question: HistoryQuestion, pointsMax: number): Promise<ToldHistory> {
    const storedTo = this.#storedTo.now()
    if (!storedTo) throw new QwError('QW_STORE_AWAY', { reason: this.#words() })
    const query = { ...momentsOf(question, storedTo.atMs), pointsMax }
    checkHistory(query)
    try {
      return { ...(await this.#store.history({ ...query, storedToMs: storedTo.atMs })), storedTo }
    } catch (error) {
      if (error instanceof QwError) throw error
      throw new QwError('QW_STORE_AWAY', { reason: error instanceof Error ? error.message : String(error) })
    }
  }

  async close(): Promise<void> {
    await this.#feed.close()
    await this.#store.close()
  }
}

// What `from` is when nobody says it.
const spanMsDefault = 30 * 86_400_000

/** Without an end the question goes as far as anything is known. */
export function momentsOf({ fromMs, toMs, ...question }: HistoryQuestion, lastMs: UnixMs) {
  const endMs = toMs ?? (Math.max(fromMs ?? 0, lastMs) as UnixMs)
  return { ...question, fromMs: fromMs ?? ((endMs - spanMsDefault) as UnixMs), toMs: endMs }
}
