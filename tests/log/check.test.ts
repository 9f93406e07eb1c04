import { appendFileSync, statSync } from 'node:fs'
import t from 'tap'
import { checkLog, exportLog } from '../../src/log/check.js'
import { magic } from '../../src/log/frame.js'
import { openLog } from '../../src/log/log.js'
import { at, entryOf, put, segmentFiles, settingsFor } from './fixtures.js'

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
  })
})

t.test('an export is one JSON line an entry, from the position that was asked for', async (t) => {
  const directory = t.testdir()
  const log = await openLog(settingsFor(directory))
  await put(log, 'a', '编制')
  await put(log, 'c', 'd')
  await log.close()
  const exported = async (from?: number) => {
    const lines: string[] = []
    await exportLog(directory, (line) => void lines.push(line), from === undefined ? undefined : at(from))
    t.ok(lines.every((line) => line.endsWith('\n')))
    return lines.map((line) => JSON.parse(line))
  }
  const all = ['a', '编制', 'c', 'd'].map((text, index) => ({
    position: index + 1,
    nowMs: 1_700_000_000_000,
    entry: entryOf(text),
  }))
  t.same(await exported(), all)
  t.same(await exported(2), all.slice(1))
  t.same(await exported(5), [])
})
