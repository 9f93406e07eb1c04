import {
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t from 'tap'
import type { Transition } from '../../src/core/transition.js'
import { openRecord } from '../../src/log/record.js'
import { listRecord, readBlock } from '../../src/log/record-segment.js'
import { headOf, n, settingsFor, transitionsOf, unitsOf } from './transitions.js'

const filesOf = (directory: string): string[] =>
  readdirSync(directory)
    .sort()
    .map((name) => join(directory, name))

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setImmediate(resolve))
}

t.test('what was appended is read, at once and after a restart, as one line a transition', async (t) => {
  const directory = t.testdir()
  const all = transitionsOf(unitsOf(20, '蓬江-1', 'B', 'C'))
  let record = await openRecord(settingsFor(directory))
  t.equal(record.head, 0)
  t.same(await record.read(n(0), 10), [])
  record.append(all.slice(0, 15))
  t.equal(record.head, 15)
  t.ok(record.pendingBytes > 0)
  t.same(await record.read(n(3), 5), all.slice(3, 8), 'before anything is written')
  await record.sync()
  t.equal(record.pendingBytes, 0)
  await record.close()
  record = await openRecord(settingsFor(directory))
  t.equal(record.torn, undefined)
  record.append(all.slice(15))
  t.same(await record.read(n(0), 100), all)
  await record.close()
  const text = filesOf(directory)
    .map((file) => readFileSync(file, 'utf8'))
    .join('')
  t.equal(text, all.map((transition) => `${JSON.stringify(transition)}\n`).join(''))
})

t.test('transitions are written without being asked for', async (t) => {
  const directory = t.testdir()
  const record = await openRecord(settingsFor(directory))
  record.append(transitionsOf(['A']))
  await t.resolves(until(() => record.pendingBytes === 0))
  t.equal(filesOf(directory).length, 1)
  await record.close()
})

t.test('what was judged again and equals the record is taken without a word, and written once', async (t) => {
  for (const ring of [1000, 2]) {
    const directory = t.testdir()
    const settings = settingsFor(directory, { recordRingTransitionsMax: ring, recordSegmentBytesMax: 1500 })
    const all = transitionsOf(unitsOf(40, 'A', 'B'))
    let record = await openRecord(settings)
    record.append(all.slice(0, 30))
    await record.close()
    record = await openRecord(settings)
    for (let time = 0; time < 2; time++) for (const transition of all.slice(4, 20)) record.append([transition])
    record.append(all.slice(20))
    t.equal(record.head, 40)
    t.same(await record.read(n(0), 100), all)
    await record.close()
  }
})

t.test('judging again with another result stops at the first transition that differs', async (t) => {
  for (const ring of [1000, 2]) {
    const directory = t.testdir()
    const settings = settingsFor(directory, { recordRingTransitionsMax: ring, recordSegmentBytesMax: 1500 })
    const all = transitionsOf(unitsOf(30, 'A', 'B'))
    let record = await openRecord(settings)
    record.append(all)
    await record.close()
    record = await openRecord(settings)
    const other = all.map((transition) => (transition.n === 7 ? { ...transition, position: 99 } : transition))
    t.throws(() => record.append(other as typeof all), { code: 'QW_RECORD_DIVERGED', detail: { n: 7 } })
    await record.close()
  }
})

t.test('a gap in the numbers is a defect', async (t) => {
  const record = await openRecord(settingsFor(t.testdir()))
  const all = transitionsOf(unitsOf(5, 'A'))
  t.throws(() => record.append(all.slice(1)), { message: 'transition 2 follows 0' })
  await record.close()
})

t.test('a tail torn at any byte is cut to the last whole line, and the record goes on', async (t) => {
  const directory = t.testdir()
  const all = transitionsOf(unitsOf(6, '蓬江', 'B'))
  let record = await openRecord(settingsFor(directory))
  record.append(all)
  await record.close()
  const [file] = filesOf(directory) as [string]
  const whole = readFileSync(file)
  const last = whole.lastIndexOf(10, whole.length - 2) + 1
  for (let end = last; end < whole.length; end++) {
    writeFileSync(file, whole.subarray(0, end))
    record = await openRecord(settingsFor(directory))
    const torn = end === last ? undefined : { file, n: 6, bytes: end - last }
    t.same([record.head, record.torn, statSync(file).size], [5, torn, last])
    record.append(all)
    await record.close()
    t.ok(readFileSync(file).equals(whole), `the same bytes again after a cut at ${end}`)
  }
})

