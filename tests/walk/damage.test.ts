/**
 * A service whose log is not as it was written does not start on it, and says what can be done.
 */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dataPaths } from '../../src/node/data-directory.js'
import { ask, startService, temporaryDirectory } from './service.js'

const magic = Buffer.from([0xff, 0x51, 0x57, 0x4c])

const risk = (id: number) => ({
  specversion: '1.0',
  source: '/departments/walk',
  id: String(id),
  type: 'unit.registered',
  subject: `PJ-EDU-${id}`,
  time: new Date().toISOString(),
  data: { name: '学校', level: 'county', county: 'PJ', kind: 'institution', sector: 'education', frontline: true },
})

t.test('damage in any file of the log, and an end that is gone, stop the start', async (t) => {
  const directory = await temporaryDirectory(t)
  const options = { segmentBytesMax: 65_536, batchBytesMax: 4096 }
  const service = await startService({ directory, options })
  for (let from = 0; from < 600; from += 100) {
    const lines = Array.from({ length: 100 }, (_, i) => JSON.stringify(risk(from + i)))
    await ask(`${service.http}/v1/events`, lines.join('\n'), 'application/x-ndjson')
  }
  t.equal(await service.stop(), 0)
  const { logPath } = dataPaths(directory)
  const files = readdirSync(logPath)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(logPath, name))
  t.ok(files.length > 2)

  const [oldest] = files as [string]
  const whole = readFileSync(oldest)
  const bytes = Buffer.from(whole)
  const second = bytes.indexOf(magic, 1)
  bytes[second + 50] = (bytes[second + 50] ?? 0) ^ 1
  writeFileSync(oldest, bytes)
  const place = new RegExp(`QW_LOG_DAMAGED ${oldest} is damaged at byte ${second} .*quotawatch log check names all`)
  await t.rejects(startService({ directory, options }), { message: place })
  t.same(readFileSync(oldest), bytes, 'and nothing was changed')
  writeFileSync(oldest, whole)

  const newest = files.at(-1) as string
  const end = readFileSync(newest)
  const last = end.lastIndexOf(magic)
  const flipped = Buffer.from(end)
  flipped[last + 60] = (flipped[last + 60] ?? 0) ^ 1
  writeFileSync(newest, flipped)
  const torn = new RegExp(
    `QW_LOG_SHORT .* behind byte ${last} of ${newest}: \\d+ bytes that are no whole batch stand there`,
  )
  await t.rejects(startService({ directory, options }), { message: torn })
  t.same(readFileSync(newest), flipped, 'what a snapshot shows to have been whole looks torn, and is not cut')

  truncateSync(newest, last)
  const short =
    /QW_LOG_SHORT the log ends at position \d+.*nothing stands there, but the snapshot \S+ is of position \d+/
  await t.rejects(startService({ directory, options }), { message: short })
  writeFileSync(newest, end)

  // A second snapshot, which is then damaged.
  const again = await startService({ directory, options })
  await ask(`${again.http}/v1/events`, JSON.stringify(risk(600)), 'application/cloudevents+json')
  t.equal(await again.stop(), 0, 'with its files as they were it starts')
  const { snapshotPath } = dataPaths(directory)
  const snapshots = readdirSync(snapshotPath).sort()
  t.equal(snapshots.length, 2)
  const path = join(snapshotPath, snapshots[1] as string)
  const snapshot = readFileSync(path)
  snapshot[snapshot.length >> 1] = (snapshot[snapshot.length >> 1] ?? 0) ^ 1
  writeFileSync(path, snapshot)
  const before = await startService({ directory, options })
  const { body } = await ask(`${before.http}/v1/units/PJ-EDU-600`)
  t.match(body, { id: 'PJ-EDU-600' }, 'from the snapshot before it and the tail')
  t.equal(await before.stop(), 0)
})
