import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import t from 'tap'
import { credentials, startEngine } from './engine.js'

const engine = await startEngine(t.testdir())
/** Refusals are asked for here; the client would print each as an error of the run. */
const clientOf = (url: string, database = 'default') =>
  createClient({ url, database, ...credentials, log: { level: ClickHouseLogLevel.OFF } })
const client = clientOf(engine.url)
const authorization = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
t.teardown(async () => {
  await client.close()
  await engine.stop()
})

const rowsOf = async (query: string, query_params: Record<string, unknown> = {}): Promise<unknown[]> =>
  (await client.query({ query, query_params, format: 'JSONEachRow' })).json()

t.test('the client finds the server alive, by its path and by a query', async (t) => {
  t.same(await client.ping(), { success: true })
  t.match(await client.ping({ select: true }), { success: true })
})

t.test('rows come back as they were inserted, in every text format the client sends', async (t) => {
  await client.command({ query: 'CREATE TABLE words (a UInt32, b String) ENGINE = MergeTree ORDER BY a' })
  const word = 'tab\t quote\' back\\slash 编制 {"json":"\\n"}\n'
  await client.insert({ table: 'words', values: [{ a: 1, b: word }], format: 'JSONEachRow' })
  await client.insert({ table: 'words', values: [[2, word]], format: 'JSONCompactEachRow' })
  const inserted = await client.insert({
    table: 'words',
    columns: ['b', 'a'],
    values: Readable.from(
      [Buffer.from('plain\t3\n'), Buffer.from('split \\t 编'.slice(0, 9)), Buffer.from('制\t4\n')],
      {
        objectMode: false,
      },
    ),
    format: 'TabSeparated',
  })
  t.equal(inserted.summary?.written_rows, '2')
  t.same(await rowsOf('SELECT a, b FROM words ORDER BY a'), [
    { a: 1, b: word },
    { a: 2, b: word },
    { a: 3, b: 'plain' },
    { a: 4, b: 'split \t 编'.slice(0, 8).concat('制') },
  ])
})

t.test('rows in the order of named columns find their place, and what is left out has its default', async (t) => {
  const definition = "a UInt32, b LowCardinality(String), c Nullable(Int64), d String DEFAULT concat(b, '!'), e UInt8"
  await client.command({ query: `CREATE TABLE placed (${definition}) ENGINE = MergeTree ORDER BY a` })
  const insert = (text: string) =>
    client.insert({
      table: 'placed',
      columns: ['b', 'a', 'c'],
      values: Readable.from([Buffer.from(text)], { objectMode: false }),
      format: 'TabSeparated',
    })
  t.equal(
    (await insert('x\\ty\t1\t\\N\nz\t2\t5')).summary?.written_rows,
    '2',
    'the last row may go without a line feed',
  )
  t.same(await rowsOf('SELECT * FROM placed ORDER BY a'), [
    { a: 1, b: 'x\ty', c: null, d: 'x\ty!', e: 0 },
    { a: 2, b: 'z', c: '5', d: 'z!', e: 0 },
  ])
  await t.rejects(insert('only one field\n'), { code: '27', type: 'CANNOT_PARSE_INPUT_ASSERTION_FAILED' })
  await t.rejects(insert('x\tnot a number\t5\n'), { code: '27' })
  t.same(await rowsOf('SELECT count() AS count FROM placed'), [{ count: 2 }], 'all rows of an insert or none')
})

t.test('parameters arrive with their value, whatever stands in them', async (t) => {
  const hard = "it's\ta \\ test\n'; DROP TABLE words; -- 编"
  t.same(
    await rowsOf('SELECT {x:String} AS x, {y:UInt64} AS y, {z:Nullable(String)} AS z, {w:Array(String)} AS w', {
      x: hard,
      y: 7,
      z: null,
      w: ['a', 'b c'],
    }),
    [{ x: hard, y: 7, z: null, w: ['a', 'b c'] }],
  )
  await t.rejects(rowsOf('SELECT {w:Array(String)}', { w: ["it's"] }), { code: '48' })
})

t.test('settings hold for their query only', async (t) => {
  const query = "SELECT getSetting('max_block_size') AS size, getSetting('log_comment') AS comment"
  const settings = { max_block_size: '77', log_comment: "it's \\ one" }
  const within = await client.query({ query, format: 'JSONEachRow', clickhouse_settings: settings })
  t.same(await within.json(), [{ size: 77, comment: "it's \\ one" }])
  t.not((await rowsOf(query))[0], { size: 77 })
  t.match((await rowsOf(query))[0], { comment: '' })
})

t.test('an insert with a token it has had is dropped where the table keeps a window', async (t) => {
  await client.command({
    query:
      'CREATE TABLE once (a UInt32) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10',
  })
  const insert = (a: number, insert_deduplication_token: string) =>
    client.insert({
      table: 'once',
      values: [{ a }],
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token },
    })
  await insert(1, 'first')
  await insert(1, 'first')
  await insert(1, 'second')
  t.same(await rowsOf('SELECT count() AS count FROM once'), [{ count: 2 }])
})

