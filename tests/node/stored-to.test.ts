import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { HistoryQuestion } from '../../src/api/api.js'
import type { LogPosition, N, UnixMs } from '../../src/core/names.js'
import { StoreLink } from '../../src/node/store-link.js'
import { WriterLink } from '../../src/node/writer-link.js'
import type { WriterReport } from '../../src/node/writer-words.js'
import type { HistoryQuery } from '../../src/store/store.js'
import { temporaryDirectory, until } from '../walk/service.js'

const [dayMs, beginMs] = [86_400_000, 1_700_000_000_000]

/** A core with a log that a test moves, before a store that tells what it was asked. */
class World {
  readonly log = { head: 10 as LogPosition, pendingEntries: 0 }
  nowMs = beginMs as UnixMs
  readonly asked: HistoryQuery[] = []
  link!: StoreLink
  #path = ''

  async open(t: Test): Promise<this> {
    this.#path = join(await temporaryDirectory(t), 'socket')
    const history = async (query: HistoryQuery) => {
      this.asked.push(query)
      return { of: 'unit', isKnown: true, points: [] } as const
    }
    this.link = await StoreLink.open(
      { history, close: async () => undefined },
      {
        path: this.#path,
        log: this.log,
        record: { head: 0 as N, written: 0 as N },
        judge: { position: 0 as LogPosition },
        nowMs: () => this.nowMs,
      },
    )
    t.teardown(() => this.link.close())
    return this
  }

  /** A writer that says this, heard. */
  async says(position: number, atMs?: number): Promise<void> {
    const report: WriterReport = {
      position: position as LogPosition,
      ...(atMs === undefined ? {} : { atMs: atMs as UnixMs }),
      keepFrom: 1 as LogPosition,
      state: 'calm',
    }
    const writer = new WriterLink({ path: this.#path, reconnectMs: 5, reconnectMsMax: 20, report: () => report })
    await until(
      () => this.link.position,
      (heard) => heard === position,
    )
    writer.close()
  }

  ask(question: { fromMs?: number; toMs?: number } = {}) {
    return this.link.history({ subject: 'city', stepMs: dayMs, ...question } as HistoryQuestion, 100)
  }
}

t.test('nothing is told before the writer has said how far the store is', async (t) => {
  const world = await new World().open(t)
  await t.rejects(world.ask(), { code: 'QW_STORE_AWAY' })
  // A writer that has begun, but has not stored anything yet: of which time it is nobody knows.
  await world.says(7)
  await t.rejects(world.ask(), { code: 'QW_STORE_AWAY' })
  t.same(world.asked, [])
})

t.test('a store that holds the whole log tells up to now, and no further', async (t) => {
  const world = await new World().open(t)
  await world.says(10, beginMs - 5 * dayMs)
  world.nowMs = (beginMs + 7) as UnixMs
  t.match(await world.ask(), { storedTo: { position: 10, atMs: beginMs + 7 } })
  t.match(world.asked.at(-1), { fromMs: beginMs + 7 - 30 * dayMs, toMs: beginMs + 7, storedToMs: beginMs + 7 })
  t.match(await world.ask({ toMs: beginMs + 3 * dayMs }), { storedTo: { atMs: beginMs + 7 } })
  t.match(world.asked.at(-1), { toMs: beginMs + 3 * dayMs, storedToMs: beginMs + 7 }, 'the store leaves the rest out')
  await world.ask({ fromMs: beginMs + dayMs })
  t.match(world.asked.at(-1), { fromMs: beginMs + dayMs, storedToMs: beginMs + 7 }, 'what is still to come is no error')
})

t.test('a store that is behind tells up to just before its last batch, also over a new writer', async (t) => {
  const world = await new World().open(t)
  world.log.head = 100 as LogPosition
  world.nowMs = (beginMs + dayMs) as UnixMs
  await world.says(20, beginMs)
  t.match(await world.ask(), { storedTo: { position: 20, atMs: beginMs - 1 } }, 'the next may bear the same time')
  t.match(world.asked.at(-1), { toMs: beginMs - 1, storedToMs: beginMs - 1 })
  await world.says(15)
  t.match(await world.ask(), { storedTo: { position: 20, atMs: beginMs - 1 } }, 'it goes over stored ranges again')
})

t.test('what was quiet stays known when something happens at last', async (t) => {
  const world = await new World().open(t)
  await world.says(10, beginMs - dayMs)
  world.nowMs = (beginMs + 5 * dayMs) as UnixMs
  await world.ask()
  world.log.pendingEntries = 1
  world.nowMs = (beginMs + 6 * dayMs) as UnixMs
  t.match(await world.ask(), { storedTo: { position: 10, atMs: beginMs + 5 * dayMs } }, 'it has its time already')
  world.log.pendingEntries = 0
  world.log.head = 11 as LogPosition
  t.match(await world.ask(), { storedTo: { position: 10, atMs: beginMs + 5 * dayMs } })
})
