import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LogPosition, N, UnixMs } from '../../src/core/names.js'
import { ProgressFiles, readLastRange } from '../../src/store/progress.js'
import { openStore, type Store } from '../../src/store/store.js'
import { tables } from '../../src/store/tables.js'
import type { WriterSettings } from '../../src/store/writer.js'
import { MemorySource, makeCity } from './city.js'
import { credentials, startEngine } from './engine.js'
import { refusal, stored } from './waiting.js'
import { databaseName, quick } from './writing.js'

const engine = await startEngine(t.testdir())
t.teardown(() => engine.stop())
const open = (database: string): Store =>
  openStore({ url: engine.url, database, ...credentials, requestMsMax: 20_000, connectionsMax: 4 })
const city = (seed = 1): MemorySource =>
  makeCity({ seed, units: 20, batches: 60, entriesPerBatch: 15, stepMs: 12 * 3_600_000 })

async function isWhole(t: Test, store: Store, source: MemorySource): Promise<void> {
  source.first = 1 as LogPosition
  const { rows, differences } = await store.compare(source, { to: source.head })
  t.same(differences, [])
  t.equal(rows.log, source.head)
}

async function writeAll(store: Store, source: MemorySource, settings: Partial<WriterSettings> & { directory: string }) {
  const writer = await store.write(source, { ...quick, ...settings })
  await stored(writer, source.settled)
  await writer.stop(5000)
  return writer
}

t.test('a start goes on from the checkpoint, and needs no more of the log than was asked to be kept', async (t) => {
  const [source, directory] = [city(), t.testdir()]
  const store = open(databaseName())
  const all = source.settled
  source.settled = source.endOf(40)
  const small = { rangeRowsMax: 200, marginEntries: 150, directory }
  const first = await writeAll(store, source, small)
  t.ok(first.keepFrom > 1 && first.keepFrom <= first.position, `${first.keepFrom} of ${first.position}`)
  source.first = first.keepFrom
  source.settled = all
  const second = await writeAll(store, source, small)
  t.ok(second.keepFrom > first.keepFrom)
  t.ok(second.counters.rowsSent < first.counters.rowsSent, 'what was there was asked about, not sent')
  await isWhole(t, store, source)
  await store.close()
})

t.test('a checkpoint and a range that are damaged are named, and the store comes to the same', async (t) => {
  const [source, directory] = [city(), t.testdir()]
  const store = open(databaseName())
  const all = source.settled
  source.settled = source.endOf(40)
  const said: string[] = []
  const settings = {
    rangeRowsMax: 200,
    marginEntries: 150,
    directory,
    say: (_: unknown, text: string) => void said.push(text),
  }
  await writeAll(store, source, settings)
  source.settled = all
  for (const name of ['checkpoint.ndjson', 'range.json'])
    writeFileSync(join(directory, name), readFileSync(join(directory, name)).subarray(0, 10))
  await writeAll(store, source, settings)
  for (const name of ['checkpoint.ndjson', 'range.json'])
    t.ok(
      said.some((text) => text.startsWith(`${join(directory, name)} cannot be read: `)),
      name,
    )
  await isWhole(t, store, source)
  await store.close()
})

t.test('what was begun stays known while the ranges before it are met again', async (t) => {
  const [source, directory] = [city(), t.testdir()]
  const store = open(databaseName())
  const settings = { rangeRowsMax: 200, marginEntries: 1_000_000, marginMs: 1_000_000, directory }
  const all = source.settled
  source.settled = source.endOf(30)
  await writeAll(store, source, settings)
  const begun = await readLastRange(directory)
  t.ok(begun && begun.from > 1, 'there are others before it')
  const { writeRange } = ProgressFiles.prototype
  const written: number[] = []
  t.teardown(() => Object.assign(ProgressFiles.prototype, { writeRange }))
  ProgressFiles.prototype.writeRange = function (range) {
    written.push(range.from)
    return writeRange.call(this, range)
  }
  source.settled = all
  await writeAll(store, source, settings)
  t.ok(written.length > 0)
  t.same(
    written.filter((from) => from <= (begun?.to ?? 0)),
    [],
  )
  await isWhole(t, store, source)
  await store.close()
})

