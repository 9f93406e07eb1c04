/**
 * What the store takes and what it keeps: rows a second by format, the writer from log to table, bytes on the disk.
 *
 * The source makes its events on this thread while the writer runs, and what that alone takes is measured first: the
 * writer's own pace lies between the two. Bytes are counted by the server after all parts are merged.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { LogPosition } from '../src/core/names.js'
import { openStore } from '../src/store/store.js'
import { tableNames } from '../src/store/tables.js'
import type { Cleanup } from './cleanup.js'
import { describeCommit, describeMachine } from './machine.js'
import { say } from './progress.js'
import { storeEvents } from './store-events.js'
import { formats, measureFormat } from './store-formats.js'
import { keptBytes } from './store-log.js'
import { temporaryDirectory } from './temporary.js'

export const storeFlags = {
  events: { default: 1_000_000, min: 1000, max: 100_000_000, about: 'events of the log' },
  perBatch: { default: 500, min: 1, max: 100_000, about: 'events in one batch of the log' },
  rangeRows: { default: 100_000, min: 100, max: 1_000_000, about: 'rows in one range of the writer' },
  rounds: { default: 15, min: 3, max: 1000, about: 'inserts of 20,000 rows per format' },
} as const

type StoreValues = { readonly [K in keyof typeof storeFlags]: number }

const database = 'bench'

export async function runStore(values: StoreValues, cleanup: Cleanup): Promise<{ result: object; exitCode: number }> {
  const directory = await temporaryDirectory(cleanup)
  const password = randomUUID()
  const server = fork(
    fileURLToPath(new URL('./store-server-process.js', import.meta.url)),
    [join(directory, 'store'), password],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
  cleanup.add(async () => {
    if (server.exitCode !== null) return
    const gone = once(server, 'exit')
    server.disconnect()
    await gone
  })
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  const url = `http://127.0.0.1:${port}`
  const client = createClient({
    url,
    username: 'bench',
    password,
    request_timeout: 300_000,
    log: { level: ClickHouseLogLevel.OFF },
  })
  cleanup.add(() => client.close())

  const source = storeEvents({ events: values.events, eventsPerBatch: values.perBatch, eventEveryMs: 10 })
  const store = openStore({ url, database, username: 'bench', password, requestMsMax: 300_000, connectionsMax: 4 })
  cleanup.add(() => store.close())
  const insert20k = []
  for (const format of formats) insert20k.push(await measureFormat(client, source, format, values.rounds))
  say(`formats: ${insert20k.map(({ format, rowsPerSecond }) => `${format} ${rowsPerSecond}`).join(', ')} rows/s`)

  const makingMs = await timed(async () => {
    for await (const { lines } of source.read(1 as LogPosition)) if (lines.length === 0) break
  })
  const writer = await store.write(source, {
    directory: join(directory, 'writer'),
    engine: 'MergeTree',
    ttlDays: 0,
    rangeRowsMax: values.rangeRows,
    rangeBytesMax: 64 * 1024 * 1024,
    insertEveryMs: 1000,
    backoffMs: 100,
    backoffMsMax: 1000,
    marginMs: 600_000,
    marginEntries: 2_000_000,
    say: (_level, message) => say(message),
  })
  cleanup.add(() => writer.stop(1000))
  const cpuBefore = process.cpuUsage()
  const serverBefore = cpuMsOf(server)
  const writingMs = await timed(() => writer.reached(source.settled))
  const cpu = process.cpuUsage(cpuBefore)
  const residentBytes = residentBytesOf(server)
  const serverCpuMs = cpuMsOf(server) - serverBefore
  const { failures, ranges } = writer.counters
  await writer.stop(1000)
  const events = source.settled
  const own = await keptBytes(source, await temporaryDirectory(cleanup))
  const result = {
    bench: 'store',
    events,
    insert20k,
    writer: {
      eventsPerSecond: Math.round(events / (writingMs / 1000)),
      eventsPerSecondWithoutMaking: Math.round(events / ((writingMs - makingMs) / 1000)),
      makingEventsPerSecond: Math.round(events / (makingMs / 1000)),
      cpuSecondsOfThisProcess: (cpu.user + cpu.system) / 1e6,
      cpuSecondsOfTheStore: serverCpuMs / 1000,
      ranges,
      failures,
    },
    storeResidentBytes: residentBytes,
    own,
    tables: await tableSizes(client, events),
    machine: describeMachine(),
    commit: describeCommit(process.cwd()),
  }
  return { result, exitCode: failures === 0 ? 0 : 2 }
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

/** Linux: user and system time in clock ticks of 10 ms. */
function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const residentBytesOf = ({ pid }: ChildProcess): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024

async function tableSizes(client: ClickHouseClient, events: number): Promise<object> {
  const sizes: Record<string, object> = {}
  for (const table of tableNames) {
    await client.command({ query: `OPTIMIZE TABLE ${database}.${table} FINAL` })
    const [size] = await rowsOf<{ rows: string; bytes: string; plain: string }>(
      client,
      `SELECT toString(sum(rows)) AS rows, toString(sum(bytes_on_disk)) AS bytes,
         toString(sum(data_uncompressed_bytes)) AS plain
       FROM system.parts WHERE active AND database = '${database}' AND table = '${table}'`,
    )
    const columns = await rowsOf<{ name: string; bytes: string }>(
      client,
      `SELECT name, toString(data_compressed_bytes) AS bytes FROM system.columns
       WHERE database = '${database}' AND table = '${table}' AND default_kind = '' ORDER BY data_compressed_bytes DESC`,
    )
    const rows = Number(size?.rows ?? 0)
    const per = (bytes: string | undefined, of: number) =>
      Math.round((Number(bytes ?? 0) / Math.max(1, of)) * 100) / 100
    sizes[table] = {
      rows,
      bytesPerRow: per(size?.bytes, rows),
      bytesPerEvent: per(size?.bytes, events),
      plainBytesPerRow: per(size?.plain, rows),
      bytesPerRowByColumn: Object.fromEntries(columns.map(({ name, bytes }) => [name, per(bytes, rows)])),
    }
  }
  return sizes
}

async function rowsOf<T>(client: ClickHouseClient, query: string): Promise<T[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json<T>()
}
