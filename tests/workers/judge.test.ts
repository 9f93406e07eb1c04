/**
 * Real threads, the real engine, a log in memory; poison is entries of the log that the border would never let through.
 */
import fc from 'fast-check'
import t from 'tap'
import { createFold } from '../../src/alerts/fold.js'
import { createShard, goesToFold, shardsOf } from '../../src/alerts/shard.js'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import type { ShardBatch } from '../../src/workers/shard-host.js'
import { openShardPool, type ShardPoolSettings } from '../../src/workers/shard-pool.js'
import { approved, at, entered, registered, rules, type WorldBatch } from '../alerts/engine.js'
import { makeWorld } from '../alerts/world.js'
import { type MemoryLog, openSitting, poison } from './fixtures.js'

const nowMs = at('2024-07-01T09:00:00+08:00')
const batch = (...entries: LogEntry[]): WorldBatch => ({ nowMs, entries })

/** What one shard and the fold make of the log when they never see the entries of `omitted`. */
function judgedWithout(log: MemoryLog, omitted: ReadonlySet<number>): Transition[] {
  const shard = createShard()
  const fold = createFold()
  return log.batches.flatMap(({ firstPosition, nowMs, entries }) => {
    const items = entries
      .map((entry, i) => ({ position: (firstPosition + i) as LogPosition, entry }))
      .filter(({ position }) => !omitted.has(position))
    const lastPosition = (firstPosition + entries.length - 1) as LogPosition
    const entryAt = (position: LogPosition) => entries[position - firstPosition]
    const outputs = [
      shard.step({ firstPosition, nowMs, items: items.filter(({ entry }) => shardsOf(entry, 1) !== 'none') }),
    ]
    fold.begin(
      { firstPosition, lastPosition, nowMs, items: items.filter(({ entry }) => goesToFold(entry)), entryAt },
      outputs,
    )
    return fold.end([]).transitions
  })
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

t.test('a poisonous event is set aside, and all others of its batch are judged', async (t) => {
  const { judge, log, transitions, fatal, poisoned } = await openSitting(t)
  const unit = 'PJ-EDU-0001'
  log.append(batch(rules(), registered(unit), approved(unit, 10), entered(unit, 10)))
  log.append(batch(entered(unit, 1), poison(unit), entered('PJ-EDU-0002', 1), registered('PJ-EDU-0002')))
  log.append(batch(entered(unit, 1)))
  await judge.drained()
  t.same(fatal, [])
  t.same(log.skipped, [6])
  t.equal(judge.skippedEntries, 1)
  t.ok(judge.isSkipped(6 as LogPosition))
  t.match(poisoned[0]?.error.message, /null/)
  t.match(poisoned[0]?.error.stack, /fold-unit-event/, 'the stack says where the engine was')
  t.same(plain(transitions), plain(judgedWithout(log, new Set([6]))))
  t.ok(
    transitions.some(({ position }) => position === 5),
    'what came before it in its batch is judged',
  )
  t.equal(judge.position, log.head)
  const { value, n } = await judge.read({ kind: 'unit', id: unit })
  t.match(value, { id: unit, facts: { filled: 12 } })
  t.equal(n, transitions.length)
})

t.test('nothing is said that was judged without it before it is durably set aside', async (t) => {
  const said: number[] = []
  let keep: (() => void) | undefined
  const asked = new Promise<void>((resolve) => {
    t.teardown(() => keep?.())
    keep = resolve
  })
  let release = () => {}
  const durable = new Promise<void>((resolve) => {
    release = resolve
  })
  const { judge, log } = await openSitting(t, {
    onJudged: ({ lastPosition }) => said.push(lastPosition),
    setAside: async () => {
      keep?.()
      await durable
    },
  })
  log.append(batch(rules()))
  log.append(batch(entered('PJ-EDU-0001', 1), poison('PJ-EDU-0001')))
  log.append(batch({ kind: 'tick' }))
  await asked
  t.same(said, [1])
  t.equal(judge.position, 1)
  release()
  await judge.drained()
  t.same(said, [1, 3, 4])
})

t.test('a log that says what is set aside is judged again without trouble, to the same bytes', async (t) => {
  const first = await openSitting(t)
  for (const each of poisonedWorld({ seed: 7, units: 12, batches: 40 }, [3, 40, 41, 90])) first.log.append(each)
  await first.judge.drained()
  t.ok(first.log.skipped.length >= 4)
  const again = await openSitting(t, { shards: 3, skippedFrom: async () => first.log.skipped })
  for (const each of first.log.batches) again.log.append(each)
  await again.judge.drained()
  t.same(again.troubles, [])
  t.same(again.poisoned, [])
  t.equal(JSON.stringify(again.transitions), JSON.stringify(first.transitions))
})

/** A world with an entry of poison behind each of the given positions. */
function poisonedWorld(options: Parameters<typeof makeWorld>[0], places: readonly number[]): WorldBatch[] {
  let position = 0
  return makeWorld(options).map(({ nowMs, entries }) => ({
    nowMs,
    entries: entries.flatMap((entry) => {
      position += 1
      if (!places.includes(position)) return [entry]
      const broken: LogEntry = position % 3 === 0 ? ({ kind: 'rules', rules: null } as never) : poison('XH-EDU-000')
      return [entry, broken]
    }),
  }))
}

t.test(
  'wherever poison lies and however many shards there are, the rest is judged as if it had never come',
  async (t) => {
    const places = fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 }),
        places,
        fc.constantFrom(1, 3),
        async (seed, at, shards) => {
          const sitting = await openSitting(t, { shards })
          for (const each of poisonedWorld({ seed, units: 8, batches: 25 }, at)) sitting.log.append(each)
          await sitting.judge.drained()
          t.same(sitting.fatal, [])
          const { log, transitions } = sitting
          const poisonous = log.batches.flatMap(({ firstPosition, entries }) =>
            entries.flatMap((entry, i) => (isPoison(entry) ? [firstPosition + i] : [])),
          )
          t.same(
            [...log.skipped].sort((a, b) => a - b),
            poisonous,
          )
          t.same(plain(transitions), plain(judgedWithout(log, new Set(poisonous))))
        },
      ),
      { numRuns: 6 },
    )
  },
)

