import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { QwError } from '../../src/core/errors.js'
import { checkLog, exportLog } from '../../src/log/check.js'
import { magic } from '../../src/log/frame.js'
import { openLog } from '../../src/log/log.js'
import { openLogReader } from '../../src/log/reader.js'
import { batchesFrom, put, segmentFiles, settingsFor, textsOf } from './fixtures.js'

interface Made {
  readonly directory: string
  readonly files: readonly string[]
  /** Where each batch begins in its file, by position. */
  readonly frames: readonly { readonly file: string; readonly offset: number; readonly position: number }[]
}

/** One entry to a batch, so that positions and batches are the same thing. */
async function makeLog(directory: string, entries: number, segmentBytesMax: number): Promise<Made> {
  const log = await openLog(settingsFor(directory, { segmentBytesMax }))
  for (let index = 1; index <= entries; index++) await put(log, `entry ${index}`)
  await log.close()
  const files = segmentFiles(directory)
  let position = 0
  const frames = files.flatMap((file) => {
    const bytes = readFileSync(file)
    const found = []
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1))
      found.push({ file, offset: at, position: ++position })
    return found
  })
  return { directory, files, frames }
}

const nameless = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `entry ${from + index}`)

/** What opening and reading all of it says. */
async function fate(directory: string): Promise<{ texts: unknown[]; tornBytes: number } | QwError> {
  try {
    const log = await openLog(settingsFor(directory))
    try {
      return { texts: textsOf(await batchesFrom(log, log.first)), tornBytes: log.torn?.bytes ?? 0 }
    } finally {
      await log.close()
    }
  } catch (error) {
    if (error instanceof QwError) return error
    throw error
  }
}

t.test('a write torn at any byte is cut; all before it stays and the log goes on', async (t) => {
  const made = await makeLog(t.testdir(), 4, 1 << 20)
  const [file] = made.files as [string]
  const whole = readFileSync(file)
  const last = made.frames.at(-1)?.offset ?? 0
  const cutAt = async (end: number, zerosBehind: number) => {
    writeFileSync(file, Buffer.concat([whole.subarray(0, end), Buffer.alloc(zerosBehind)]))
    const figures = await checkLog(made.directory)
    const log = await openLog(settingsFor(made.directory))
    const { bytes, keptAs } = log.torn ?? {}
    const torn = end === last ? undefined : { file, position: 4, offset: last, bytes, keptAs }
    t.same([log.head, log.torn, bytes ?? 0], [3, torn, figures.tornBytes])
    if (keptAs) t.same(readFileSync(keptAs), whole.subarray(last, last + (bytes ?? 0)))
    await put(log, 'again')
    t.same(textsOf(await batchesFrom(log)), [...nameless(3), 'again'])
    await log.close()
  }
  for (const zerosBehind of [0, 500]) for (let end = last; end < whole.length; end++) await cutAt(end, zerosBehind)
})

t.test('a write of which any parts are missing is cut', async (t) => {
  const made = await makeLog(t.testdir(), 4, 1 << 20)
  const [file] = made.files as [string]
  const whole = readFileSync(file)
  const last = made.frames.at(-1)?.offset ?? 0
  const hole = fc.tuple(fc.integer({ min: last, max: whole.length - 1 }), fc.integer({ min: 1, max: 60 }))
  const property = fc.asyncProperty(
    fc.array(hole, { minLength: 1, maxLength: 4 }),
    fc.nat(900),
    async (holes, zeros) => {
      const torn = Buffer.concat([whole, Buffer.alloc(zeros)])
      for (const [from, bytes] of holes) torn.fill(0, from, Math.min(from + bytes, whole.length))
      writeFileSync(file, torn)
      const found = await fate(made.directory)
      const survived = torn.compare(whole, 0, whole.length, 0, whole.length) === 0
      return !(found instanceof QwError) && found.texts.length === (survived ? 4 : 3)
    },
  )
  await t.resolves(fc.assert(property, { numRuns: 200 }))
})

t.test('a flipped bit before the last batch is damage, with file, byte, position and reason', async (t) => {
  const made = await makeLog(t.testdir(), 12, 500)
  t.ok(made.files.length >= 3)
  const spot = fc.record({ frame: fc.nat(made.frames.length - 2), bit: fc.nat(8 * 100) })
  const property = fc.asyncProperty(spot, async ({ frame, bit }) => {
    const hit = made.frames[frame] as Made['frames'][number]
    const bytes = readFileSync(hit.file)
    const next = made.frames[frame + 1]
    const end = next?.file === hit.file ? next.offset : bytes.length
    const byte = hit.offset + (Math.floor(bit / 8) % (end - hit.offset))
    const before = Buffer.from(bytes)
    bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (bit % 8))
    writeFileSync(hit.file, bytes)
    const found = await fate(made.directory)
    const { faults } = await checkLog(made.directory)
    writeFileSync(hit.file, before)
    if (!(found instanceof QwError)) return false
    const { file, offset, position, reason } = found.detail
    const where = file === hit.file && offset === hit.offset && position === hit.position
    const lost = { file: hit.file, offset: hit.offset, from: hit.position, to: hit.position }
    t.match(faults, [lost], 'check names the same place, and what is lost')
    return found.code === 'QW_LOG_DAMAGED' && where && String(reason).length > 5
  })
  await t.resolves(fc.assert(property, { numRuns: 300 }))
})

