/**
 * The core's end of the store: the writer that follows the log, and the questions about history.
 *
 * Nothing of the service waits for it: when the store is away the log keeps more, `/readyz` says since when, and history
 * is answered with QW_STORE_AWAY.
 */
import type { Part } from '../api/api.js'
import type { Metrics } from '../api/metrics.js'
import type { Config } from '../config/config.js'
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { History, HistoryQuery, Store, Writer } from '../store/store.js'
import type { Judge } from '../workers/judge.js'

export interface StoreLinkParts {
  readonly config: Config
  /** Where the writer keeps how far it is. */
  readonly directory: string
  readonly log: Log
  readonly record: TransitionRecord
  readonly judge: Judge
  readonly say: (level: 'info' | 'warn', message: string) => void
}

export class StoreLink {
  readonly #store: Store
  readonly #writer: Writer
  readonly #head: () => LogPosition

  private constructor(store: Store, writer: Writer, head: () => LogPosition) {
    this.#store = store
    this.#writer = writer
    this.#head = head
  }

  static async open(store: Store, { config, directory, log, record, judge, say }: StoreLinkParts): Promise<StoreLink> {
    const source = {
      get first() {
        return log.first
      },
      get settled() {
        return judge.position
      },
      read: (from: LogPosition) => log.read(from),
      transitions: record.read.bind(record),
    }
    const writer = await store.write(source, {
      directory,
      engine: config.storeEngine,
      ttlDays: config.storeTtlDays,
      rangeRowsMax: config.storeRangeRowsMax,
      rangeBytesMax: config.storeRangeBytesMax,
      insertEveryMs: config.storeInsertEveryMs,
      backoffMs: config.storeBackoffMs,
      backoffMsMax: config.storeBackoffMsMax,
      marginMs: config.storeMarginMs,
      marginEntries: config.storeMarginEntries,
      say,
    })
    return new StoreLink(store, writer, () => log.head)
  }

  /** Entries of the log that the store does not have yet. */
  get behindEntries(): number {
    return Math.max(0, this.#head() - this.#writer.position)
  }

  register(metrics: Metrics): void {
    metrics.queue('store_entries', () => this.behindEntries)
    metrics.figure(
      { name: 'quotawatch_store_position', help: 'newest entry that the store has' },
      () => this.#writer.position,
    )
  }

  /** The log must not be trimmed behind this. */
  get keepFrom(): LogPosition {
    return this.#writer.keepFrom
  }

  /** Always ready: the service serves without it. */
  get part(): Part {
    const { state, position } = this.#writer
    const word = {
      calm: () => `holds the log up to position ${position}`,
      behind: () => `${this.behindEntries} entries behind`,
      away: () => `away: ${state.kind === 'away' ? state.why : ''}; ${this.behindEntries} entries behind`,
      refused: () => `has given up: ${state.kind === 'refused' ? state.error.message : ''}`,
      stopped: () => 'stopped',
    }[state.kind]()
    return { name: 'store', state: word, ready: true }
  }

  /** QW_QUERY_INVALID for a question that does not fit, QW_STORE_AWAY when nobody answers it. */
  async history(query: HistoryQuery): Promise<History> {
    try {
      return await this.#store.history(query)
    } catch (error) {
      if (error instanceof QwError) throw error
      throw new QwError('QW_STORE_AWAY', { reason: error instanceof Error ? error.message : String(error) })
    }
  }

  /** What is under way may end for so long; the rest is asked about at the next start. */
  async stop(waitMs: number): Promise<void> {
    await this.#writer.stop(waitMs)
    await this.#store.close()
  }
}
