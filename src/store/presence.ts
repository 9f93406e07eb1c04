/**
 * Which rows of a part are in its table already? Asked of a range that is in doubt.
 *
 * Counted first, because as a rule all are there or none; listed only when it is some. Rows at the same positions with
 * other times come from another log: two data directories write into one database, or one was begun anew. The rows of
 * both would be mixed beyond repair, so that ends the writer.
 */
import { QwError } from '../core/errors.js'
import { type Part, without } from './part.js'
import type { StoreAccess } from './stored-log.js'

/** Keeps a sum over millions of times below 2^53. */
const checkModulus = 1_000_003

interface Counted {
  readonly count: string
  readonly time_check: string
}

interface Listed {
  readonly key: string
  readonly ms: string
}

/** The rows of the part that are not there. QW_STORE_OTHER_LOG */
export async function missingOf(access: StoreAccess, part: Part, signal: AbortSignal): Promise<Part> {
  const { name, key, timeMs } = part.table
  const [counted] = await ask<Counted>(
    access,
    part,
    `toString(count()) AS count, toString(sum(${timeMs} % ${checkModulus})) AS time_check`,
    signal,
  )
  const there = Number(counted?.count ?? 0)
  if (there === 0) return part
  const otherLog = () => new QwError('QW_STORE_OTHER_LOG', { table: name, first: part.keys[0], last: part.keys.at(-1) })
  if (there > part.keys.length) throw otherLog()
  if (there === part.keys.length) {
    const timeCheck = part.times.reduce((sum, ms) => sum + (ms % checkModulus), 0)
    if (Number(counted?.time_check) !== timeCheck) throw otherLog()
    return without(part, new Set(part.keys))
  }
  const listed = await ask<Listed>(access, part, `DISTINCT toString(${key}) AS key, toString(${timeMs}) AS ms`, signal)
  const present = new Map(listed.map(({ key, ms }) => [Number(key), Number(ms)]))
  if (part.keys.some((key, at) => present.has(key) && present.get(key) !== part.times[at])) throw otherLog()
  return without(part, present)
}

/** Of the rows between the part's ends. Both keys and times come in order, and a month has positions of its own. */
async function ask<T>({ client, database }: StoreAccess, part: Part, what: string, signal: AbortSignal): Promise<T[]> {
  const { name, key, timeMs, orderBy } = part.table
  const inKeys = `${key} BETWEEN {first:UInt64} AND {last:UInt64}`
  // Where the table lies in another order, the partitions' times say which parts need to be read at all.
  const inTime = orderBy === key ? '' : `AND ${timeMs} BETWEEN {from:Int64} AND {to:Int64}`
  const result = await client.query({
    query: `SELECT ${what} FROM ${database}.${name} WHERE ${inKeys} ${inTime}`,
    query_params: { first: part.keys[0], last: part.keys.at(-1), from: part.times[0], to: part.times.at(-1) },
    abort_signal: signal,
    format: 'JSONEachRow',
  })
  return result.json<T>()
}
