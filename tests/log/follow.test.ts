import { appendFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { LogFollower } from '../../src/log/follow-log.js'
import { RecordFollower } from '../../src/log/follow-record.js'
import { type CommittedBatch, type Log, openLog } from '../../src/log/log.js'
import { openRecord } from '../../src/log/record.js'
import { at, batchesFrom, entryOf, heldDisk, put, segmentFiles, settingsFor, textOf, textsOf } from './fixtures.js'
import { n as number, settingsFor as recordSettings, transitionsOf, unitsOf } from './transitions.js'

async function read(follower: LogFollower, from: number, to: number): Promise<CommittedBatch[]> {
  const batches: CommittedBatch[] = []
  for await (const batch of follower.read(at(from), at(to))) batches.push(batch)
  return batches
}

async function logOf(directory: string, texts: readonly string[], segmentBytesMax = 2000): Promise<Log> {
  const log = await openLog(settingsFor(directory, { segmentBytesMax }))
  for (const text of texts) await put(log, text)
  return log
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1} ${'编'.repeat(40)}`)

t.test('what is followed is what the log says itself, batch by batch, over many segments', async (t) => {
  const directory = t.testdir()
  const log = await logOf(directory, texts(60))
  t.ok(segmentFiles(directory).length > 4)
  const follower = await LogFollower.open(directory)
  t.equal(follower.first, 1)
  t.same(await read(follower, 1, 60), await batchesFrom(log))
  for (const from of [60, 1, 33, 34, 2]) t.same(await read(follower, from, 60), await batchesFrom(log, from))
  await log.close()
})

t.test('a follower that reads now and then, while the log grows and files begin, misses nothing', async (t) => {
  const directory = t.testdir()
  const small = { segmentBytesMax: 3000, zeroAheadBytes: 700, spareFreeBytesMin: 0, batchEntriesMax: 4 }
  const log = await openLog(settingsFor(directory, small))
  const follower = await LogFollower.open(directory)
  const seen: unknown[] = []
  const appended: string[] = []
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 12 }), async (lengths) => {
      const added = lengths.map((length, i) => `${appended.length + i} ${'x'.repeat(length)}`)
      appended.push(...added)
      await log.append(added.map(entryOf)).durable
      const batches = await read(follower, seen.length + 1, log.head)
      for (const { firstPosition, entries } of batches) {
        if (firstPosition !== seen.length + 1) return false
        seen.push(...entries.map(textOf))
      }
      return seen.length === log.head
    }),
    { numRuns: 60 },
  )
  t.same(seen, appended)
  t.ok(segmentFiles(directory).length > 3)
  await log.close()
})

t.test('nothing behind what is told is looked at: not a batch in flight, not half of one', async (t) => {
  const directory = t.testdir()
  const disk = heldDisk()
  const log = await openLog(settingsFor(directory, { io: disk.io }))
  const first = put(log, 'durable')
  await disk.arrived()
  disk.release()
  await first
  const second = put(log, 'in flight')
  await disk.arrived()
  const [segment = ''] = segmentFiles(directory)
  const follower = await LogFollower.open(directory)
  t.same(textsOf(await read(follower, 1, 1)), ['durable'])
  const bytes = statSync(segment).size
  appendFileSync(segment, 'half a frame')
  t.same(textsOf(await read(follower, 1, 1)), ['durable'])
  truncateSync(segment, bytes)
  disk.release()
  await second
  t.same(textsOf(await read(follower, 1, 1)), ['durable'], 'durable by now, and not told yet')
  t.same(textsOf(await read(follower, 2, 2)), ['in flight'])
  await log.close()
})

t.test('what was trimmed is said to be trimmed, and the oldest that is left is where a follower begins', async (t) => {
  const directory = t.testdir()
  const log = await logOf(directory, texts(40))
  const early = await LogFollower.open(directory)
  await log.trim(at(30))
  await t.rejects(read(early, 1, 40), { code: 'QW_LOG_TRIMMED' })
  const late = await LogFollower.open(directory)
  t.equal(late.first, log.first)
  t.ok(late.first > 1)
  t.same(await read(late, late.first, 40), await batchesFrom(log, log.first))
  await log.close()
})

t.test('a log that does not hold what it is said to hold is damaged', async (t) => {
  const [directory, other] = [t.testdir({ a: {}, b: {} }), 'b']
  const log = await logOf(join(directory, 'a'), texts(20))
  await log.close()
  const follower = await LogFollower.open(join(directory, 'a'))
  await t.rejects(read(follower, 1, 21), { code: 'QW_LOG_DAMAGED' })
  const files = segmentFiles(join(directory, 'a'))
  rmSync(files[1] ?? '')
  await t.rejects(read(await LogFollower.open(join(directory, 'a')), 1, 20), { code: 'QW_LOG_DAMAGED' })
  await (await logOf(join(directory, other), texts(3), 1 << 20)).close()
  const [only = ''] = segmentFiles(join(directory, other))
  truncateSync(only, statSync(only).size - 5)
  await t.rejects(read(await LogFollower.open(join(directory, other)), 1, 3), { code: 'QW_LOG_DAMAGED' })
})

t.test('the record is followed in order, over its files, up to what is told', async (t) => {
  const directory = t.testdir()
  const all = transitionsOf(unitsOf(300, '蓬江-1', 'B', 'C'))
  const record = await openRecord(recordSettings(directory, { recordSegmentBytesMax: 5000 }))
  const follower = new RecordFollower(directory)
  t.same(await follower.read(number(0), 10, number(0)), [])
  let since = 0
  for (let appended = 0; appended < all.length; appended += 30) {
    record.append(all.slice(appended, appended + 30))
    await record.sync()
    t.equal(record.written, appended + 30)
    for (const limit of [7, 100, 1000]) {
      const page = await follower.read(number(since), limit, record.written)
      t.same(page, all.slice(since, Math.min(since + limit, appended + 30)))
      since += page.length
    }
  }
  t.equal(since, 300)
  t.ok(readdirSync(directory).length > 3)
  for (const [from, to] of [
    [0, 300],
    [299, 300],
    [150, 151],
    [17, 18],
  ] as const)
    t.same(await follower.read(number(from), 1000, number(to)), all.slice(from, to))
  await record.close()
})

t.test('a line that is longer than what is read at once is read', async (t) => {
  const directory = t.testdir()
  const [first, second, third] = transitionsOf(unitsOf(3, 'A', `long ${'编'.repeat(700_000)}`, 'C'))
  const record = await openRecord(recordSettings(directory, { recordSegmentBytesMax: 1 << 24 }))
  record.append([first, second, third].flatMap((each) => each ?? []))
  await record.sync()
  t.same(await new RecordFollower(directory).read(number(0), 10, number(3)), [first, second, third])
  t.same(await new RecordFollower(directory).read(number(2), 10, number(3)), [third])
  await record.close()
})

t.test('what is told and does not stand in the record is damage, half a line too', async (t) => {
  const directory = t.testdir()
  const record = await openRecord(recordSettings(directory))
  record.append(transitionsOf(unitsOf(5, 'A')))
  await record.close()
  await t.rejects(new RecordFollower(directory).read(number(0), 10, number(6)), { code: 'QW_LOG_DAMAGED' })
  const [file = ''] = readdirSync(directory).map((name) => join(directory, name))
  appendFileSync(file, '{"n":6,"half')
  t.equal((await new RecordFollower(directory).read(number(0), 10, number(5))).length, 5)
  await t.rejects(new RecordFollower(directory).read(number(4), 10, number(6)), { code: 'QW_LOG_DAMAGED' })
  writeFileSync(file, '{"n":9}\n')
  await t.rejects(new RecordFollower(directory).read(number(0), 10, number(1)), { code: 'QW_LOG_DAMAGED' })
  await t.rejects(new RecordFollower(t.testdir()).read(number(0), 10, number(1)), { code: 'QW_LOG_DAMAGED' })
})