t.test('without a checkpoint and with a trimmed log, the figures are followed in the store itself', async (t) => {
  const source = city(2)
  const store = open(databaseName())
  const all = source.settled
  source.settled = source.endOf(30)
  const directories = t.testdir({ kept: {}, lost: {} })
  await writeAll(store, source, { directory: join(directories, 'lost') })
  source.first = (source.endOf(20) + 1) as LogPosition
  source.settled = all
  await writeAll(store, source, { directory: join(directories, 'kept') })
  await isWhole(t, store, source)
  await store.close()
})

t.test(
  'entries that are neither in the log nor in the store are a gap, and nothing is written behind it',
  async (t) => {
    const source = city(3)
    const store = open(databaseName())
    source.first = (source.endOf(20) + 1) as LogPosition
    const writer = await store.write(source, { ...quick, directory: t.testdir() })
    t.match(await refusal(writer), { code: 'QW_STORE_GAP' })
    t.equal(writer.state.kind, 'refused')
    t.equal((await store.log()).settled, 0)
    await writer.stop(0)
    await store.close()
  },
)

t.test('a store that holds another log is refused', async (t) => {
  const database = databaseName()
  const store = open(database)
  const directories = t.testdir({ one: {}, other: {} })
  await writeAll(store, city(4), { directory: join(directories, 'one') })
  const writer = await store.write(city(5), { ...quick, directory: join(directories, 'other') })
  t.match(await refusal(writer), { code: 'QW_STORE_OTHER_LOG' })
  await isWhole(t, store, city(4))
  await writer.stop(0)
  await store.close()
})

t.test(
  'rows that the server lost after it had acknowledged them come back, though it remembers their token',
  async (t) => {
    const [source, directory, database] = [city(6), t.testdir(), databaseName()]
    const store = open(database)
    await writeAll(store, source, { directory })
    for (const table of ['log', 'transitions', 'unit_state'])
      await command(`ALTER TABLE ${database}.${table} DELETE WHERE position > 300 SETTINGS mutations_sync = 1`)
    const { differences } = await store.compare(source, { to: source.head })
    t.ok(differences.length > 0)
    await writeAll(store, source, { directory })
    await isWhole(t, store, source)
    await store.close()
  },
)

t.test('the full compare names rows that are missing, double or other', async (t) => {
  const [source, database] = [city(7), databaseName()]
  const store = open(database)
  await writeAll(store, source, { directory: t.testdir() })
  const columns =
    'n, position, at_ms, kind, subject, unit, county, sector, rule, state_from, state_to, sequence, correction'
  await command(
    `INSERT INTO ${database}.transitions (${columns}, whole) SELECT ${columns}, whole FROM ${database}.transitions WHERE n = 7`,
  )
  await command(`ALTER TABLE ${database}.transitions UPDATE rule = 'x' WHERE n = 9 SETTINGS mutations_sync = 1`)
  await command(`ALTER TABLE ${database}.log DELETE WHERE position = 33 SETTINGS mutations_sync = 1`)
  const { differences } = await store.compare(source, { to: source.head })
  t.same(differences.map(({ table, keys }) => [table, keys]).sort(), [
    ['log', [33]],
    ['transitions', [7, 9]],
  ])
  await store.close()
})

t.test('a schema of a later version is not touched', async (t) => {
  const database = databaseName()
  const store = open(database)
  const directories = t.testdir({ one: {}, again: {} })
  await writeAll(store, city(8), { directory: join(directories, 'one') })
  await command(`INSERT INTO ${database}.schema_migrations VALUES (99, 'later', 0)`)
  const writer = await store.write(city(8), { ...quick, directory: join(directories, 'again') })
  t.match(await refusal(writer), { code: 'QW_STORE_NEWER', detail: { found: 99 } })
  await writer.stop(0)
  await store.close()
})

