import { constants, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { checkLog } from '../../src/log/check.js'
import { magic } from '../../src/log/frame.js'
import { type Log, type LogIo, type LogSettings, openLog } from '../../src/log/log.js'
import { diskIo } from '../../src/log/log-io.js'
import { openLogReader } from '../../src/log/reader.js'
import { deleteSpare, SpareSegment } from '../../src/log/spare-segment.js'
import { batchesFrom, put, segmentFiles, settingsFor, textsOf } from './fixtures.js'

const segmentBytesMax = 20_000

const spareOf = (directory: string): string => join(directory, 'next.tmp')

const settingsWithSpare = (directory: string, over: Partial<LogSettings> = {}): LogSettings =>
  settingsFor(directory, { segmentBytesMax, zeroAheadBytes: 500, spareFreeBytesMin: 0, ...over })

/** A log and what was put into it, `entry 1`, `entry 2`, ... */
async function begun(settings: LogSettings) {
  const log = await openLog(settings)
  const texts: string[] = []
  const more = async (length = 0) => {
    texts.push(`entry ${log.head + 1}`.padEnd(length))
    await put(log, texts.at(-1) as string)
  }
  const moreUntil = async (holds: () => boolean, length = 0) => {
    while (!holds()) await more(length)
  }
  return { log, texts, more, moreUntil }
}

/** The newest file is zeros up to its end, and far from it: it was prepared. */
const isPrepared = (directory: string, bytesMax = segmentBytesMax): boolean => {
  const newest = segmentFiles(directory).at(-1)
  if (newest === undefined) return false
  const bytes = readFileSync(newest)
  return bytes.length === bytesMax && bytes.lastIndexOf('\n') < bytesMax / 2
}

/** Closes it and looks at everything that is left. */
async function holdsAll(t: Tap, log: Log, texts: readonly string[], settings: LogSettings): Promise<void> {
  const { directory } = settings
  t.same(textsOf(await batchesFrom(log)), texts)
  await log.close()
  t.notOk(existsSync(spareOf(directory)), 'none is left behind')
  t.match(await checkLog(directory), { head: texts.length, faults: [], tornBytes: 0, lostEntries: 0 })
  const again = await openLog(settings)
  t.equal(again.torn, undefined)
  await put(again, 'one more')
  t.same(textsOf(await batchesFrom(again)), [...texts, 'one more'])
  await again.close()
}

type Tap = Pick<typeof t, 'same' | 'notOk' | 'match' | 'equal'>

/** The disk, and what it is asked to write, by the name that the file has. */
function seenDisk(write: LogIo['write'] = diskIo.write) {
  const writes: { readonly name: string; readonly parts: number; readonly isThrough: boolean }[] = []
  const io: LogIo = {
    write: (fd, parts, offset, done) => {
      const name = basename(readlinkSync(`/proc/self/fd/${fd}`))
      const [, octal = '0'] = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
      const isThrough = (Number.parseInt(octal, 8) & constants.O_DSYNC) === constants.O_DSYNC
      writes.push({ name, parts: parts.length, isThrough })
      if (name === 'next.tmp') write(fd, parts, offset, done)
      else diskIo.write(fd, parts, offset, done)
    },
  }
  return { io, writes, of: (name: string) => writes.filter((one) => one.name === name) }
}

t.test('the next segment is prepared, gone on with early, and no frame in it brings zeros with it', async (t) => {
  const { io, writes, of } = seenDisk()
  // So many small entries that it is there long before the first segment is full.
  const bytesMax = 1 << 19
  const settings = settingsWithSpare(t.testdir(), { io, segmentBytesMax: bytesMax })
  const { log, texts, moreUntil } = await begun(settings)
  await moreUntil(() => segmentFiles(settings.directory).length > 1)
  t.ok(isPrepared(settings.directory, bytesMax))
  await moreUntil(() => segmentFiles(settings.directory).length > 2, 5000)
  const [first, second] = segmentFiles(settings.directory) as [string, string]
  const partsOf = (file: string) => of(basename(file)).map(({ parts }) => parts)
  t.ok(of('next.tmp').length > 0)
  t.ok(partsOf(first).includes(2), 'without one zeros are written ahead')
  t.same(new Set(partsOf(second)), new Set([1]))
  t.ok(
    writes.every(({ isThrough }) => isThrough),
    'and everything is written through',
  )
  await holdsAll(t, log, texts, settings)
  const ends = (file: string) => readFileSync(file).lastIndexOf('\n') + 1
  t.ok(ends(first) < bytesMax && ends(second) >= bytesMax)
  t.ok(
    segmentFiles(settings.directory).every((file) => ends(file) === statSync(file).size),
    'sealed',
  )
})

t.test(
  'a spare of any length that a crash has left is no part of the log, and the next start deletes it',
  async (t) => {
    for (const left of [Buffer.alloc(0), Buffer.alloc(7000), Buffer.alloc(segmentBytesMax)]) {
      const settings = settingsWithSpare(t.testdir())
      const { log, texts, more } = await begun(settings)
      await more()
      await log.close()
      writeFileSync(spareOf(settings.directory), left)
      t.match(await openLogReader(settings.directory), { head: 1, torn: undefined, segments: 1 })
      t.match(await checkLog(settings.directory), { head: 1, faults: [], segments: 1 })
      t.ok(existsSync(spareOf(settings.directory)), 'who only reads deletes nothing')
      const again = await openLog(settings)
      t.notOk(existsSync(spareOf(settings.directory)))
      await holdsAll(t, again, texts, settings)
    }
  },
)

/** The log at the moment in which a prepared segment, the newest, holds some frames; and where these begin. */
async function withPrepared(directory: string) {
  const settings = settingsWithSpare(directory)
  const { log, texts, more, moreUntil } = await begun(settings)
  await moreUntil(() => isPrepared(directory))
  for (let left = 6; left > 0; left--) await more()
  const newest = segmentFiles(directory).at(-1) as string
  const bytes = readFileSync(newest)
  const older = segmentFiles(directory).slice(0, -1)
  const copies = older.map((file): [string, Buffer] => [basename(file), readFileSync(file)])
  await log.close()
  const starts: number[] = []
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) starts.push(at)
  return { name: basename(newest), bytes, starts, copies, texts, first: texts.length - starts.length + 1 }
}