t.test('errors carry the code, the type and the text of ClickHouse', async (t) => {
  for (const [query, code, type] of [
    ['SELECT * FROM nowhere', '60', 'UNKNOWN_TABLE'],
    ['SELECT 1; SELECT 2', '62', 'SYNTAX_ERROR'],
    ['SELECT 1 SETTINGS no_such_setting = 1', '115', 'UNKNOWN_SETTING'],
    [
      'SELECT count() FROM numbers(1e12) WHERE number % 7 = 3 SETTINGS max_execution_time = 0.1',
      '159',
      'TIMEOUT_EXCEEDED',
    ],
  ] as const) {
    const error = await rowsOf(query).then(
      () => undefined,
      (error) => error,
    )
    t.ok(error instanceof ClickHouseError, query)
    t.match(error, { code, type })
  }
  t.same(await rowsOf("SELECT ';' AS a /* ; */"), [{ a: ';' }], 'a semicolon in a literal or a comment ends nothing')
})

t.test('each database is the current one for its own requests, also side by side', async (t) => {
  await client.command({ query: 'CREATE DATABASE other' })
  const other = clientOf(engine.url, 'other')
  const asked = Array.from({ length: 5 }, async (_, i) => {
    const result = await (i % 2 ? other : client).query({
      query: 'SELECT currentDatabase() AS d',
      format: 'JSONEachRow',
    })
    return (await result.json<{ d: string }>())[0]?.d
  })
  t.same(await Promise.all(asked), ['default', 'other', 'default', 'other', 'default'])
  const nowhere = clientOf(engine.url, 'nowhere')
  await t.rejects(nowhere.query({ query: 'SELECT 1' }), { code: '81' })
  t.same(await rowsOf('SELECT currentDatabase() AS d'), [{ d: 'default' }])
  await Promise.all([other.close(), nowhere.close()])
})

const raw = (path: string, init: RequestInit = {}) =>
  fetch(engine.url + path, { ...init, headers: { authorization, ...init.headers } })

t.test('nobody without the secret is answered', async (t) => {
  const response = await raw('/?query=SELECT+1', { headers: { authorization: 'Basic eDp5' } })
  t.equal(response.status, 403)
  t.equal(response.headers.get('x-clickhouse-exception-code'), '516')
})

t.test('a parameter whose name is none is refused like an unknown setting', async (t) => {
  const response = await raw('/?query=SELECT+1&param_(=1')
  t.equal(response.status, 404)
  t.equal(response.headers.get('x-clickhouse-exception-code'), '115')
})

t.test('GET changes nothing', async (t) => {
  t.equal(await (await raw('/?query=SELECT+1')).text(), '1\n')
  t.equal(await (await raw('/?query=SELECT+1;+--+the;+end')).text(), '1\n')
  const refused = await raw(`/?query=${encodeURIComponent('DROP TABLE words')}`)
  t.equal(refused.status, 403)
  t.equal(refused.headers.get('x-clickhouse-exception-code'), '164')
  t.match(await refused.text(), /^Code: 164\. DB::Exception: .*\(READONLY\)/)
})

t.test('bodies may be compressed, and are measured after it', async (t) => {
  const insert = (body: Buffer, encoding: string) =>
    raw(`/?query=${encodeURIComponent('INSERT INTO words (a, b) FORMAT TabSeparated')}`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-encoding': encoding },
    })
  t.equal((await insert(gzipSync('9\tzipped\n'), 'gzip')).status, 200)
  t.same(await rowsOf('SELECT b FROM words WHERE a = 9'), [{ b: 'zipped' }])
  t.equal((await insert(Buffer.from('not gzip'), 'gzip')).status, 400)
  t.equal((await insert(gzipSync(Buffer.alloc(65 * 1024 * 1024, 10)), 'gzip')).status, 413)
  t.equal((await insert(Buffer.from('9\tx\n'), 'br')).status, 501)
})

t.test('more than may wait are refused at once, the others are all answered', async (t) => {
  const asked = Array.from({ length: 20 }, () =>
    raw('/', { method: 'POST', body: 'SELECT sum(number) FROM numbers(30000000)' }),
  )
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  t.same([...new Set(statuses)].sort(), [200, 503])
  t.ok(statuses.filter((status) => status === 200).length >= 6)
})

t.test('a stop answers what runs, and the rows are there at the next start', async (t) => {
  const directory = t.testdir()
  const first = await startEngine(directory)
  const before = clientOf(first.url)
  await before.command({ query: 'CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a' })
  const running = before.command({ query: 'INSERT INTO kept SELECT number FROM numbers(20000000)' })
  for (let seen = '0'; seen === '0'; ) {
    const result = await before.query({
      query: "SELECT count() AS c FROM system.processes WHERE query ILIKE 'INSERT%'",
    })
    seen = (await result.json<{ c: string }>()).data[0]?.c ?? '0'
  }
  t.equal(await first.stop(), 0)
  await running
  await before.close()
  const second = await startEngine(directory)
  const after = clientOf(second.url)
  const counted = await after.query({ query: 'SELECT count() AS count FROM kept', format: 'JSONEachRow' })
  t.same(await counted.json(), [{ count: 20_000_000 }])
  await after.close()
  await second.stop()
})