t.test('a store from before there was an audit gets it from its own log', async (t) => {
  const [source, database, directory] = [city(11), databaseName(), t.testdir()]
  const store = open(database)
  const all = source.settled
  source.settled = source.endOf(30)
  await writeAll(store, source, { directory })
  await command(`DROP TABLE ${database}.audit`)
  await command(`ALTER TABLE ${database}.schema_migrations DELETE WHERE version > 1 SETTINGS mutations_sync = 1`)
  source.settled = all
  await writeAll(store, source, { directory })
  const said = await command(`SELECT DISTINCT what FROM ${database}.audit ORDER BY what`)
  t.equal(said, 'correct\ndismiss\nrelease\n')
  await isWhole(t, store, source)
  await store.close()
})

t.test('a store from before sums named their policy gets it, row by row as it was, from what it holds', async (t) => {
  const [source, database, directory] = [city(26), databaseName(), t.testdir()]
  const store = open(database)
  const all = source.settled
  source.settled = source.endOf(45)
  await writeAll(store, source, { directory })
  const policies = () => command(`SELECT policy, count() FROM ${database}.hourly GROUP BY policy ORDER BY policy`)
  const before = await policies()
  t.ok(before.trim().split('\n').length > 2, before)
  await command(`ALTER TABLE ${database}.hourly DROP COLUMN policy`)
  await command(`ALTER TABLE ${database}.schema_migrations DELETE WHERE version > 2 SETTINGS mutations_sync = 1`)
  await writeAll(store, source, { directory })
  t.equal(await policies(), before)
  source.settled = all
  await writeAll(store, source, { directory })
  await isWhole(t, store, source)
  await store.close()
})

t.test('sums of which nobody can tell the policy any more stand without one, and history says so', async (t) => {
  const [source, database, directory] = [city(13), databaseName(), t.testdir()]
  const store = open(database)
  await writeAll(store, source, { directory })
  const lastMs = source.batches.at(-1)?.nowMs as UnixMs
  const history = () =>
    store.history({
      subject: 'city',
      fromMs: lastMs,
      toMs: lastMs,
      stepMs: 3_600_000,
      pointsMax: 10,
      storedToMs: Number.MAX_SAFE_INTEGER as UnixMs,
    })
  const { points } = await history()
  t.match(points, [{ policy: /^(home|desk)@[1-3]$/ }])
  await command(`ALTER TABLE ${database}.hourly DROP COLUMN policy`)
  for (const table of ['unit_state', 'log']) await command(`TRUNCATE TABLE ${database}.${table}`)
  await command(`ALTER TABLE ${database}.schema_migrations DELETE WHERE version > 2 SETTINGS mutations_sync = 1`)
  await (await store.write(new MemorySource([], []), { ...quick, directory: t.testdir() })).stop(5000)
  t.same(
    (await history()).points,
    points.map((point) => ({ ...point, policy: null })),
  )
  await store.close()
})

const rawTables = tables.filter(({ isRaw }) => isRaw).map(({ name }) => name)

t.test(
  'the time that raw rows are kept is a setting that may change; other rows stay, also those of a store whose rows were to go',
  async (t) => {
    const [source, database] = [city(9), databaseName()]
    const store = open(database)
    const goingAfter = async (days: number) => {
      const answer = await command(`SELECT name FROM system.tables
      WHERE database = '${database}' AND engine_full LIKE '%toIntervalDay(${days})%' ORDER BY name FORMAT TSV`)
      return answer.split('\n').filter((name) => name !== '')
    }
    const directory = t.testdir()
    await writeAll(store, source, { directory })
    t.same(await goingAfter(36_500), [])
    await command(
      `ALTER TABLE ${database}.unit_state MODIFY TTL toDateTime(intDiv(at_ms, 1000), 'UTC') + INTERVAL 36500 DAY`,
    )
    await writeAll(store, source, { directory, ttlDays: 36_500 })
    t.same(await goingAfter(36_500), rawTables)
    await writeAll(store, source, { directory, ttlDays: 36_500 })
    t.same(await goingAfter(36_500), rawTables)
    await writeAll(store, source, { directory })
    t.same(await goingAfter(36_500), [])
    await isWhole(t, store, source)
    await store.close()
  },
)

