import { constants, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { UnixMs } from '../../src/core/names.js'
import { checkLog } from '../../src/log/check.js'
import { type CommittedBatch, type LogIo, openLog } from '../../src/log/log.js'
import { diskIo } from '../../src/log/log-io.js'
import { readBatches } from '../../src/log/read-batches.js'
import { at, batchesFrom, entryOf, heldDisk, put, segmentFiles, settingsFor, textOf, textsOf } from './fixtures.js'

t.test('what was appended is read back, with its position, its line and the batch it came in', async (t) => {
  const seen: CommittedBatch[] = []
  const log = await openLog(settingsFor(t.testdir(), { onBatch: (batch) => seen.push(batch) }))
  t.equal(log.first, 1)
  t.equal(log.head, 0)
  const one = log.append([entryOf('a'), entryOf('编制 "\n\u2028 𝄞 \ud800')])
  t.equal(one.first, 1)
  await one.durable
  const two = log.append([entryOf('c')])
  t.equal(two.first, 3)
  t.equal(log.pendingEntries, 1)
  t.ok(log.pendingBytes > 50)
  await two.durable
  t.equal(log.head, 3)
  t.equal(log.pendingEntries, 0)
  t.equal(log.pendingBytes, 0)
  const batches = await batchesFrom(log)
  t.same(batches, seen, 'as they were handed to onBatch')
  t.same(textsOf(batches), ['a', '编制 "\n\u2028 𝄞 \ud800', 'c'])
  for (const batch of batches)
    t.same(
      batch.lines,
      batch.entries.map((entry) => JSON.stringify(entry)),
    )
  t.same(
    batches.map((batch) => batch.firstPosition),
    [1, 3],
  )
  await log.close()
})

t.test('a log that is opened again goes on where it ended', async (t) => {
  const settings = settingsFor(t.testdir())
  for (const text of ['a', 'b', 'c']) {
    const log = await openLog(settings)
    await put(log, text)
    await log.close()
    t.equal(log.torn, undefined)
  }
  const log = await openLog(settings)
  t.equal(log.head, 3)
  t.same(textsOf(await batchesFrom(log)), ['a', 'b', 'c'])
  t.same(textsOf(await batchesFrom(log, 3)), ['c'])
  t.same(await batchesFrom(log, 4), [])
  await log.close()
})

t.test('entries of one kind are found, wherever in a batch and however much text looks like one', async (t) => {
  const log = await openLog(settingsFor(t.testdir(), { segmentBytesMax: 300 }))
  const skipped = (position: number): LogEntry => ({ kind: 'skipped', position: at(position), error: 'e', stack: 's' })
  const lookalike = '\n{"kind":"skipped","position":7}'
  await log.append([entryOf(lookalike), { kind: 'tick' }]).durable
  await log.append([entryOf('b'), skipped(1), entryOf('c')]).durable
  for (let i = 0; i < 5; i++) await put(log, lookalike)
  await log.append([skipped(4), skipped(5)]).durable
  await log.append([{ kind: 'tick' }]).durable
  const found = async (from: number) => {
    const placed: [number, number][] = []
    for await (const { position, entry } of log.find('skipped', at(from))) placed.push([position, entry.position])
    return placed
  }
  t.same(await found(1), [
    [4, 1],
    [11, 4],
    [12, 5],
  ])
  t.same(await found(12), [[12, 5]], 'from the middle of a batch')
  t.same(await found(13), [])
  t.same(await found(14), [], 'behind the head')
  const ticks: number[] = []
  for await (const { position } of log.find('tick', at(1))) ticks.push(position)
  t.same(ticks, [2, 13])
  await log.close()
})

t.test('while one sync is in flight all that is appended gathers in one batch', async (t) => {
  const disk = heldDisk()
  const sizes: number[] = []
  const log = await openLog(
    settingsFor(t.testdir(), { io: disk.io, onBatch: (batch) => sizes.push(batch.entries.length) }),
  )
  const first = put(log, 'first')
  await disk.arrived()
  const rest = Array.from({ length: 500 }, (_, index) => log.append([entryOf(`e${index}`)]).durable)
  t.equal(new Set(rest).size, 1, 'one promise for all')
  t.equal(log.head, 0, 'nothing is acknowledged before its sync')
  disk.release()
  await first
  await disk.arrived()
  t.equal(log.pendingEntries, 500)
  disk.release()
  await Promise.all(rest)
  t.same(sizes, [1, 500])
  t.equal(disk.writes(), 2)
  await log.close()
})

t.test('a batch is bounded by entries and by bytes, and what is more comes in further batches', async (t) => {
  const bounds = { batchEntriesMax: 4, batchBytesMax: 1000 }
  const sizes: number[] = []
  const log = await openLog(
    settingsFor(t.testdir(), { ...bounds, onBatch: (batch) => sizes.push(batch.entries.length) }),
  )
  const { durable } = log.append(Array.from({ length: 10 }, () => entryOf('small')))
  await durable
  t.same(sizes.splice(0), [4, 4, 2], 'the promise is that of the last entry')
  await log.append(Array.from({ length: 5 }, () => entryOf('x'.repeat(600)))).durable
  t.same(sizes, [2, 2, 1])
  t.equal(textsOf(await batchesFrom(log)).length, 15)
  await log.close()
})

t.test('onBatch comes in order, after the head has moved and before durable resolves', async (t) => {
  const order: string[] = []
  const log = await openLog(
    settingsFor(t.testdir(), {
      batchEntriesMax: 1,
      onBatch: (batch) => order.push(`batch ${batch.firstPosition} head ${log.head}`),
    }),
  )
  await Promise.all(['a', 'b', 'c'].map((text, index) => put(log, text).then(() => order.push(`durable ${index + 1}`))))
  t.same(order, ['batch 1 head 1', 'durable 1', 'batch 2 head 2', 'durable 2', 'batch 3 head 3', 'durable 3'])
  await log.close()
})

t.test('nowMs never goes back, in one process or over a restart', async (t) => {
  const directory = t.testdir()
  const times = [1000, 500, 2000, 1999, 1, 2001]
  let turn = 0
  const settings = settingsFor(directory, { clock: () => (times[turn++] ?? 0) as UnixMs })
  let log = await openLog(settings)
  for (const text of ['a', 'b', 'c', 'd']) await put(log, text)
  await log.close()
  log = await openLog(settings)
  t.equal(log.nowMs, 2000)
  for (const text of ['e', 'f']) await put(log, text)
  t.same(
    (await batchesFrom(log)).map((batch) => batch.nowMs),
    [1000, 1000, 2000, 2000, 2000, 2001],
  )
  await log.close()
})

t.test('a write or sync that fails is fatal: nothing pending is acknowledged, nothing is retried', async (t) => {
  for (const failure of ['EIO: fdatasync', 'ENOSPC: write']) {
    let writes = 0
    const fatal: Error[] = []
    const acknowledged: unknown[] = []
    const log = await openLog(
      settingsFor(t.testdir(), {
        batchEntriesMax: 1,
        onBatch: (batch) => acknowledged.push(textOf(batch.entries[0])),
        onFatal: (error) => fatal.push(error),
        io: {
          write: (fd, parts, offset, done) => {
            if (++writes === 1) diskIo.write(fd, parts, offset, done)
            else setImmediate(done, new Error(failure), 0)
          },
        },
      }),
    )
    await put(log, 'good')
    const lost = ['in flight', 'gathering', 'behind it'].map((text) => put(log, text))
    for (const durable of lost) await t.rejects(durable, { message: `the log cannot be written: ${failure}` })
    t.same(acknowledged, ['good'])
    t.equal(fatal.length, 1)
    t.equal(writes, 2)
    t.equal(log.head, 1)
    t.throws(() => log.append([entryOf('late')]), { message: /cannot be written/ })
    await log.close()
  }
})

t.test('a frame whose sync failed may be in memory only: the next start writes it again first', async (t) => {
  const directory = t.testdir()
  let fails = false
  const breaking: LogIo = {
    write: (fd, parts, offset, done) =>
      diskIo.write(fd, parts, offset, (error, bytes) => done(fails ? new Error('EIO: fdatasync') : error, bytes)),
  }
  const log = await openLog(settingsFor(directory, { io: breaking, onFatal: () => {} }))
  await put(log, 'kept')
  const [file] = segmentFiles(directory) as [string]
  const offset = readFileSync(file).indexOf('kept') + 'kept"}\n'.length
  fails = true
  await t.rejects(put(log, 'in memory'), { message: /EIO/ })
  const seen = readFileSync(file)
  await log.close()
  // As a process leaves it that ends at once.
  writeFileSync(file, seen)
  const end = readFileSync(file).indexOf('in memory') + 'in memory"}\n'.length

  const failing: LogIo = { write: (_fd, _parts, _at, done) => done(new Error('EIO: again'), 0) }
  await t.rejects(openLog(settingsFor(directory, { io: failing })), { message: /EIO: again/ }, 'nothing is built on it')
  const writes: { at: number; bytes: Buffer }[] = []
  const seeing: LogIo = {
    write: (fd, parts, at, done) => {
      writes.push({ at, bytes: Buffer.concat(parts) })
      diskIo.write(fd, parts, at, done)
    },
  }
  const again = await openLog(settingsFor(directory, { io: seeing }))
  t.same(writes, [{ at: offset, bytes: readFileSync(file).subarray(offset, end) }])
  t.same(textsOf(await batchesFrom(again)), ['kept', 'in memory'])
  await again.close()
})

t.test('every segment is written through: the first, the next and one that is gone on with', async (t) => {
  const flags: number[] = []
  const io: LogIo = {
    write: (fd, parts, offset, done) => {
      const [, octal] = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
      flags.push(Number.parseInt(octal ?? '0', 8))
      diskIo.write(fd, parts, offset, done)
    },
  }
  const settings = settingsFor(t.testdir(), { io, segmentBytesMax: 200 })
  for (let start = 0; start < 2; start++) {
    const log = await openLog(settings)
    for (const text of ['a', 'b', 'c']) await put(log, text)
    await log.close()
  }
  t.ok(flags.length >= 6)
  t.ok(flags.every((flag) => (flag & constants.O_DSYNC) === constants.O_DSYNC))
})

t.test('zeros are written ahead once for many batches, and not at all past the end of a segment', async (t) => {
  const ahead: number[] = []
  const io: LogIo = {
    write: (fd, parts, offset, done) => {
      ahead.push(parts[1]?.length ?? 0)
      diskIo.write(fd, parts, offset, done)
    },
  }
  const log = await openLog(settingsFor(t.testdir(), { io, zeroAheadBytes: 500, segmentBytesMax: 1100 }))
  for (let index = 0; index < 9; index++) await put(log, 'x')
  await log.close()
  // A frame of one such entry has 129 bytes.
  t.same(ahead, [500, 0, 0, 0, 455, 0, 0, 0, 0])
})

t.test('a disk that takes only a part of a write gets the rest', async (t) => {
  const log = await openLog(
    settingsFor(t.testdir(), {
      io: {
        write: (fd, parts, offset, done) => {
          const all = Buffer.concat(parts)
          diskIo.write(fd, [all.subarray(0, Math.ceil(all.length / 3))], offset, done)
        },
      },
    }),
  )
  for (const text of ['a', 'b', 'c']) await put(log, text)
  t.same(textsOf(await batchesFrom(log)), ['a', 'b', 'c'])
  await log.close()
})

t.test('a disk that takes nothing is a disk that fails', async (t) => {
  const fatal: Error[] = []
  const io = { write: (_fd: number, _parts: unknown, _at: number, done: (e: null, n: number) => void) => done(null, 0) }
  const log = await openLog(settingsFor(t.testdir(), { io, onFatal: (error) => fatal.push(error) }))
  await t.rejects(put(log, 'a'), { message: /took nothing/ })
  t.equal(fatal.length, 1)
  await log.close()
})

t.test('after close nothing is taken, and what was pending is durable', async (t) => {
  const disk = heldDisk()
  const log = await openLog(settingsFor(t.testdir(), { io: disk.io, batchEntriesMax: 1 }))
  const pending = [put(log, 'a'), put(log, 'b')]
  const closed = log.close()
  t.throws(() => log.append([entryOf('late')]), { code: 'QW_STOPPING' })
  for (const durable of pending) {
    await disk.arrived()
    disk.release()
    await durable
  }
  await closed
  t.equal(log.head, 2)
})

t.test('an append without an entry is a defect', async (t) => {
  const log = await openLog(settingsFor(t.testdir()))
  t.throws(() => log.append([]))
  await log.close()
})

t.test('a new segment begins when one is full; the log reads as one', async (t) => {
  const directory = t.testdir()
  const settings = settingsFor(directory, { segmentBytesMax: 1000 })
  let log = await openLog(settings)
  const texts = Array.from({ length: 40 }, (_, index) => `entry ${index}`)
  for (const text of texts.slice(0, 25)) await put(log, text)
  await log.close()
  log = await openLog(settings)
  for (const text of texts.slice(25)) await put(log, text)
  t.ok(segmentFiles(directory).length > 4)
  t.same(textsOf(await batchesFrom(log)), texts)
  for (const from of [1, 7, 8, 20, 39, 40]) t.same(textsOf(await batchesFrom(log, from)), texts.slice(from - 1))
  await log.close()
  for (const file of segmentFiles(directory)) t.ok(statSync(file).size < 1400, 'no zeros are left behind')
})

t.test('trimming by age keeps what is young, also below the position', async (t) => {
  const directory = t.testdir()
  let nowMs = 1_700_000_000_000
  const log = await openLog(settingsFor(directory, { segmentBytesMax: 1000, clock: () => nowMs as UnixMs }))
  for (let index = 1; index <= 40; index++) {
    nowMs += 1000
    await put(log, `entry ${index}`)
  }
  t.equal(await log.trim(at(40), 1_700_000_001_000 as UnixMs), 0)
  t.ok((await log.trim(at(40), 1_700_000_020_000 as UnixMs)) >= 1)
  t.ok(log.first > 1 && log.first <= 20, 'entry 20 was made at that moment')
  await log.close()
})

t.test('trimming deletes whole segments below a position, and never the newest', async (t) => {
  const directory = t.testdir()
  const settings = settingsFor(directory, { segmentBytesMax: 1000 })
  let log = await openLog(settings)
  for (let index = 1; index <= 40; index++) await put(log, `entry ${index}`)
  t.equal(await log.trim(at(1)), 0)
  const before = segmentFiles(directory).length
  const deleted = await log.trim(at(20))
  t.ok(deleted >= 1)
  t.equal(segmentFiles(directory).length, before - deleted)
  t.ok(log.first > 1 && log.first <= 20)
  t.equal(textOf((await batchesFrom(log, log.first))[0]?.entries[0]), `entry ${log.first}`)
  await t.rejects(batchesFrom(log, 1), { code: 'QW_LOG_TRIMMED', detail: { first: log.first } })
  await t.rejects(batchesFrom(log, log.first - 1), { code: 'QW_LOG_TRIMMED' })
  await log.trim(at(1000))
  t.equal(segmentFiles(directory).length, 1)
  t.same(JSON.parse(readFileSync(join(directory, 'trimmed.json'), 'utf8')), { first: log.first })
  t.match(await checkLog(directory), { faults: [], firstPosition: log.first })
  await log.close()
  log = await openLog(settings)
  t.equal(log.head, 40)
  t.equal(log.nowMs, 1_700_000_000_000)
  t.ok(log.first > 20)
  await put(log, 'entry 41')
  t.same(textsOf(await batchesFrom(log, 40)).slice(-2), ['entry 40', 'entry 41'])
  await log.close()
})

t.test('what stands at the position itself is kept, also as the last of its segment', async (t) => {
  const directory = t.testdir()
  const log = await openLog(settingsFor(directory, { segmentBytesMax: 1000 }))
  for (let index = 1; index <= 40; index++) await put(log, `entry ${index}`)
  const [, second = 0, third = 0] = segmentFiles(directory).map((file) => Number(/(\d{16})\.seg$/.exec(file)?.[1]))
  t.equal(await log.trim(at(second - 1)), 0)
  t.equal(log.first, 1)
  t.equal(await log.trim(at(second)), 1)
  t.equal(log.first, second)
  t.equal(await log.trim(at(third - 1)), 0)
  t.equal(textOf((await batchesFrom(log, third - 1))[0]?.entries[0]), `entry ${third - 1}`)
  await log.close()
})

t.test('a reader that is overtaken by trimming is told so', async (t) => {
  const log = await openLog(settingsFor(t.testdir(), { segmentBytesMax: 500 }))
  for (let index = 1; index <= 30; index++) await put(log, `entry ${index}`)
  const reader = log.read(at(1))[Symbol.asyncIterator]()
  t.equal((await reader.next()).value?.firstPosition, 1)
  await log.trim(at(30))
  const rest = async () => {
    while (!(await reader.next()).done);
  }
  await t.rejects(rest(), { code: 'QW_LOG_TRIMMED' })
  await log.close()
})

t.test('a reader follows what is appended while it reads', async (t) => {
  const log = await openLog(settingsFor(t.testdir(), { segmentBytesMax: 2000 }))
  await put(log, 'entry 1')
  const texts: unknown[] = []
  for await (const batch of log.read(at(1))) {
    texts.push(...batch.entries.map(textOf))
    if (log.head < 200) await put(log, `entry ${log.head + 1}`, `entry ${log.head + 2}`)
  }
  t.same(
    texts,
    Array.from({ length: log.head }, (_, index) => `entry ${index + 1}`),
  )
  t.ok(log.head >= 200)
  await log.close()
})

t.test('readers and appenders do not disturb each other', async (t) => {
  const log = await openLog(settingsFor(t.testdir(), { segmentBytesMax: 5000, batchEntriesMax: 7 }))
  const appending = Promise.all(
    Array.from({ length: 8 }, async (_, who) => {
      for (let index = 0; index < 100; index++) await put(log, `${who} ${index} ${'x'.repeat(index)}`)
    }),
  )
  // Reading an empty log awaits no I/O, and would let nobody else have a turn.
  await put(log, 'first')
  while (log.pendingEntries > 0) {
    const texts = textsOf(await batchesFrom(log))
    for (let who = 0; who < 8; who++) {
      const own = texts.map(String).filter((text) => text.startsWith(`${who} `))
      if (!own.every((text, index) => text.startsWith(`${who} ${index} `))) t.fail(`order of appender ${who}`)
    }
  }
  await appending
  t.equal(textsOf(await batchesFrom(log)).length, 801)
  await log.close()
})

t.test('any batches, any settings, any restarts: what is read is what was appended', async (t) => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 12 })
  const step = fc.oneof({ weight: 5, arbitrary: texts }, { weight: 1, arbitrary: fc.constant('reopen' as const) })
  const bounds = fc.record({
    segmentBytesMax: fc.integer({ min: 1, max: 4000 }),
    zeroAheadBytes: fc.integer({ min: 0, max: 3000 }),
    spareFreeBytesMin: fc.constantFrom(0, Number.POSITIVE_INFINITY),
    batchEntriesMax: fc.integer({ min: 1, max: 5 }),
    batchBytesMax: fc.integer({ min: 1, max: 2000 }),
  })
  const root = t.testdir()
  let runs = 0
  const property = fc.asyncProperty(bounds, fc.array(step, { maxLength: 20 }), fc.nat(), async (bound, steps, seed) => {
    const settings = settingsFor(join(root, `run-${runs++}`), bound)
    let log = await openLog(settings)
    const model: string[] = []
    for (const now of steps) {
      if (now === 'reopen') {
        await log.close()
        log = await openLog(settings)
        continue
      }
      const { first, durable } = log.append(now.map(entryOf))
      if (first !== model.length + 1) throw new Error(`position ${first} instead of ${model.length + 1}`)
      model.push(...now)
      if (seed % 2 === 0) await durable
    }
    await log.close()
    log = await openLog(settings)
    const from = 1 + (seed % (model.length + 1))
    const batches = await batchesFrom(log, from)
    await log.close()
    const begin = batches[0]?.firstPosition ?? model.length + 1
    t.same(textsOf(batches), model.slice(begin - 1), { diagnostic: false })
    return begin <= from && log.head === model.length
  })
  await t.resolves(fc.assert(property, { numRuns: 60 }))
})

