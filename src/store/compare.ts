/**
 * Does the store hold exactly what follows from the log? Every row counts, none may be there twice, none may differ.
 *
 * The log and the record are followed once more from the beginning, and table by table and month by month the number
 * of rows, the ends of their keys and a sum of checksums over their contents are laid beside what the store has. Where
 * those differ, the rows of that month are compared one by one. `quotawatch verify` asks it.
 */
import { crc32 } from 'node:zlib'
import type { LogPosition, N } from '../core/names.js'
import { Derivation } from './derivation.js'
import { Follower } from './follower.js'
import { monthOf } from './part.js'
import { rowsOf as derivedRows, type Row } from './rows.js'
import type { StoreSource } from './source.js'
import { rowsOf, type StoreAccess } from './stored-log.js'
import { type Table, type TableName, tableNames, tableOf, tables } from './tables.js'
import type { Field } from './tsv.js'

/** Of the rows of one table and month. */
export interface Digest {
  readonly rows: number
  readonly least: number
  readonly greatest: number
  readonly checksum: number
}

export interface Difference {
  readonly table: TableName
  readonly month: string
  readonly expected: Digest | undefined
  readonly found: Digest | undefined
  /** Keys of rows that are missing, double, other or too many; the first of them. */
  readonly keys: readonly number[]
}

export interface ComparisonInput {
  /** The store is expected to hold everything up to here; to the end of the batch that holds it. */
  readonly to: LogPosition
  /** Rows behind it are let be: the store goes on while it is compared. Otherwise they are too many. */
  readonly isGrowing?: boolean
  /** Rows of the raw tables that are older may be gone and are let be (`storeTtlDays`); absent: all must be there. */
  readonly rawFromMs?: number
  /** Positions that were followed, of `to`. Where something differs the log is followed once more. */
  readonly onProgress?: (position: LogPosition) => void
}

export interface Comparison {
  /** Compared up to here: the end of a batch, and the last transition up to there. */
  readonly position: LogPosition
  readonly n: N
  /** By table, as they should be. */
  readonly rows: Readonly<Record<TableName, number>>
  readonly differences: readonly Difference[]
}

const differingKeysMax = 100

/** The log must be whole from its first entry. */
export async function compareStore(
  source: StoreSource,
  access: StoreAccess,
  input: ComparisonInput,
): Promise<Comparison> {
  const expected = new Map<string, Digest>()
  const follower = new Follower(source, 0 as LogPosition, 0 as N)
  for await (const row of rowsUpTo(follower, input)) addTo(expected, row)
  const { position, n } = follower
  const { rawFromMs = 0 } = input
  const within: Within = { ...(input.isGrowing ? { position, n } : everything), rawFromMs }
  const found = new Map<string, Digest>()
  for (const table of tables)
    for (const [month, digest] of await digestsOf(access, table, within)) found.set(month, digest)

  const differences: Difference[] = []
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    const [e, f] = [expected.get(name), found.get(name)]
    if (e && f && sameDigest(e, f)) continue
    const [table, month] = name.split(' ') as [TableName, string]
    const rows = rowsUpTo(new Follower(source, 0 as LogPosition, 0 as N), input)
    const keys = await differingKeys(rows, access, { table: tableOf(table), month, within })
    differences.push({ table, month, expected: e, found: f, keys })
  }
  return { position, n, rows: countsOf(expected), differences }
}

/** The last keys that count, by the kind of key, and the first moment that does in tables whose rows go. */
type Within = Readonly<Record<Table['key'] | 'rawFromMs', number>>

const everything = { position: Number.MAX_SAFE_INTEGER, n: Number.MAX_SAFE_INTEGER }

async function* rowsUpTo(follower: Follower, input: ComparisonInput): AsyncGenerator<Row> {
  const { to, onProgress, rawFromMs = 0 } = input
  const derivation = new Derivation()
  while (follower.position < to) {
    const judged = await follower.next()
    if (!judged) throw new Error(`the log ends at ${follower.position}, before ${to}`)
    for (const row of derivedRows(derivation, judged.batch, judged.transitions))
      if (row.ms >= rawFromMs || !tableOf(row.table).isRaw) yield row
    onProgress?.(judged.last)
  }
  await follower.close()
}