t.test('a hole in what was never synced cuts all that stands behind it', async (t) => {
  const directory = t.testdir()
  const all = transitionsOf(unitsOf(6, 'A'))
  let record = await openRecord(settingsFor(directory))
  record.append(all)
  await record.close()
  const [file] = filesOf(directory) as [string]
  const whole = readFileSync(file)
  const third = whole.indexOf('"n":3,')
  writeFileSync(file, Buffer.from(whole).fill(0, third, third + 20))
  record = await openRecord(settingsFor(directory))
  t.equal(record.head, 2)
  record.append(all)
  await record.close()
  t.ok(readFileSync(file).equals(whole))
})

t.test('an earlier file that is damaged is told when it is read', async (t) => {
  const directory = t.testdir()
  const settings = settingsFor(directory, { recordRingTransitionsMax: 1, recordSegmentBytesMax: 500 })
  let record = await openRecord(settings)
  for (const transition of transitionsOf(unitsOf(12, 'A'))) {
    record.append([transition])
    await record.sync()
  }
  await record.close()
  const [first] = filesOf(directory) as [string]
  truncateSync(first, 30)
  record = await openRecord(settings)
  await t.rejects(record.read(n(0), 5), { code: 'QW_LOG_DAMAGED', detail: { file: first, position: 1 } })
  await record.close()
})

t.test('one topic is read along its chain, beyond the ring and over files', async (t) => {
  const directory = t.testdir()
  const settings = settingsFor(directory, { recordRingTransitionsMax: 3, recordSegmentBytesMax: 2000 })
  const all = transitionsOf(unitsOf(60, 'A', 'B', 'A', 'C'))
  let record = await openRecord(settings)
  for (const transition of all) {
    record.append([transition])
    await record.sync()
  }
  const ofA = all.filter((transition) => transition.unit === 'A')
  const check = async () => {
    t.same(await record.readTopic('unit/A', headOf(all, 'A'), n(0), 1000), ofA)
    t.same(
      await record.readTopic('unit/A', headOf(all, 'A'), n(31), 1000),
      ofA.filter((one) => one.n > 31),
    )
    t.same(await record.readTopic('all', n(60), n(0), 60), all)
    t.same(await record.readTopic('unit/A', n(0), n(0), 10), [])
  }
  await check()
  await record.close()
  t.ok(filesOf(directory).length > 3)
  record = await openRecord(settings)
  await check()
  await record.close()
})

t.test('exactly the limit is given, one more is not', async (t) => {
  const all = transitionsOf(unitsOf(10, 'A'))
  const record = await openRecord(settingsFor(t.testdir()))
  record.append(all)
  t.same(await record.readTopic('unit/A', n(10), n(4), 6), all.slice(4))
  t.equal(await record.readTopic('unit/A', n(10), n(3), 6), undefined)
  t.equal(await record.readTopic('unit/A', n(10), n(9), 0), undefined)
  await t.rejects(record.readTopic('unit/B', n(10), n(3), 6), { message: /not of topic/ })
  await record.close()
})

t.test('a record that does not keep up says so', async (t) => {
  const record = await openRecord(settingsFor(t.testdir(), { recordPendingBytesMax: 1000 }))
  const all = transitionsOf(unitsOf(50, 'A'))
  record.append(all.slice(0, 1))
  t.notOk(record.isBehind)
  record.append(all.slice(1))
  t.ok(record.isBehind)
  await record.sync()
  t.notOk(record.isBehind)
  await record.close()
})

t.test('a write that fails is fatal, told once, and nothing is taken afterwards', async (t) => {
  const fatal: Error[] = []
  const directory = t.testdir()
  const record = await openRecord(settingsFor(directory, { onFatal: (error) => fatal.push(error) }))
  const all = transitionsOf(unitsOf(3, 'A'))
  // The name of the first file is taken already, so it cannot be created.
  writeFileSync(join(directory, '0000000000000001.ndjson'), '')
  record.append(all.slice(0, 1))
  await t.rejects(record.sync(), { message: /the record cannot be written: EEXIST/ })
  await t.rejects(record.sync(), { message: /cannot be written/ })
  t.equal(fatal.length, 1)
  t.throws(() => record.append(all.slice(1)), { message: /cannot be written/ })
})