t.test(
  'wherever a crash comes after the spare got its name: what was synced is there, what was torn is cut',
  async (t) => {
    const root = t.testdir()
    const made = await withPrepared(root)
    t.ok(made.starts.length > 4 && made.bytes.length === segmentBytesMax)
    let runs = 0
    const property = fc.asyncProperty(
      fc.nat(made.starts.length - 1),
      fc.infiniteStream(fc.boolean()),
      async (whole, kept) => {
        const directory = join(root, `run-${runs++}`)
        mkdirSync(directory)
        for (const [name, bytes] of made.copies) writeFileSync(join(directory, name), bytes)
        // The frame in flight is there by sectors; what comes behind it was never begun.
        const from = made.starts[whole] as number
        const to = made.starts[whole + 1] ?? made.bytes.lastIndexOf('\n') + 1
        const bytes = Buffer.from(made.bytes).fill(0, from)
        for (let at = from; at < to; at = (Math.floor(at / 512) + 1) * 512)
          if (kept.next().value) made.bytes.copy(bytes, at, at, Math.min(to, (Math.floor(at / 512) + 1) * 512))
        writeFileSync(join(directory, made.name), bytes)
        const isThere = bytes.subarray(from, to).equals(made.bytes.subarray(from, to))
        const head = made.first - 1 + whole + (isThere ? 1 : 0)
        const isTorn = !isThere && bytes.subarray(from).some((byte) => byte !== 0)
        const checked = await checkLog(directory)
        const { log, texts, more } = await begun(settingsWithSpare(directory))
        const found = {
          head: log.head,
          torn: log.torn !== undefined,
          checked: checked.head,
          faults: checked.faults.length,
        }
        t.same(found, { head, torn: isTorn, checked: head, faults: 0 }, { diagnostic: false })
        for (let left = 3; left > 0; left--) await more()
        const all = [...made.texts.slice(0, head), ...texts]
        t.same(textsOf(await batchesFrom(log)), all, { diagnostic: false })
        await log.close()
        return (await checkLog(directory)).head === head + 3
      },
    )
    await t.resolves(fc.assert(property, { numRuns: 60 }))
  },
)

t.test('a segment that was found with zeros up to its end is written to its end', async (t) => {
  const directory = t.testdir()
  const settings = settingsWithSpare(directory)
  const made = await withPrepared(join(directory, 'made'))
  for (const [name, bytes] of [...made.copies, [made.name, made.bytes] as const])
    writeFileSync(join(directory, name), bytes)
  const { io, of } = seenDisk()
  const { log, texts, moreUntil } = await begun({ ...settings, io })
  const before = segmentFiles(directory).length
  await moreUntil(() => segmentFiles(directory).length > before)
  t.same(
    of(made.name).filter(({ parts }) => parts !== 1),
    [],
  )
  await holdsAll(t, log, [...made.texts, ...texts], settings)
  t.ok(statSync(join(directory, made.name)).size >= segmentBytesMax)
})

t.test('a spare that cannot be made is no error, and is tried again with the next segment', async (t) => {
  const failing =
    (code: string): LogIo['write'] =>
    (_fd, _parts, _offset, done) =>
      void setImmediate(done, Object.assign(new Error(code), { code }), 0)
  const ways: Record<string, LogIo['write']> = {
    'no space': failing('ENOSPC'),
    'a sync that fails': failing('EIO'),
    'a disk that takes nothing': (_fd, _parts, _offset, done) => void setImmediate(done, null, 0),
  }
  for (const [name, write] of Object.entries(ways)) {
    const { io, of } = seenDisk(write)
    const settings = settingsWithSpare(t.testdir(), { io })
    const { log, texts, moreUntil } = await begun(settings)
    await moreUntil(() => of('next.tmp').length > 0)
    const before = segmentFiles(settings.directory).length
    await moreUntil(() => segmentFiles(settings.directory).length > before)
    t.ok(of('next.tmp').length <= before, `${name}: one try a segment`)
    await moreUntil(() => of('next.tmp').length > before)
    await holdsAll(t, log, texts, { ...settings, io: diskIo })
  }
})