const isPoison = (entry: LogEntry): boolean =>
  (entry.kind === 'event' && entry.event.data === null) || (entry.kind === 'rules' && entry.rules === null)

t.test('an entry that takes all of a thread’s memory is set aside like any other', async (t) => {
  const { judge, log, transitions, fatal } = await openSitting(t, { shardHeapBytesMax: 32 * 1024 * 1024 })
  const unit = 'PJ-EDU-0001'
  const huge = registered('PJ-EDU-0002', { name: Array.from({ length: 2_000_000 }, () => ({})) as never })
  log.append(batch(rules(), registered(unit), approved(unit, 10), entered(unit, 10)))
  log.append(batch(entered(unit, 1), huge, entered(unit, 1)))
  await judge.drained()
  t.same(fatal, [])
  t.same(log.skipped, [6])
  t.same(plain(transitions), plain(judgedWithout(log, new Set([6]))))
})

t.test('more poison than is allowed ends the judge: the engine is at fault then', async (t) => {
  const { judge, log, fatal } = await openSitting(t, { skippedEntriesMax: 2 })
  log.append(batch(...[1, 2, 3, 4].map(() => poison('PJ-EDU-0001'))))
  await judge.drained()
  t.same(log.skipped, [1, 2])
  t.match(fatal[0]?.message, /null/)
  await t.rejects(judge.read({ kind: 'unit', id: 'PJ-EDU-0001' }), /null/)
})

t.test('a question that cannot be answered fails alone', async (t) => {
  const { judge, log, fatal } = await openSitting(t)
  log.append(batch(rules(), registered('PJ-EDU-0001')))
  const unanswerable = { kind: 'units', limit: 10, after: () => undefined } as never
  const [bad, good] = await Promise.allSettled([
    judge.read(unanswerable),
    judge.read({ kind: 'unit', id: 'PJ-EDU-0001' }),
  ])
  t.equal(bad.status, 'rejected')
  t.match(good, { status: 'fulfilled', value: { value: { id: 'PJ-EDU-0001' } } })
  t.same(fatal, [])
})

const pool = (t: { teardown: (end: () => Promise<void>) => void }, over: Partial<ShardPoolSettings> = {}) => {
  const opened = openShardPool(0, { shardHeapBytesMax: 2 ** 30, judgeCallMsMax: 60_000, ...over })
  t.teardown(() => opened.close())
  return opened
}

/** What a shard sees of a batch that holds these entries. */
const seen = (entries: readonly LogEntry[]): ShardBatch => ({
  firstPosition: 1 as LogPosition,
  lastPosition: entries.length as LogPosition,
  nowMs: 1 as UnixMs,
  lines: entries.map((entry) => JSON.stringify(entry)),
})

const nowhere = 0 as LogPosition

t.test('a thread that does not answer in time is ended', async (t) => {
  const batches = [seen(Array.from({ length: 300_000 }, () => ({ kind: 'tick' }) as const))]
  await t.rejects(
    pool(t, { judgeCallMsMax: 1 }).call({ kind: 'step', expects: nowhere, batches }),
    /no answer within 1 ms/,
  )
})

t.test(
  'threads that die before they have begun fail each call at once, and the next is tried all the same',
  async (t) => {
    const shard = pool(t, { shardHeapBytesMax: 2 * 1024 * 1024, judgeCallMsMax: 3_600_000 })
    for (let call = 1; call <= 4; call++)
      await t.rejects(shard.call({ kind: 'begin', position: nowhere, restores: false }), /memory|before it had begun/)
  },
)

t.test(
  'a thread that holds nothing, or stands elsewhere, is lost; so is one whose engine threw half way',
  async (t) => {
    const shard = pool(t)
    t.same(await shard.call({ kind: 'step', expects: nowhere, batches: [] }), { kind: 'lost' })
    t.same(await shard.call({ kind: 'begin', position: nowhere, restores: false }), { kind: 'begun' })
    t.same(await shard.call({ kind: 'read', expects: 5 as LogPosition, queries: [] }), { kind: 'lost' })
    t.same(await shard.call({ kind: 'read', expects: nowhere, queries: [] }), { kind: 'values', values: [] })
    await t.rejects(shard.call({ kind: 'step', expects: nowhere, batches: [seen([poison('PJ-EDU-0001')])] }), /null/)
    t.same(await shard.call({ kind: 'read', expects: nowhere, queries: [] }), { kind: 'lost' })
  },
)