t.test('each file is synced before the next one is made, and the newest when the record is closed', async (t) => {
  const directory = t.testdir()
  const record = await openRecord(settingsFor(directory, { recordSegmentBytesMax: 1000 }))
  const said: string[] = []
  const probe = await open('/dev/null')
  const prototype = Object.getPrototypeOf(probe) as typeof probe
  await probe.close()
  const real = prototype.datasync
  t.teardown(() => {
    prototype.datasync = real
  })
  prototype.datasync = function (this: typeof probe) {
    said.push(`${basename(readlinkSync(`/proc/self/fd/${this.fd}`))} of ${readdirSync(directory).length}`)
    return real.call(this)
  }
  const written = async (transitions: readonly Transition[]) => {
    record.append(transitions)
    await until(() => record.pendingBytes === 0)
  }
  for (const transition of transitionsOf(unitsOf(30, 'A'))) await written([transition])
  const files = readdirSync(directory).sort()
  t.ok(files.length > 3)
  t.same(
    said,
    files.slice(0, -1).map((file, index) => `${file} of ${index + 1}`),
  )
  await record.close()
  t.equal(said.at(-1), `${files.at(-1)} of ${files.length}`)
})

t.test('a full disk is waited for: nothing is lost meanwhile, and it is written once there is space', async (t) => {
  const directory = t.testdir()
  const all = transitionsOf(unitsOf(60, 'A'))
  const before = await openRecord(settingsFor(directory))
  before.append(all.slice(0, 2))
  await before.close()
  const fatal: Error[] = []
  const settings = settingsFor(directory, { onFatal: (error) => fatal.push(error), recordPendingBytesMax: 1000 })
  const record = await openRecord(settings)
  const [file] = filesOf(directory) as [string]
  // The kernel's own full disk takes the place of the file.
  renameSync(file, `${file}.aside`)
  symlinkSync('/dev/full', file)
  record.append(all.slice(2, 4))
  await t.rejects(record.sync(), { message: /ENOSPC/ })
  t.match(record.waitsFor, /ENOSPC/)
  record.append(all.slice(4))
  t.ok(record.isBehind, 'and admission hears of it')
  t.same(await record.read(n(0), 100), all, 'all of it can be read')
  unlinkSync(file)
  renameSync(`${file}.aside`, file)
  await record.sync()
  t.equal(record.waitsFor, undefined)
  t.notOk(record.isBehind)
  await record.close()
  t.same(fatal, [])
  const again = await openRecord(settingsFor(directory))
  t.same(await again.read(n(0), 100), all)
  await again.close()
})

t.test('a large earlier file is read by blocks', async (t) => {
  const directory = t.testdir()
  const units = unitsOf(3000, ...Array.from({ length: 7 }, (_, index) => `unit-${index}`))
  const all = transitionsOf(units)
  const settings = settingsFor(directory, { recordRingTransitionsMax: 1, recordSegmentBytesMax: 400_000 })
  let record = await openRecord(settings)
  for (let from = 0; from < all.length; from += 100) {
    record.append(all.slice(from, from + 100))
    await record.sync()
  }
  await record.close()
  record = await openRecord(settings)
  const [first] = await listRecord(directory)
  if (first === undefined) throw new Error('no file')
  for (const number of [1, 700]) {
    const block = await readBlock(first, n(number))
    t.ok(block.first <= number && number < block.first + block.lines.length)
    t.ok(block.lines.join('').length < 70_000, 'not the whole file')
  }
  for (const since of [0, 1, 255, 256, 257, 1400, 2998, 2999, 3000])
    t.same(await record.read(n(since), 3), all.slice(since, since + 3))
  t.same(
    await record.readTopic('unit/unit-3', headOf(all, 'unit-3'), n(0), 1000),
    all.filter((transition) => transition.unit === 'unit-3'),
  )
  record.append(all.slice(10))
  t.same(await record.read(n(0), 5000), all)
  await record.close()
})
