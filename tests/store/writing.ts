/** Settings of a writer that does not dawdle, for tests. Not a test. */

import type { WriterSettings } from '../../src/store/writer.js'

let databases = 0
/** Each test has a database of its own in the one engine. */
export const databaseName = (): string => `city_${process.pid}_${++databases}`

export const quick: WriterSettings = {
  rangeRowsMax: 5000,
  rangeBytesMax: 4 * 1024 * 1024,
  insertEveryMs: 5,
  backoffMs: 5,
  backoffMsMax: 50,
  marginMs: 3_600_000,
  marginEntries: 1_000_000,
  engine: 'MergeTree',
  ttlDays: 0,
  say: () => undefined,
}
