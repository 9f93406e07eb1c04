import t from 'tap'
import { openStore, type StoredBatch } from '../../src/store/store.js'
import { makeCity } from './city.js'
import { credentials, startEngine } from './engine.js'
import { refusal, stored } from './waiting.js'
import { databaseName, quick } from './writing.js'

const engine = await startEngine(t.testdir())
t.teardown(() => engine.stop())
const open = (database = databaseName()) =>
  openStore({ url: engine.url, database, ...credentials, requestMsMax: 20_000, connectionsMax: 4 })

t.test('what is in the log is in the store, row by row and byte by byte', async (t) => {
  const source = makeCity({ seed: 1, units: 40, batches: 400, entriesPerBatch: 20, stepMs: 3 * 3_600_000 })
  const store = open()
  const writer = await store.write(source, { ...quick, directory: t.testdir(), rangeRowsMax: 700 })
  await stored(writer, source.head)
  t.equal(writer.n, source.record.length)
  const { rows, differences } = await store.compare(source, { to: source.head })
  t.same(differences, [])
  t.equal(rows.log, source.head)
  t.equal(rows.transitions, source.record.length)
  t.ok(rows.unit_state > 1000 && rows.hourly > 100, `${rows.unit_state} states, ${rows.hourly} hours`)

  const back = await store.log()
  const batches = []
  for await (const batch of back.read(source.endOf(100))) batches.push(batch)
  t.same(batches, source.batches.slice(100), 'also the texts of the entries, and where each batch begins')
  t.same(await store.transitions(source.record[4]?.n ?? (0 as never), 3), source.record.slice(5, 8))
  await writer.stop(1000)
  await store.close()
})

t.test('a log that cannot be opened now is waited for, and one that is not as it should be is not', async (t) => {
  const city = () => makeCity({ seed: 2, units: 10, batches: 20, entriesPerBatch: 10, stepMs: 3_600_000 })
  const [source, store] = [city(), open()]
  const read = source.read.bind(source)
  source.read = async function* (from) {
    if (this.reads++ < 2) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })
    yield* read(from)
  }
  const writer = await store.write(source, { ...quick, directory: t.testdir() })
  await stored(writer, source.head)
  t.equal(writer.counters.failures, 2)
  t.same((await store.compare(source, { to: source.head })).differences, [])
  await writer.stop(1000)

  const other = open()
  const refused = await other.write(Object.assign(city(), { read: gapped }), { ...quick, directory: t.testdir() })
  t.match(await refusal(refused), { code: 'QW_STORE_GAP', detail: { stored: 0, first: 9 } })
  await refused.stop(0)
  await Promise.all([store.close(), other.close()])
})

/** A log whose first batch is not its first. */
async function* gapped() {
  yield {
    firstPosition: 9,
    nowMs: 0,
    entries: [{ kind: 'tick' }],
    lines: ['{"kind":"tick"}'],
  } as unknown as StoredBatch
}
