import t, { type Test } from 'tap'
import { openStore, type Store } from '../../src/store/store.js'
import { type MemorySource, makeCity, seeded } from './city.js'
import { credentials, type RunningEngine, startEngine } from './engine.js'
import { type Fault, startProxy } from './proxy.js'
import { becomes, stored, within } from './waiting.js'
import { databaseName, quick } from './writing.js'

const directory = t.testdir()
let engine: RunningEngine = await startEngine(directory)
const proxy = await startProxy(() => engine.port)
t.teardown(async () => {
  await proxy.close()
  await engine.stop()
})
t.afterEach(() => {
  proxy.decide = () => 'pass'
  proxy.onSent = () => undefined
})

const open = (database = databaseName(), requestMsMax = 1500): Store =>
  openStore({ url: proxy.url, database, ...credentials, requestMsMax, connectionsMax: 4 })
const smallCity = (seed: number): MemorySource =>
  makeCity({ seed, units: 20, batches: 40, entriesPerBatch: 15, stepMs: 24 * 3_600_000 })

/** The fault on these INSERTs, counted from now; the others pass. */
function onInserts(which: readonly number[], fault: Fault): (insert: number) => Fault {
  const from = proxy.inserts
  return (insert) => (which.includes(insert - from) ? fault : 'pass')
}

async function isWhole(t: Test, store: Store, source: MemorySource): Promise<void> {
  const { rows, differences } = await store.compare(source, { to: source.head })
  t.same(differences, [])
  t.equal(rows.log, source.head)
}

t.test('an insert that was done, but whose answer never came, is not done twice', async (t) => {
  const source = smallCity(2)
  const store = open()
  proxy.decide = onInserts([2, 5], 'withhold')
  const writer = await store.write(source, { ...quick, directory: t.testdir(), rangeRowsMax: 600 })
  await stored(writer, source.head)
  t.ok(writer.counters.failures >= 2)
  await isWhole(t, store, source)
  await writer.stop(0)
  await store.close()
})

t.test(
  'an insert that reaches the engine only after the writer has sent it again is dropped by its token',
  async (t) => {
    const source = smallCity(3)
    const store = open()
    proxy.decide = onInserts([2, 5], 'hold')
    const writer = await store.write(source, { ...quick, directory: t.testdir(), rangeRowsMax: 600 })
    await stored(writer, source.head)
    const statuses = await within('the engine answers what was held', proxy.release())
    t.same(statuses, [200, 200], 'the engine took them without a word')
    await isWhole(t, store, source)
    await writer.stop(0)
    await store.close()
  },
)

t.test('whatever happens to inserts, every row is there once', async (t) => {
  for (const seed of [11, 12, 13]) {
    const random = seeded(seed)
    const faults: readonly Fault[] = ['pass', 'pass', 'reset', 'drop', 'tear']
    const source = smallCity(seed)
    const store = open()
    proxy.decide = () => faults[random(faults.length)] ?? 'pass'
    const writer = await store.write(source, { ...quick, directory: t.testdir(), rangeRowsMax: 100 + random(900) })
    await stored(writer, source.head)
    t.comment(`seed ${seed}: ${writer.counters.ranges} ranges, ${writer.counters.failures} failures`)
    await isWhole(t, store, source)
    await writer.stop(0)
    await store.close()
  }
})

t.test('the store is killed in the middle of inserts, and comes back', async (t) => {
  const source = makeCity({ seed: 21, units: 40, batches: 100, entriesPerBatch: 60, stepMs: 9 * 3_600_000 })
  const store = open(databaseName(), 5000)
  let kills = 0
  let restarted: Promise<void> = Promise.resolve()
  proxy.onSent = () => {
    if (proxy.inserts % 5 !== 4 || kills >= 3) return
    kills += 1
    const { port } = engine
    restarted = engine.kill().then(async () => {
      engine = await startEngine(directory, port)
    })
  }
  const writer = await store.write(source, { ...quick, directory: t.testdir(), rangeRowsMax: 3000 })
  await stored(writer, source.head)
  await within('the store is back', restarted)
  t.equal(kills, 3)
  t.ok(writer.counters.failures >= 3)
  await isWhole(t, store, source)
  await writer.stop(0)
  await store.close()
})

t.test('the store is away for a long stretch of log, and what it missed comes in large ranges', async (t) => {
  const source = makeCity({ seed: 31, units: 40, batches: 400, entriesPerBatch: 10, stepMs: 30_000 })
  const all = source.settled
  source.settled = source.endOf(50)
  const store = open(databaseName(), 5000)
  const writer = await store.write(source, { ...quick, directory: t.testdir(), rangeRowsMax: 3000 })
  await stored(writer, source.settled)
  const { port } = engine
  await engine.kill()
  const before = writer.counters
  for (let batch = 51; batch < 400; batch++) source.settled = source.endOf(batch)
  await becomes(writer, 'away')
  t.equal(writer.position, source.endOf(50), 'nothing is taken for stored that is not')
  engine = await startEngine(directory, port)
  await stored(writer, all)
  t.ok(writer.counters.ranges - before.ranges <= 4, `${writer.counters.ranges - before.ranges} ranges`)
  await isWhole(t, store, source)
  await writer.stop(0)
  await store.close()
})

t.test('the core dies at any moment, and the next writer neither loses nor doubles a row', async (t) => {
  const source = smallCity(41)
  const random = seeded(41)
  const database = databaseName()
  const progress = t.testdir()
  const store = open(database)
  let last = 0
  for (let life = 0; life < 5; life++) {
    const writer = await store.write(source, { ...quick, directory: progress, rangeRowsMax: 200 + random(300) })
    const dieAt = proxy.inserts + 1 + random(8)
    proxy.onSent = () => {
      // The writer of this life ends here: what was sent is in doubt.
      if (proxy.inserts >= dieAt) void writer.stop(0)
    }
    // It ends in the middle, and says so to who waits.
    await stored(writer, source.head).catch((error) => t.match(error, { message: 'the writer was told to stop' }))
    await writer.stop(0)
    t.ok(writer.position >= 0)
    last = Math.max(last, writer.position)
  }
  proxy.onSent = () => undefined
  t.ok(last > 0)
  const writer = await store.write(source, { ...quick, directory: progress })
  await stored(writer, source.head)
  await isWhole(t, store, source)
  await writer.stop(0)
  await store.close()
})