t.test('free bytes are those of the disk that holds the log', async (t) => {
  const log = await openLog(settingsFor(t.testdir()))
  t.ok((await log.freeBytes()) > 1 << 20)
  await log.close()
})

t.test('a segment that grows when its end has just been reached is read on, and is no damage', async (t) => {
  const directory = t.testdir()
  let nowMs = 1000
  const log = await openLog(settingsFor(directory, { clock: () => nowMs++ as UnixMs }))
  for (const text of ['a', 'b']) await put(log, text)
  const [path] = segmentFiles(directory) as [string]
  const bytesBefore = wholeBytesIn(path)
  await put(log, 'c')
  const segment = { first: at(1), path, bytes: bytesBefore, marks: [] }
  let looks = 0
  const extent = {
    first: at(1),
    segments: [segment],
    get head() {
      // Asked before the segment is opened, at its end, and whether there is more.
      if (++looks > 2) segment.bytes = statSync(path).size
      return at(looks > 2 ? 3 : 2)
    },
  }
  const batches: CommittedBatch[] = []
  for await (const batch of readBatches(extent, at(1))) batches.push(batch)
  t.same(textsOf(batches), ['a', 'b', 'c'])
  await log.close()
})

/** As far as the zeros that are written ahead. */
function wholeBytesIn(path: string): number {
  const bytes = readFileSync(path)
  let end = bytes.length
  while (bytes[end - 1] === 0) end--
  return end
}
