/**
 * The door of the store: ClickHouse, embedded or a server of its own, reached with its client over HTTP either way.
 *
 * Opening does not wait for the server: the writer begins when it is there, and nothing else of the service needs it.
 */
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { type Comparison, type ComparisonInput, compareStore } from './compare.js'
import type { Ends } from './gather.js'
import { type History, historyOf } from './history.js'
import type { HistoryQuery } from './moments.js'
import { ProgressFiles, readLastRange } from './progress.js'
import type { StoreSource } from './source.js'
import { openStoredLog, readTransitions, type StoreAccess } from './stored-log.js'
import { Writer, type WriterSettings } from './writer.js'

export type { Comparison, ComparisonInput, Difference } from './compare.js'
export type { History, UnitPoint } from './history.js'
export { checkHistory, type HistoryQuery } from './moments.js'
export type { Begun } from './progress.js'
export { begunIn } from './progress.js'
export type { StoredBatch, StoreSource } from './source.js'
export type { SumsPoint } from './sums.js'
export type { TableName } from './tables.js'
export type { Writer, WriterCounters, WriterState } from './writer.js'

export interface StoreSettings {
  /** `http://host:8123`; of a server, a cluster's balancer or the embedded one. */
  readonly url: string
  readonly database: string
  readonly username?: string
  readonly password?: string
  /** A request without an answer after this long is in doubt. */
  readonly requestMsMax: number
  readonly connectionsMax: number
}

export interface Store {
  /** Whether it answers now. */
  ping(): Promise<boolean>
  /** Begins to follow the log; at most one writer per store and data directory. */
  write(source: StoreSource, settings: WriterSettings & { readonly directory: string }): Promise<Writer>
  history(query: HistoryQuery): Promise<History>
  /** At most `limit` transitions with n > since, in order. */
  transitions(since: N, limit: number): Promise<readonly Transition[]>
  /** The log as the store has it: for replay and backtest. */
  log(): Promise<StoreSource>
  compare(source: StoreSource, input: ComparisonInput): Promise<Comparison>
  /** The range that the writer of this directory was about to insert, or has inserted, last: all before it is there. */
  lastRange(directory: string): Promise<Ends | undefined>
  close(): Promise<void>
}

export function openStore(settings: StoreSettings): Store {
  // It stands in statements as an identifier, which no parameter can carry everywhere.
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(settings.database))
    throw new QwError('QW_OPTION_INVALID', {
      option: 'clickhouseDatabase',
      value: settings.database,
      must: 'must be a name',
    })
  const client = createClient({
    url: settings.url,
    username: settings.username ?? 'default',
    password: settings.password ?? '',
    request_timeout: settings.requestMsMax,
    max_open_connections: settings.connectionsMax,
    application: 'quotawatch',
    // Failures reach the writer, which says them once; the client would say each.
    log: { level: ClickHouseLogLevel.OFF },
  })
  const access: StoreAccess = { client, database: settings.database }
  return {
    ping: async () => (await client.ping()).success,
    write: async (source, { directory, ...writer }) =>
      new Writer(writer, source, access, await ProgressFiles.open(directory)),
    history: (query) => historyOf(access, query),
    transitions: (since, limit) => readTransitions(access, since, limit),
    log: () => openStoredLog(access),
    compare: (source, input) => compareStore(source, access, input),
    lastRange: (directory) => readLastRange(directory),
    close: () => client.close(),
  }
}
