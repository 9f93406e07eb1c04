/** The real log, the real engine and the real record in front of the real store, alive and after a restart of each. */
import { join } from 'node:path'
import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition, N, UnixMs } from '../../src/core/names.js'
import { LogFollower } from '../../src/log/follow-log.js'
import { RecordFollower } from '../../src/log/follow-record.js'
import { type Log, openLog } from '../../src/log/log.js'
import { openRecord, type TransitionRecord } from '../../src/log/record.js'
import { openStore, type StoreSource } from '../../src/store/store.js'
import { Engine, shippedRules } from '../alerts/engine.js'
import { makeCity } from './city.js'
import { credentials, startEngine } from './engine.js'
import { stored } from './waiting.js'
import { databaseName, quick } from './writing.js'

const mebibyte = 1024 * 1024

/** A service without its doors: what is appended is judged and recorded. */
class Service {
  readonly #judge = new Engine()
  #settled = 0 as LogPosition
  #told = { position: 0 as LogPosition, n: 0 as N }
  #nowMs = Date.UTC(2024, 2, 31, 10) as UnixMs
  log!: Log
  record!: TransitionRecord

  async open(directory: string): Promise<this> {
    const onFatal = (error: Error): never => {
      throw error
    }
    this.record = await openRecord({
      directory: join(directory, 'record'),
      recordSegmentBytesMax: 20_000,
      recordRingTransitionsMax: 10,
      recordFlushEveryMs: 1,
      recordRetryMs: 1,
      recordPendingBytesMax: mebibyte,
      onFatal,
    })
    this.log = await openLog({
      directory: join(directory, 'log'),
      segmentBytesMax: 50_000,
      zeroAheadBytes: 0,
      batchEntriesMax: 50,
      batchBytesMax: mebibyte,
      clock: () => (this.#nowMs = (this.#nowMs + 1_800_000) as UnixMs),
      onBatch: (batch) => this.#judged(batch),
      onFatal,
    })
    // What was judged before is judged again, and must be what the record holds.
    for await (const batch of this.log.read(1 as LogPosition)) this.#judged(batch)
    return this
  }

  /** As the writer's process has it: the files, read as far as they are said to be settled. */
  async follow(directory: string): Promise<StoreSource> {
    const log = await LogFollower.open(join(directory, 'log'))
    const record = new RecordFollower(join(directory, 'record'))
    const { settled } = this
    return {
      first: log.first,
      get settled() {
        return settled().position
      },
      read: (from) => log.read(from, settled().position),
      transitions: (since, limit) => record.read(since, limit, settled().n),
    }
  }

  /** Only what the record has in a file. */
  readonly settled = () => {
    if (this.record.written === this.record.head) this.#told = { position: this.#settled, n: this.record.head }
    return this.#told
  }

  async close(): Promise<void> {
    await this.log.close()
    await this.record.close()
  }

  #judged(batch: {
    readonly firstPosition: LogPosition
    readonly nowMs: UnixMs
    readonly entries: readonly LogEntry[]
  }): void {
    this.record.append(this.#judge.step(batch))
    this.#settled = (batch.firstPosition + batch.entries.length - 1) as LogPosition
  }
}

t.test('what the log and the record hold is in the store, also after all of them were restarted', async (t) => {
  const directories = t.testdir({ data: { log: {}, record: {} }, engine: {}, progress: {} })
  const [data, directory] = [join(directories, 'data'), join(directories, 'progress')]
  const engine = await startEngine(join(directories, 'engine'))
  const store = openStore({
    url: engine.url,
    database: databaseName(),
    ...credentials,
    requestMsMax: 20_000,
    connectionsMax: 4,
  })
  const city = makeCity({ seed: 77, units: 25, batches: 60, entriesPerBatch: 20, stepMs: 1000 })
  const [founding, ...days] = city.batches.map(({ entries }) => entries)

  let service = await new Service().open(data)
  let writer = await store.write(await service.follow(data), { ...quick, directory, rangeRowsMax: 300 })
  await service.log.append([{ kind: 'rules', rules: shippedRules }, ...(founding ?? [])]).durable
  for (const entries of days.slice(0, 30)) await service.log.append(entries).durable
  await stored(writer, service.log.head)
  await writer.stop(1000)
  await service.close()

  service = await new Service().open(data)
  writer = await store.write(await service.follow(data), { ...quick, directory, rangeRowsMax: 300 })
  await Promise.all(days.slice(30).map((entries) => service.log.append(entries).durable))
  await stored(writer, service.log.head)
  const { rows, differences } = await store.compare(await service.follow(data), { to: service.log.head })
  t.same(differences, [])
  t.equal(rows.log, service.log.head)
  t.equal(rows.transitions, service.record.head)
  t.ok(rows.transitions > 20, `${rows.transitions} transitions`)
  await writer.stop(1000)
  await service.close()
  await store.close()
  await engine.stop()
})