t.test('a disk that takes a spare in parts gets all of it', async (t) => {
  const { io, of } = seenDisk((fd, [zeros], offset, done) =>
    diskIo.write(fd, [(zeros as Buffer).subarray(0, 7001)], offset, done),
  )
  const settings = settingsWithSpare(t.testdir(), { io })
  const { log, texts, moreUntil } = await begun(settings)
  await moreUntil(() => isPrepared(settings.directory))
  t.ok(of('next.tmp').length >= 3)
  await holdsAll(t, log, texts, settings)
})

t.test('a spare that is gone when it is needed: the segment is made as ever', async (t) => {
  const settings = settingsWithSpare(t.testdir())
  const { log, texts, more, moreUntil } = await begun(settings)
  const before = () => segmentFiles(settings.directory).length
  await moreUntil(() => existsSync(spareOf(settings.directory)))
  rmSync(spareOf(settings.directory))
  const files = before()
  await moreUntil(() => before() > files)
  t.notOk(isPrepared(settings.directory))
  await more()
  await holdsAll(t, log, texts, settings)
})

async function readySpare(directory: string): Promise<SpareSegment> {
  const spare = new SpareSegment({ directory, bytes: 5000, freeBytesMin: 0, io: diskIo })
  spare.make()
  spare.make()
  while (!spare.isReady) await turn()
  return spare
}

t.test('a spare never takes the place of a file', async (t) => {
  const directory = t.testdir({ '0000000000000008.seg': 'kept' })
  const path = join(directory, '0000000000000008.seg')
  const spare = await readySpare(directory)
  t.equal(readFileSync(spareOf(directory)).equals(Buffer.alloc(5000)), true)
  await t.rejects(spare.take(path), { message: /EEXIST/ })
  t.equal(readFileSync(path, 'utf8'), 'kept')
  t.equal(await spare.take(join(directory, '0000000000000009.seg')), undefined, 'it is not trusted any more')
  await deleteSpare(directory)
  t.notOk(existsSync(spareOf(directory)))
})

t.test('without a descriptor a spare waits, and with one it is taken; taken it cannot be given back', async (t) => {
  const directory = t.testdir()
  const spare = await readySpare(directory)
  const path = join(directory, '0000000000000001.seg')
  const { open } = promises
  t.teardown(() => give({ open }))
  give({ open: () => Promise.reject(Object.assign(new Error('EMFILE'), { code: 'EMFILE' })) })
  await t.rejects(spare.take(path), { code: 'EMFILE' })
  t.notOk(existsSync(path))
  t.equal(spare.isReady, true)
  give({ open })
  const taken = spare.take(path)
  t.equal(await spare.discard(), false)
  const file = await taken
  t.equal((await file?.stat())?.size, 5000)
  t.equal(existsSync(spareOf(directory)), false)
  await file?.close()
})

function give(functions: object): void {
  Object.assign(promises, functions)
  syncBuiltinESMExports()
}

t.test('where little is free no spare is made, and one that is there is given back', async (t) => {
  const { statfs } = promises
  let freeBytes = 59_999
  const free = { statfs: async () => ({ bavail: freeBytes, bsize: 1 }) }
  t.teardown(() => give({ statfs }))
  give(free)
  const { io, of } = seenDisk()
  const settings = settingsWithSpare(t.testdir(), { io, spareFreeBytesMin: 40_000 })
  const { log, texts, moreUntil } = await begun(settings)
  await moreUntil(() => segmentFiles(settings.directory).length > 2)
  t.same(of('next.tmp'), [], 'its 20,000 bytes would leave less than 40,000')
  freeBytes = 60_000
  await moreUntil(() => isPrepared(settings.directory))
  const spare = spareOf(settings.directory)
  await moreUntil(() => existsSync(spare))
  t.equal(await log.freeBytes(), 60_000)
  t.ok(existsSync(spare))
  freeBytes = 39_999
  t.equal(await log.freeBytes(), 39_999)
  t.notOk(existsSync(spare))
  await holdsAll(t, log, texts, settings)
})

t.test('a log without zeros ahead prepares nothing, and neither does one that is not told to', async (t) => {
  for (const over of [{ zeroAheadBytes: 0 }, { spareFreeBytesMin: Number.POSITIVE_INFINITY }]) {
    const { io, of } = seenDisk()
    const settings = settingsWithSpare(t.testdir(), { io, ...over })
    const { log, texts, moreUntil } = await begun(settings)
    await moreUntil(() => segmentFiles(settings.directory).length > 2)
    t.same(of('next.tmp'), [])
    await holdsAll(t, log, texts, settings)
  }
})
