/**
 * One part into its table: exactly once, however often it has to be tried.
 *
 * Anything may happen between an insert and its answer: a time-out, a reset, the death of the server. Then the insert is
 * in doubt, and the table is asked which keys it holds before anything is sent again. The question alone would not do,
 * since the first insert may still be running; so what is sent again has the same token, and of two inserts with one
 * token the table keeps one. Rows that are missing although such an insert was answered were lost by the server after it
 * had remembered the token (a power cut); only then a fresh token is used.
 */
import { Readable } from 'node:stream'
import { QwError } from '../core/errors.js'
import type { Part } from './part.js'
import { missingOf } from './presence.js'
import type { StoreAccess } from './stored-log.js'

export interface DeliverySettings extends StoreAccess {
  /** Waits before the next try; throws when the writer is stopping. */
  readonly backOff: (error: unknown) => Promise<void>
  /** Rows that were sent, also those sent again. */
  readonly onSent: (rows: number) => void
  /** Ends requests that are under way. */
  readonly signal: AbortSignal
}

/** `inDoubt`: some or all of it may be there already. */
export async function deliverPart(
  settings: DeliverySettings,
  part: Part,
  token: string,
  inDoubt: boolean,
): Promise<void> {
  let doubt = inDoubt
  let generation = 0
  for (;;) {
    try {
      const missing = doubt ? await missingOf(settings, part, settings.signal) : part
      if (missing.keys.length === 0) return
      await insert(settings, missing, generation === 0 ? token : `${token}/${generation}`)
      if (!doubt) return
      generation += 1
    } catch (error) {
      if (error instanceof QwError) throw error
      doubt = true
      await settings.backOff(error)
    }
  }
}

async function insert(
  { client, database, onSent, signal }: DeliverySettings,
  part: Part,
  token: string,
): Promise<void> {
  onSent(part.keys.length)
  await client.insert({
    table: `${database}.${part.table.name}`,
    columns: part.table.columns.map(({ name }) => name) as [string, ...string[]],
    format: 'TabSeparated',
    values: Readable.from(part.rows.chunks(), { objectMode: false }),
    abort_signal: signal,
    clickhouse_settings: {
      insert_deduplication_token: token,
      // Since 26.x asynchronous inserts are the default, and those merge inserts of several senders into one.
      async_insert: 0,
      wait_end_of_query: 1,
    },
  })
}
