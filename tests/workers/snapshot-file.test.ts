import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { LogPosition } from '../../src/core/names.js'
import { listSnapshots, readSnapshot, type SnapshotFile, SnapshotWriter } from '../../src/workers/snapshot-file.js'

function directoryFor(t: { teardown: (end: () => void) => void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'quotawatch-snapshot-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const sections = ['meta', 'fold', 'shard 0']
const pieces = [
  [2, 'first'],
  [0, '{}'],
  [2, 'second'],
  [1, ''],
  [2, '三'],
] as const

async function keep(directory: string, position: number, count = 3): Promise<void> {
  const writer = await SnapshotWriter.begin(directory, position as LogPosition, sections)
  for (const [section, text] of pieces) await writer.append(section, Buffer.from(text))
  await writer.commit(count)
}

t.test('what was written in any order of sections is read back section by section', async (t) => {
  const directory = directoryFor(t)
  await keep(directory, 7)
  const [file] = await listSnapshots(directory)
  const read = await readSnapshot(file as SnapshotFile)
  t.same(
    [...read].map(([name, of]) => [name, Buffer.concat(of).toString()]),
    [
      ['meta', '{}'],
      ['fold', ''],
      ['shard 0', 'firstsecond三'],
    ],
  )
})

t.test('a change of any byte, a cut anywhere and anything behind the end are seen', async (t) => {
  const directory = directoryFor(t)
  await keep(directory, 7)
  const [file] = (await listSnapshots(directory)) as [SnapshotFile]
  const whole = readFileSync(file.path)
  const damaged = { code: 'QW_SNAPSHOT_DAMAGED' }
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] as number) ^ 1
    writeFileSync(file.path, changed)
    await t.rejects(readSnapshot(file), damaged, `byte ${at}`)
    writeFileSync(file.path, whole.subarray(0, at))
    await t.rejects(readSnapshot(file), damaged, `cut at ${at}`)
  }
  writeFileSync(file.path, Buffer.concat([whole, Buffer.from('x')]))
  await t.rejects(readSnapshot(file), damaged)
})

t.test('the newest few are kept, and one that is given up leaves nothing', async (t) => {
  const directory = directoryFor(t)
  for (const position of [1, 2, 30, 4]) await keep(directory, position, 2)
  t.same(
    (await listSnapshots(directory)).map(({ position }) => position),
    [30, 4],
  )
  const writer = await SnapshotWriter.begin(directory, 50 as LogPosition, sections)
  await writer.append(0, Buffer.from('{}'))
  await writer.abandon()
  t.equal(readdirSync(directory).length, 2)
})
