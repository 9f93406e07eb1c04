/**
 * The log and the record, read back from the store: the same batches and transitions, byte for byte.
 *
 * For replay and backtest, for transitions that memory no longer holds, and for a writer whose checkpoint was lost after
 * the log had been trimmed.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import type { LogEntry } from '../core/entry.js'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import type { StoredBatch, StoreSource } from './source.js'

/** A place to ask, and the database in it. */
export interface StoreAccess {
  readonly client: ClickHouseClient
  readonly database: string
}

const pageEntries = 10_000

interface LogLine {
  readonly batch: string
  readonly now_ms: string
  readonly entry: string
}

/** As far as the store has it now. */
export async function openStoredLog(access: StoreAccess): Promise<StoreSource> {
  const [ends] = await rowsOf<{ first: string; last: string }>(
    access,
    `SELECT toString(min(position)) AS first, toString(max(position)) AS last FROM ${access.database}.log`,
    {},
  )
  const first = Math.max(1, Number(ends?.first ?? 1)) as LogPosition
  const settled = Number(ends?.last ?? 0) as LogPosition
  return {
    first,
    settled,
    read: (from) => readBatches(access, from, settled),
    transitions: (since, limit) => readTransitions(access, since, limit),
  }
}

/** At most `limit` transitions with n > since, in order. */
export async function readTransitions(access: StoreAccess, since: N, limit: number): Promise<readonly Transition[]> {
  const rows = await rowsOf<{ whole: string }>(
    access,
    `SELECT whole FROM ${access.database}.transitions WHERE n > {since:UInt64} ORDER BY n LIMIT {limit:UInt32}`,
    { since, limit },
  )
  return rows.map(({ whole }) => JSON.parse(whole) as Transition)
}

async function* readBatches(access: StoreAccess, from: LogPosition, to: LogPosition): AsyncGenerator<StoredBatch> {
  // The batch that holds `from` may begin before it.
  const [begin] = await rowsOf<{ batch: string }>(
    access,
    `SELECT toString(batch) AS batch FROM ${access.database}.log WHERE position = {from:UInt64}`,
    { from },
  )
  let pending: LogLine[] = []
  for (let position = Number(begin?.batch ?? from); position <= to; position += pageEntries) {
    const lines = await rowsOf<LogLine>(
      access,
      `SELECT toString(batch) AS batch, toString(now_ms) AS now_ms, entry FROM ${access.database}.log
       WHERE position BETWEEN {first:UInt64} AND {last:UInt64} ORDER BY position`,
      { first: position, last: Math.min(position + pageEntries - 1, to) },
    )
    for (const line of lines) {
      if (pending[0] && pending[0].batch !== line.batch) {
        yield batchOf(pending)
        pending = []
      }
      pending.push(line)
    }
  }
  if (pending.length > 0) yield batchOf(pending)
}

function batchOf(rows: readonly LogLine[]): StoredBatch {
  const lines = rows.map(({ entry }) => entry)
  return {
    firstPosition: Number(rows[0]?.batch) as LogPosition,
    nowMs: Number(rows[0]?.now_ms) as UnixMs,
    entries: lines.map((line) => JSON.parse(line) as LogEntry),
    lines,
  }
}

/** Rows of a query whose parameters are bound by the server, never written into the statement. */
export async function rowsOf<T>(
  { client }: StoreAccess,
  query: string,
  query_params: Readonly<Record<string, unknown>>,
): Promise<T[]> {
  const result = await client.query({ query, query_params: { ...query_params }, format: 'JSONEachRow' })
  return result.json<T>()
}
