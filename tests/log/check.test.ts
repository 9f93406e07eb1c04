import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { checkLog, type ExportRange, exportLog } from '../../src/log/check.js'
import { magic } from '../../src/log/frame.js'
import { openLog } from '../../src/log/log.js'
import { at, entryOf, put, segmentFiles, settingsFor, textOf } from './fixtures.js'

t.test('check tells the figures of a log and changes nothing, not even a torn tail', async (t) => {
  const directory = t.testdir()
  const log = await openLog(settingsFor(directory, { segmentBytesMax: 800 }))
  for (let index = 0; index < 20; index++) await put(log, 'a', 'b')
  await log.trim(at(10))
  const { first } = log
  await log.close()
  const files = segmentFiles(directory)
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  const clean = {
    segments: files.length,
    batches: (41 - first) / 2,
    entries: 41 - first,
    bytes,
    firstPosition: first,
    head: 40,
    tornBytes: 0,
    lostEntries: 0,
    faults: [],
  }
  t.same(await checkLog(directory), clean)
  appendFileSync(files.at(-1) as string, magic)
  for (let time = 0; time < 2; time++) t.same(await checkLog(directory), { ...clean, tornBytes: 4 })
})

t.test('an empty log has figures too', async (t) => {
  t.same(await checkLog(t.testdir()), {
    segments: 0,
    batches: 0,
    entries: 0,
    bytes: 0,
    firstPosition: 1,
    head: 0,
    tornBytes: 0,
    lostEntries: 0,
    faults: [],
  })
})

async function exported(directory: string, range: ExportRange = {}) {
  const lines: string[] = []
  const faults = await exportLog(directory, range, (line) => void lines.push(line))
  return { faults, lines: lines.map((line) => JSON.parse(line)) }
}

t.test('an export is one JSON line an entry, from and to the positions that were asked for', async (t) => {
  const directory = t.testdir()
  const log = await openLog(settingsFor(directory, { segmentBytesMax: 400 }))
  await put(log, 'a', '编制')
  for (const text of ['c', 'd', 'e']) await put(log, text)
  await log.close()
  t.ok(segmentFiles(directory).length > 1)
  const all = ['a', '编制', 'c', 'd', 'e'].map((text, index) => ({
    position: index + 1,
    nowMs: 1_700_000_000_000,
    entry: entryOf(text),
  }))
  t.same(await exported(directory), { faults: [], lines: all })
  for (let from = 1; from <= 6; from++)
    for (let to = 1; to <= 6; to++)
      t.same(await exported(directory, { from: at(from), to: at(to) }), { faults: [], lines: all.slice(from - 1, to) })
})

/** What may have happened to a log of one entry a batch. */
const blow = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), frame: fc.nat(40), byte: fc.nat(400) }),
  fc.record({ kind: fc.constant('zero' as const), frame: fc.nat(40), frames: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('remove' as const), file: fc.nat(8) }),
)
type Blow = typeof blow extends fc.Arbitrary<infer T> ? T : never

t.test('whatever is damaged, what is whole is exported and what is lost is named, position by position', async (t) => {
  const directory = t.testdir()
  const log = await openLog(settingsFor(directory, { segmentBytesMax: 800 }))
  for (let index = 1; index <= 30; index++) await put(log, `entry ${index}`)
  await log.close()
  const files = segmentFiles(directory).map((path) => ({ path, bytes: readFileSync(path) }))
  const frames = files.flatMap(({ path, bytes }) => {
    const offsets: number[] = []
    for (let offset = bytes.indexOf(magic); offset >= 0; offset = bytes.indexOf(magic, offset + 1)) offsets.push(offset)
    return offsets.map((offset, i) => ({ path, offset, end: offsets[i + 1] ?? bytes.length }))
  })
  t.equal(frames.length, 30)

  /** The positions that are hit; the oracle knows where each frame stands and nothing of how the log is read. */
  const strike = ({ kind, ...blow }: Blow, held: Map<string, Buffer>): number[] => {
    if (kind === 'remove') {
      const { path } = files[(blow as { file: number }).file % files.length] as { path: string }
      held.delete(path)
      return frames.flatMap((frame, i) => (frame.path === path ? [i + 1] : []))
    }
    const first = (blow as { frame: number }).frame % frames.length
    const count = 'frames' in blow ? blow.frames : 1
    return frames.slice(first, first + count).flatMap(({ path, offset, end }, i) => {
      const bytes = held.get(path)
      if (!bytes) return []
      if (kind === 'zero') bytes.fill(0, offset, end)
      else {
        const at = offset + ((blow as { byte: number }).byte % (end - offset))
        bytes[at] = (bytes[at] ?? 0) ^ 0x10
      }
      return [first + i + 1]
    })
  }

  const property = fc.asyncProperty(fc.array(blow, { minLength: 1, maxLength: 3 }), async (blows) => {
    const held = new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes)]))
    const flipped = new Map<number, number>()
    for (const each of blows)
      for (const position of strike(each, held)) flipped.set(position, (flipped.get(position) ?? 0) + 1)
    // The same bit flipped twice is whole again.
    const twice = [...flipped].some(([, count]) => count > 1)
    if (twice) return
    for (const { path } of files) rmSync(path, { force: true })
    for (const [path, bytes] of held) writeFileSync(path, bytes)
    const whole = frames.map((_, i) => i + 1).filter((position) => !flipped.has(position))
    const { lines, faults } = await exported(directory)
    t.same(
      lines.map(({ position, entry }) => [position, textOf(entry)]),
      whole.map((n) => [n, `entry ${n}`]),
    )
    const lost = faults.flatMap(({ from, to }) =>
      Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i),
    )
    // What stands behind the last whole frame may be a torn write. Nothing was trimmed: a first file that is gone is lost.
    const newest = [...held.keys()].sort().at(-1)
    const end = Math.max(
      whole.at(-1) ?? 0,
      frames.findIndex(({ path }) => path === newest),
    )
    t.same(
      lost,
      [...flipped.keys()].sort((a, b) => a - b).filter((position) => position <= end),
    )
  })
  await fc.assert(property, { numRuns: 300 })
})
