/**
 * The engine itself: one `chdb` session on one data directory, asked only in ways that were tried to be safe.
 *
 * Rows of an INSERT go to the engine as bytes, parsed there off the event loop; text formats only, because that is what
 * the library takes. TabSeparated, which the writer sends, goes by way of a file: the library reads rows that are handed
 * to it through the lexer of SQL first, which costs four times what the insert itself does (docs/decisions/0011).
 * A timed-out call of the library returns while the engine computes on, so time is limited by the engine's own
 * `max_execution_time`, which does stop it.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drainPending, type RawInsertFormat, Session } from 'chdb'
import type { StatementRequest } from './embedded-request.js'
import { exceptionCodes, ServerException } from './exception.js'
import { parameterValue } from './parameter.js'
import { type InsertHead, parseInsertHead, quoted, soleStatement, withSettings } from './statement.js'

export interface EngineSettings {
  readonly directory: string
  readonly resultBytesMax: number
  readonly queryMsMax: number
  readonly engineBytesMax: number
  readonly queryThreadsMax: number
}

/** The numbers of `X-ClickHouse-Summary`, as decimal text like ClickHouse's own. */
export type Summary = Readonly<Record<string, string>>

export interface EngineResult {
  readonly body: Buffer
  readonly summary: Summary
}

export interface Engine {
  readonly version: string
  run(request: StatementRequest): Promise<EngineResult>
  useDatabase(database: string): Promise<unknown>
  close(): Promise<void>
}

const rowFormats: ReadonlySet<string> = new Set<RawInsertFormat>([
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TSV',
  'TabSeparated',
  'TSVWithNames',
  'TabSeparatedWithNames',
])

export async function openEngine(settings: EngineSettings): Promise<Engine> {
  const incoming = join(settings.directory, 'incoming')
  await rm(incoming, { recursive: true, force: true })
  await mkdir(incoming, { recursive: true })
  const configFile = join(settings.directory, 'engine.xml')
  await writeFile(configFile, serverConfig(settings))
  const session = new Session(settings.directory, {
    connectionArgs: [
      `--config-file=${configFile}`,
      // Since 26.x asynchronous inserts are the default: rows would wait in memory and be merged with others' rows.
      '--async_insert=0',
      `--max_threads=${settings.queryThreadsMax}`,
      '--max_insert_threads=1',
      // For every query; the SETTINGS clause of a statement can stand only once.
      `--max_execution_time=${settings.queryMsMax / 1000}`,
      `--max_result_bytes=${settings.resultBytesMax}`,
    ],
  })
  const version = (await session.queryAsync('SELECT version()', { format: 'TabSeparated' })).text().trim()
  return {
    version,
    run: (request) => run(session, incoming, request),
    useDatabase: (database) => session.queryAsync(`USE ${backQuoted(database)}`),
    close: async () => {
      await drainPending()
      session.close()
      await drainPending()
    },
  }
}

/** Caches of a server with hundreds of GB are not for a process beside the core. */
const serverConfig = ({ engineBytesMax }: EngineSettings): string => `<clickhouse>
  <max_server_memory_usage>${engineBytesMax}</max_server_memory_usage>
  <mark_cache_size>${Math.floor(engineBytesMax / 16)}</mark_cache_size>
  <index_mark_cache_size>${Math.floor(engineBytesMax / 64)}</index_mark_cache_size>
  <background_pool_size>2</background_pool_size>
</clickhouse>
`

const backQuoted = (name: string): string => `\`${name.replace(/[\\`]/g, (c) => `\\${c}`)}\``

async function run(session: Session, incoming: string, request: StatementRequest): Promise<EngineResult> {
  const statement = soleStatement(request.sql)
  if (request.rows) return insert(session, incoming, statement, request.rows, request)
  const sql = withSettings(statement, { ...request.settings, ...(request.readonly ? { readonly: '1' } : {}) })
  const { defaultFormat: format } = request
  const parameters = Object.entries(request.parameters).map(([name, sent]) => [
    name,
    parameterValue(statement, name, sent),
  ])
  const result =
    parameters.length === 0
      ? await session.queryAsync(sql, { format })
      : await session.queryBindAsync(sql, Object.fromEntries(parameters), { format })
  const bytes = result.bytes()
  return {
    body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    summary: summaryOf({ readRows: result.rowsRead, readBytes: result.bytesRead, elapsedSeconds: result.elapsed }),
  }
}

async function insert(
  session: Session,
  incoming: string,
  statement: string,
  rows: Buffer,
  request: StatementRequest,
): Promise<EngineResult> {
  const head = parseInsertHead(statement)
  if (!head || !rowFormats.has(head.format))
    throw new ServerException(
      exceptionCodes.NOT_IMPLEMENTED,
      `With rows as the body only INSERT INTO [db.]table [(columns)] FORMAT ${[...rowFormats].join(' | ')} is served here`,
    )
  if (request.readonly) throw new ServerException(exceptionCodes.READONLY, 'Cannot execute query in readonly mode')
  if (head.format === 'TabSeparated' || head.format === 'TSV')
    return insertByFile(session, incoming, head, rows, request.settings)
  const written = await session.insert({
    table: head.table,
    format: head.format as RawInsertFormat,
    values: rows,
    ...(head.columns === undefined ? {} : { columns: head.columns }),
    settings: request.settings,
  })
  return {
    body: Buffer.alloc(0),
    summary: summaryOf({
      writtenRows: written.rowsWritten,
      writtenBytes: written.bytesWritten,
      elapsedSeconds: written.elapsed,
    }),
  }
}

/** Several parsers in front of one table would cost more, and the second core is not ours. */
const inOneGo = { input_format_parallel_parsing: '0' }

/** The engine takes the structure of the file from the table, defaults of omitted columns included. */
async function insertByFile(
  session: Session,
  incoming: string,
  { table, columns }: InsertHead,
  rows: Buffer,
  settings: StatementRequest['settings'],
): Promise<EngineResult> {
  const file = join(incoming, `${randomUUID()}.tsv`)
  const into = columns === undefined ? table : `${table} (${columns.join(', ')})`
  const sql = `INSERT INTO ${into} SELECT * FROM file(${quoted(file)}, 'TabSeparated')`
  try {
    await writeFile(file, rows)
    const { elapsed } = await session.queryAsync(withSettings(sql, { ...settings, ...inOneGo }))
    const summary = summaryOf({ writtenRows: linesIn(rows), writtenBytes: rows.length, elapsedSeconds: elapsed })
    return { body: Buffer.alloc(0), summary }
  } finally {
    await rm(file, { force: true })
  }
}

/** A line feed inside a field is escaped; the last row may go without. */
function linesIn(rows: Buffer): number {
  let lines = rows.length > 0 && rows.at(-1) !== lineFeed ? 1 : 0
  for (let at = rows.indexOf(lineFeed); at >= 0; at = rows.indexOf(lineFeed, at + 1)) lines += 1
  return lines
}

const lineFeed = 0x0a

function summaryOf(of: {
  readRows?: number
  readBytes?: number
  writtenRows?: number
  writtenBytes?: number
  elapsedSeconds: number
}): Summary {
  return {
    read_rows: String(of.readRows ?? 0),
    read_bytes: String(of.readBytes ?? 0),
    written_rows: String(of.writtenRows ?? 0),
    written_bytes: String(of.writtenBytes ?? 0),
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: String(Math.round(of.elapsedSeconds * 1e9)),
  }
}