t.test('zeros in the middle, before a whole frame, are damage and not the end', async (t) => {
  const made = await makeLog(t.testdir(), 4, 1 << 20)
  const [, second, third] = made.frames
  if (second === undefined || third === undefined) throw new Error('too few frames')
  const bytes = readFileSync(second.file)
  bytes.fill(0, second.offset, third.offset)
  writeFileSync(second.file, bytes)
  await t.rejects(openLog(settingsFor(made.directory)), {
    code: 'QW_LOG_DAMAGED',
    detail: { position: 2, offset: second.offset },
  })
  t.same(readFileSync(second.file), bytes, 'and nothing was cut')
})

t.test('whole frames in the wrong order are damage', async (t) => {
  const made = await makeLog(t.testdir(), 5, 1 << 20)
  const [, second, third, fourth] = made.frames
  if (second === undefined || third === undefined || fourth === undefined) throw new Error('too few frames')
  const bytes = readFileSync(second.file)
  const swapped = Buffer.concat([
    bytes.subarray(0, second.offset),
    bytes.subarray(third.offset, fourth.offset),
    bytes.subarray(second.offset, third.offset),
    bytes.subarray(fourth.offset),
  ])
  writeFileSync(second.file, swapped)
  await t.rejects(openLog(settingsFor(made.directory)), {
    code: 'QW_LOG_DAMAGED',
    detail: { position: 2, offset: second.offset, reason: 'a frame of position 3 stands here' },
  })
})

t.test('an earlier segment that ends early is damage when it is read, or before', async (t) => {
  const made = await makeLog(t.testdir(), 12, 500)
  const [first] = made.files as [string]
  const lastOfFirst = made.frames.findLast((frame) => frame.file === first)
  truncateSync(first, lastOfFirst?.offset)
  const damage = { code: 'QW_LOG_DAMAGED', detail: { file: first, position: lastOfFirst?.position } }
  const position = lastOfFirst?.position
  t.match((await checkLog(made.directory)).faults, [{ from: position, to: position, reason: /stands here; the file/ }])
  const log = await openLog(settingsFor(made.directory))
  await t.rejects(batchesFrom(log), damage)
  await log.close()
  const checked = openLog(settingsFor(made.directory, { checkBytesMax: 1 << 20 }))
  await t.rejects(checked, damage, 'or when it is opened, as far back as is checked then')
})

t.test('damage in any segment stops the opening, as far back as is checked then', async (t) => {
  const made = await makeLog(t.testdir(), 12, 500)
  const [first, second] = made.files as [string, string]
  const sizeOfOthers = made.files.slice(1).reduce((sum, file) => sum + readFileSync(file).length, 0)
  const bytes = readFileSync(first)
  bytes[60] = (bytes[60] ?? 0) ^ 1
  writeFileSync(first, bytes)
  const opened = async (checkBytesMax: number) => {
    const log = await openLog(settingsFor(made.directory, { checkBytesMax }))
    await log.close()
  }
  await opened(0)
  await opened(sizeOfOthers)
  const damage = { code: 'QW_LOG_DAMAGED', detail: { file: first, offset: 0, position: 1 } }
  await t.rejects(opened(sizeOfOthers + 1), damage)
  rmSync(second)
  await t.rejects(opened(0), { code: 'QW_LOG_DAMAGED' }, 'a missing file is noticed without reading')
})

t.test('a missing segment is noticed when the log is opened', async (t) => {
  const made = await makeLog(t.testdir(), 12, 500)
  const [, second, third] = made.files as [string, string, string]
  rmSync(second)
  await t.rejects(openLog(settingsFor(made.directory)), { code: 'QW_LOG_DAMAGED', detail: { file: third, offset: 0 } })
})

t.test('a crash between a new segment and its first batch loses nothing', async (t) => {
  for (const left of [Buffer.alloc(0), Buffer.alloc(300), magic, Buffer.concat([Buffer.alloc(60), magic])]) {
    const made = await makeLog(t.testdir(), 7, 500)
    writeFileSync(join(made.directory, '0000000000000008.seg'), left)
    const log = await openLog(settingsFor(made.directory))
    t.equal(log.head, 7)
    t.equal(log.torn?.bytes ?? 0, left.indexOf(magic) < 0 ? 0 : left.length)
    await put(log, 'entry 8')
    t.same(textsOf(await batchesFrom(log)), nameless(8))
    await log.close()
  }
})

