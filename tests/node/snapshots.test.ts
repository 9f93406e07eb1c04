import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { engineVersion } from '../../src/alerts/shard.js'
import type { LogPosition, N } from '../../src/core/names.js'
import { findState, StateWriter } from '../../src/node/snapshots.js'

t.test('a start takes the newest snapshot that is whole and fits, and is told of those that are damaged', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'quotawatch-snapshots-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  for (const position of [10, 20, 30]) {
    const head = { position: position as LogPosition, n: position as N, shards: 2, standing: {} }
    const writer = await StateWriter.begin(directory, head)
    for (const section of [2, 0, 1, 2]) await writer.engine(section, Buffer.from(`${section} at ${position}\n`))
    await writer.sequencer(Buffer.from('sequencer'))
    await writer.commit(3)
  }
  const damaged: string[] = []
  const find = async (position = 100, n = 100, shards = 2) => {
    damaged.length = 0
    const onRefused = (reason: string) => damaged.push(reason)
    return findState(directory, { position: position as LogPosition, n: n as N, shards, onRefused })
  }
  const text = (pieces?: readonly Uint8Array[]) => Buffer.concat(pieces ?? []).toString()

  const newest = await find()
  t.match(newest, { engineVersion, engine: { position: 30, n: 30 }, standing: {} })
  t.same(newest?.engine.shards.map(text), ['1 at 30\n', '2 at 30\n2 at 30\n'])
  t.equal(text(newest?.engine.fold), '0 at 30\n')
  t.equal(text(newest?.sequencer), 'sequencer')
  t.equal((await find(29))?.engine.position, 20, 'not one that lies behind the end of the log')
  t.equal((await find(100, 19))?.engine.position, 10, 'nor behind that of the record')
  t.match(damaged, [
    /0030.snapshot is of transition 30, and the record ends at 19/,
    /0020.snapshot is of transition 20/,
  ])
  t.equal(await find(100, 100, 3), undefined, 'nor one of another count of shards')
  t.match(damaged, Array(3).fill(/was made with 2 shards, and 3 are configured/))

  const damage = (position: number) => {
    const path = join(directory, `${String(position).padStart(16, '0')}.snapshot`)
    const bytes = readFileSync(path)
    const middle = bytes.length >> 1
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    writeFileSync(path, bytes)
    return path
  }
  const path = damage(30)
  t.equal((await find())?.engine.position, 20)
  t.equal(damaged.length, 1)
  t.ok(damaged[0]?.startsWith(`QW_SNAPSHOT_DAMAGED the snapshot ${path} is damaged: `))
  damage(20)
  damage(10)
  t.equal(await find(), undefined)
  t.equal(damaged.length, 3)
})