function addTo(digests: Map<string, Digest>, row: Row): void {
  const { table, ms, key } = row
  const name = `${table} ${monthOf(ms)}`
  const { rows, least, greatest, checksum } = digests.get(name) ?? { rows: 0, least: key, greatest: key, checksum: 0 }
  digests.set(name, {
    rows: rows + 1,
    least: Math.min(least, key),
    greatest: Math.max(greatest, key),
    checksum: (checksum + checksumOf(row)) % checksumModulus,
  })
}

/** Sums of checksums are kept below it, here and there. */
const checksumModulus = 2 ** 32

/** Of a row's contents: its columns, or the whole that some of them make up. */
function checksumOf({ table, fields, whole }: Row): number {
  const { columns, whole: made } = tableOf(table)
  const compared = made ? fields.filter((_, at) => !made.of.includes(columns[at]?.name ?? '')) : fields
  return crc32([...compared.map(plainField), ...(made ? [whole ?? ''] : [])].join('\t'))
}

function plainField(field: Field): string {
  if (field === null || field === undefined) return '\\N'
  return typeof field === 'boolean' ? String(Number(field)) : String(field)
}

/** The same checksum, computed by the server. */
function checksumSql({ columns, whole }: Table): string {
  const compared = columns.map(({ name }) => name).filter((name) => !whole?.of.includes(name))
  const texts = [...compared, ...(whole ? [whole.alias] : [])].map((name) => `ifNull(toString(${name}), '\\\\N')`)
  return `CRC32(concatWithSeparator('\\t', ${texts.join(', ')}))`
}

const monthSql = ({ timeMs }: Table): string =>
  `formatDateTime(fromUnixTimestamp64Milli(${timeMs}, 'UTC'), '%Y-%m', 'UTC')`

/** Which of a table's rows are compared; keys as parameters. */
const withinSql = ({ key, timeMs, isRaw }: Table): string =>
  `${key} <= {last:UInt64}${isRaw ? ` AND ${timeMs} >= {rawFrom:Int64}` : ''}`

const withinParameters = ({ key }: Table, within: Within) => ({ last: within[key], rawFrom: within.rawFromMs })

async function digestsOf(access: StoreAccess, table: Table, within: Within): Promise<[string, Digest][]> {
  const rows = await rowsOf<Record<'month' | keyof Digest, string>>(
    access,
    `SELECT ${monthSql(table)} AS month, toString(count()) AS rows, toString(min(${table.key})) AS least,
       toString(max(${table.key})) AS greatest, toString(sum(${checksumSql(table)}) % ${checksumModulus}) AS checksum
     FROM ${access.database}.${table.name} WHERE ${withinSql(table)} GROUP BY month`,
    withinParameters(table, within),
  )
  return rows.map(({ month, rows, least, greatest, checksum }) => [
    `${table.name} ${month}`,
    { rows: Number(rows), least: Number(least), greatest: Number(greatest), checksum: Number(checksum) },
  ])
}

const sameDigest = (a: Digest, b: Digest): boolean =>
  a.rows === b.rows && a.least === b.least && a.greatest === b.greatest && a.checksum === b.checksum

/** Row by row: each row of the month as key and checksum, on both sides. */
async function differingKeys(
  rows: AsyncIterable<Row>,
  access: StoreAccess,
  { table, month, within }: { readonly table: Table; readonly month: string; readonly within: Within },
): Promise<number[]> {
  const balance = new Map<string, number>()
  const count = (name: string, by: number) => balance.set(name, (balance.get(name) ?? 0) + by)
  for await (const row of rows)
    if (row.table === table.name && monthOf(row.ms) === month) count(`${row.key} ${checksumOf(row)}`, 1)
  const found = await rowsOf<{ name: string }>(
    access,
    `SELECT concat(toString(${table.key}), ' ', toString(${checksumSql(table)})) AS name
     FROM ${access.database}.${table.name} WHERE ${monthSql(table)} = {month:String} AND ${withinSql(table)}`,
    { month, ...withinParameters(table, within) },
  )
  for (const { name } of found) count(name, -1)
  const keys = [...balance].flatMap(([name, left]) => (left === 0 ? [] : [Number(name.split(' ')[0])]))
  return [...new Set(keys)].sort((a, b) => a - b).slice(0, differingKeysMax)
}

function countsOf(digests: ReadonlyMap<string, Digest>): Record<TableName, number> {
  const counts = Object.fromEntries(tableNames.map((name) => [name, 0])) as Record<TableName, number>
  for (const [name, { rows }] of digests) counts[name.split(' ')[0] as TableName] += rows
  return counts
}