t.test('when the raw rows are gone history is as it was, and what needs them says so', async (t) => {
  const [source, database] = [city(12), databaseName()]
  const store = open(database)
  const directories = t.testdir({ kept: {}, lost: {} })
  const settings = { directory: join(directories, 'kept'), ttlDays: 36_500 }
  const all = source.settled
  source.settled = source.endOf(50)
  await writeAll(store, source, settings)
  const [fromMs, toMs] = [source.batches[0]?.nowMs as UnixMs, source.batches[50]?.nowMs as UnixMs]
  const histories = () =>
    Promise.all(
      ['city', 'PJ', 'sector/health', 'PJ-U-0', 'TS-U-3'].map((subject) =>
        store.history({
          subject,
          fromMs,
          toMs,
          stepMs: 12 * 3_600_000,
          pointsMax: 1000,
          storedToMs: Number.MAX_SAFE_INTEGER as UnixMs,
        }),
      ),
    )
  const before = await histories()
  for (const { points } of before) t.ok(points.length > 30)
  // By the clock of ClickHouse everything here is older than a day; a merge is when it drops what is.
  await writeAll(store, source, { ...settings, ttlDays: 1 })
  for (const { name } of tables) {
    await command(`ALTER TABLE ${database}.${name} MATERIALIZE TTL SETTINGS mutations_sync = 2`).catch((error) => {
      if (rawTables.includes(name)) throw error
    })
    await command(`OPTIMIZE TABLE ${database}.${name} FINAL`)
  }
  for (const name of rawTables) t.equal(await command(`SELECT count() FROM ${database}.${name}`), '0\n', name)
  t.same(await histories(), before)

  source.settled = all
  await writeAll(store, source, { ...settings, ttlDays: 1 })
  const raw = { to: source.head, rawFromMs: Date.now() }
  t.same((await store.compare(source, raw)).differences, [], 'the writer went on from its checkpoint')
  t.ok((await store.compare(source, { to: source.head })).differences.length > 0)
  source.first = (source.endOf(20) + 1) as LogPosition
  const lost = await store.write(source, { ...quick, directory: join(directories, 'lost') })
  t.match(await refusal(lost), { code: 'QW_STORE_GAP' })
  await lost.stop(0)
  await store.close()
})

t.test('a transition that is gone from the store is missed where the log has to be followed in it', async (t) => {
  const [source, database] = [city(14), databaseName()]
  const store = open(database)
  await writeAll(store, source, { directory: t.testdir() })
  source.first = (source.endOf(30) + 1) as LogPosition
  const before = source.record.filter(({ position }) => position < source.first)
  const [begin, last] = [before[0]?.n ?? 0, before.at(-1)?.n ?? 0]
  t.ok(last > begin + 2)
  const directories = t.testdir({ last: {}, first: {} })
  for (const [name, n] of [
    ['last', last],
    ['first', begin],
  ] as const) {
    await command(`ALTER TABLE ${database}.transitions DELETE WHERE n = ${n} SETTINGS mutations_sync = 1`)
    const writer = await store.write(source, { ...quick, directory: join(directories, name) })
    t.match(await refusal(writer), { code: 'QW_STORE_GAP' }, name)
    await writer.stop(0)
  }
  await store.close()
})

t.test('transitions are read by their numbers', async (t) => {
  const source = city(10)
  const store = open(databaseName())
  await writeAll(store, source, { directory: t.testdir() })
  t.same(await store.transitions(5 as N, 10), source.record.slice(5, 15))
  t.same(await store.transitions(source.record.length as N, 10), [])
  await store.close()
})

async function command(sql: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  const answer = await fetch(engine.url, {
    method: 'POST',
    body: sql,
    headers: { authorization },
    signal: AbortSignal.timeout(60_000),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}