t.test('a first segment without a batch is an empty log', async (t) => {
  for (const left of [Buffer.alloc(0), Buffer.alloc(4096)]) {
    const directory = t.testdir()
    writeFileSync(join(directory, '0000000000000001.seg'), left)
    const log = await openLog(settingsFor(directory))
    t.equal(log.head, 0)
    await put(log, 'entry 1')
    t.same(textsOf(await batchesFrom(log)), ['entry 1'])
    await log.close()
  }
})

t.test('a new segment without a batch does not hide that the one before ends early', async (t) => {
  const made = await makeLog(t.testdir(), 7, 1 << 20)
  const [file] = made.files as [string]
  truncateSync(file, made.frames.at(-1)?.offset)
  writeFileSync(join(made.directory, '0000000000000008.seg'), '')
  await t.rejects(openLog(settingsFor(made.directory)), { code: 'QW_LOG_DAMAGED', detail: { position: 8 } })
  t.match(await checkLog(made.directory), { head: 7, lostEntries: 1, faults: [{ from: 7, to: 7 }] })
})

t.test('a log that a newer program has written is never cut', async (t) => {
  const made = await makeLog(t.testdir(), 3, 1 << 20)
  const last = made.frames.at(-1)
  if (last === undefined) throw new Error('no frame')
  const bytes = readFileSync(last.file)
  bytes.writeUInt32LE(2, last.offset + 4)
  writeFileSync(last.file, bytes)
  await t.rejects(openLog(settingsFor(made.directory)), { code: 'QW_LOG_DAMAGED', message: /format 2/ })
  t.same(readFileSync(last.file), bytes)
  t.match((await checkLog(made.directory)).faults, [{ offset: last.offset, reason: /format 2/ }])
})

t.test('a segment of another log in between is damage', async (t) => {
  const root = t.testdir({ a: {}, b: {} })
  const ours = await makeLog(join(root, 'a'), 12, 500)
  const theirs = await makeLog(join(root, 'b'), 12, 400)
  const [, second] = ours.files as [string, string]
  const stranger = theirs.files.find((file) => basename(file) !== basename(second) && file !== theirs.files[0])
  copyFileSync(stranger as string, second)
  t.not((await checkLog(ours.directory)).faults.length, 0)
  await t.rejects(openLog(settingsFor(ours.directory, { checkBytesMax: 1 << 20 })), { code: 'QW_LOG_DAMAGED' })
})

t.test('nobody can forge a frame by what they send', async (t) => {
  const made = await makeLog(t.testdir(), 2, 1 << 20)
  const frame = readFileSync(made.files[0] as string).toString('latin1')
  const log = await openLog(settingsFor(made.directory))
  await put(log, frame)
  await log.close()
  const [file] = made.files as [string]
  truncateSync(file, readFileSync(file).length - 1)
  const found = await fate(made.directory)
  t.notOk(found instanceof QwError, 'the torn batch holds the text of a frame, and is torn all the same')
})

t.test('files that are missing at the beginning are damage, unless they were trimmed or may have been', async (t) => {
  const { directory, files } = await makeLog(t.testdir(), 12, 300)
  const [oldest, second] = files as [string, string]
  rmSync(oldest)
  const first = Number(basename(second, '.seg'))
  const fault = { file: second, offset: 0, from: 1, to: first - 1 }
  for (const mayBeTrimmed of [false, true]) {
    t.match(await checkLog(directory, { mayBeTrimmed }), { faults: [fault], lostEntries: first - 1 })
    t.match(await exportLog(directory, { mayBeTrimmed }, () => undefined), [fault])
    t.match(await openLogReader(directory, { mayBeTrimmed }), { missingBefore: { file: second } })
    const refused = {
      code: 'QW_LOG_DAMAGED',
      detail: { file: second, offset: 0, position: 1 },
      message: /files are missing/,
    }
    await t.rejects(openLog(settingsFor(directory, { mayBeTrimmed })), refused)
  }
  // As an earlier version leaves it, which wrote nothing down.
  rmSync(join(directory, 'trimmed.json'))
  await t.rejects(openLog(settingsFor(directory)), { code: 'QW_LOG_DAMAGED' }, 'it never trims here')
  t.match(await checkLog(directory, { mayBeTrimmed: true }), { faults: [] })
  const believed = await openLog(settingsFor(directory, { mayBeTrimmed: true }))
  t.equal(believed.believedFrom, first)
  await believed.close()
  const known = await openLog(settingsFor(directory))
  t.equal(known.believedFrom, undefined, 'once')
  await known.close()
  rmSync(second)
  await t.rejects(openLog(settingsFor(directory, { mayBeTrimmed: true })), {
    code: 'QW_LOG_DAMAGED',
    detail: { position: first },
  })
})
