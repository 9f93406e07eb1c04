/** One insert of 20,000 rows of `log` after another, by format: what client and engine together make of it. */
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import type { LogPosition } from '../src/core/names.js'
import { Derivation } from '../src/store/derivation.js'
import { rowsOf } from '../src/store/rows.js'
import type { StoreSource } from '../src/store/store.js'
import { tableOf } from '../src/store/tables.js'
import { type Field, tsvRow } from '../src/store/tsv.js'

export const formats = ['JSONEachRow', 'JSONCompactEachRow', 'TabSeparated'] as const
type Format = (typeof formats)[number]

export interface FormatFigures {
  readonly format: Format
  readonly rows: number
  readonly medianMs: number
  readonly greatestMs: number
  readonly rowsPerSecond: number
}

const insertRows = 20_000
const { columns } = tableOf('log')
const names = columns.map(({ name }) => name) as [string, ...string[]]

/** The first insert, which warms up, is not counted. */
export async function measureFormat(
  client: ClickHouseClient,
  source: StoreSource,
  format: Format,
  rounds: number,
): Promise<FormatFigures> {
  const table = `formats_${format.toLowerCase()}`
  const definition = columns.map(({ name, type, codec }) => `${name} ${type}${codec ? ` CODEC(${codec})` : ''}`)
  await client.command({
    query: `CREATE TABLE ${table} (${definition.join(', ')}) ENGINE = MergeTree ORDER BY position`,
  })
  const rows = await firstRows(source)
  const tookMs: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const begin = performance.now()
    await insert(client, table, format, rows)
    if (round > 0) tookMs.push(performance.now() - begin)
  }
  await client.command({ query: `DROP TABLE ${table}` })
  tookMs.sort((a, b) => a - b)
  const sumMs = tookMs.reduce((sum, ms) => sum + ms, 0)
  return {
    format,
    rows: rows.length,
    medianMs: Math.round((tookMs[tookMs.length >> 1] ?? 0) * 10) / 10,
    greatestMs: Math.round((tookMs.at(-1) ?? 0) * 10) / 10,
    rowsPerSecond: Math.round((rows.length * rounds * 1000) / sumMs),
  }
}

async function firstRows(source: StoreSource): Promise<(readonly Field[])[]> {
  const derivation = new Derivation()
  const rows: (readonly Field[])[] = []
  for await (const batch of source.read(1 as LogPosition)) {
    for (const { table, fields } of rowsOf(derivation, batch, [])) if (table === 'log') rows.push(fields)
    if (rows.length >= insertRows) break
  }
  return rows.slice(0, insertRows)
}

async function insert(client: ClickHouseClient, table: string, format: Format, rows: readonly (readonly Field[])[]) {
  if (format === 'TabSeparated') {
    const values = Readable.from([Buffer.from(rows.map(tsvRow).join(''))], { objectMode: false })
    return client.insert({ table, columns: names, format, values })
  }
  if (format === 'JSONCompactEachRow') return client.insert({ table, columns: names, format, values: rows })
  const values = rows.map((fields) => Object.fromEntries(names.map((name, at) => [name, fields[at]])))
  return client.insert({ table, columns: names, format, values })
}
