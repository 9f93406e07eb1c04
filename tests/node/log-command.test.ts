/**
 * `quotawatch log`: what a person is told of a log, whole or damaged, and what they can carry away from it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { UnixMs } from '../../src/core/names.js'
import { magic } from '../../src/log/frame.js'
import { openLog } from '../../src/log/log.js'
import { dataPaths } from '../../src/node/data-directory.js'
import { provenEnd } from '../../src/node/evidence.js'
import { segmentFiles, settingsFor } from '../log/fixtures.js'
import { say } from './terminal.js'

const event = (id: string): LogEntry => ({
  kind: 'event',
  timeMs: 1_720_000_000_000 as UnixMs,
  event: {
    specversion: '1.0',
    source: '/departments/hr',
    id,
    type: 'risk.reported',
    subject: 'PJ-EDU-0001',
    time: '2024-07-03T17:46:40+08:00',
    data: { period: '2024-06' },
  },
})

/** A data directory whose log holds an event, a tick, and two more events, each in a batch of its own. */
async function dataDirectory(t: Test): Promise<{ set: string[]; file: string }> {
  const data = t.testdir({ log: {} })
  const log = await openLog(settingsFor(join(data, 'log')))
  for (const entry of [event('a'), { kind: 'tick' } as const, event('b'), event('c')]) await log.append([entry]).durable
  await log.close()
  return { set: ['--set', `dataDirectory=${data}`], file: segmentFiles(join(data, 'log'))[0] as string }
}

function damageSecondEntry(file: string): void {
  const bytes = readFileSync(file)
  const at = bytes.indexOf('"tick"')
  bytes[at + 1] = 'T'.charCodeAt(0)
  writeFileSync(file, bytes)
}

const directory = '/'

t.test('a whole log is told in figures, as text and as JSON', async (t) => {
  const { set } = await dataDirectory(t)
  const text = await say(['log', 'check', ...set], { directory })
  t.match(text, { code: 0, err: '', out: /^entries +4\n(?:.*\n)*head +4\n/m })
  const { code, out } = await say(['log', 'check', '--json', ...set], { directory })
  t.match([code, JSON.parse(out)], [0, { entries: 4, firstPosition: 1, head: 4, lostEntries: 0, faults: [] }])
})

t.test('a damaged log is told with file, byte, the positions that are lost, and what can be done', async (t) => {
  const { set, file } = await dataDirectory(t)
  damageSecondEntry(file)
  const { code, out } = await say(['log', 'check', ...set], { directory })
  t.equal(code, 1)
  t.match(out, /^entries +3$/m)
  t.match(out, new RegExp(`^position 2 is lost: ${file} at byte \\d+: the CRC does not match$`, 'm'))
  t.match(out, /What can be done/)
})

t.test(
  'a tail that looks torn is lost entries where the store was sent them, and a torn tail where nobody was',
  async (t) => {
    const { set, file } = await dataDirectory(t)
    const bytes = readFileSync(file)
    const last = bytes.lastIndexOf(magic)
    bytes[last + 60] = (bytes[last + 60] ?? 0) ^ 1
    writeFileSync(file, bytes)
    t.match(await say(['log', 'check', ...set], { directory }), { code: 0, out: /^tornBytes +[1-9]/m })

    const writer = join(file, '../../writer')
    mkdirSync(writer)
    writeFileSync(join(writer, 'range.json'), '{"from":2,"to":4}\n')
    const shown = `${file} at byte ${last}: \\d+ bytes that are no whole batch stand there, but what the store was sent`
    const lost = new RegExp(`^position 4 is lost: ${shown} \\(\\S+/range.json\\) is of position 4$`, 'm')
    t.match(await say(['log', 'check', ...set], { directory }), { code: 1, out: lost })
    t.match(await say(['log', 'export', ...set], { directory }), { code: 1, err: lost })
    t.match(await say(['log', 'export', '--to', '3', ...set], { directory }), { code: 0, err: '' })
    t.same(readFileSync(file), bytes)
    const proven = await provenEnd(dataPaths(join(file, '../..')))
    await t.rejects(openLog(settingsFor(join(file, '..'), { proven })), {
      code: 'QW_LOG_SHORT',
      detail: { offset: last },
    })
    t.same(readFileSync(file), bytes, 'nothing is cut')
    const log = await openLog(settingsFor(join(file, '..')))
    await log.close()
    t.same(
      readFileSync(log.torn?.keptAs ?? ''),
      bytes.subarray(last, last + (log.torn?.bytes ?? 0)),
      'what is cut is kept',
    )
  },
)

t.test('an export of a damaged log gives what can be read, and says on the side what cannot', async (t) => {
  const { set, file } = await dataDirectory(t)
  damageSecondEntry(file)
  const { code, out, err } = await say(['log', 'export', ...set], { directory })
  t.equal(code, 1)
  t.same(
    out.split('\n').map((line) => JSON.parse(line).position),
    [1, 3, 4],
  )
  t.match(err, /^position 2 is lost: /)
})

t.test('events are exported as they can be sent again, in a load when one is named', async (t) => {
  const { set } = await dataDirectory(t)
  const exported = async (...words: string[]) => {
    const { code, out } = await say(['log', 'export', '--events', ...words, ...set], { directory })
    t.equal(code, 0)
    return out.split('\n').map((line) => JSON.parse(line))
  }
  const events = ['a', 'b', 'c'].map((id) => (event(id) as { event: object }).event)
  t.same(await exported(), events)
  t.same(await exported('--from', '2', '--to', '3'), events.slice(1, 2))
  t.same(
    await exported('--load', 'rescue'),
    events.map((each) => ({ ...each, load: 'rescue' })),
  )
})

t.test('an option of the other word is a mistake', async (t) => {
  const wrong = [
    ['check', '--from', '1'],
    ['export', '--json'],
    ['export', '--load', 'rescue'],
    ['export', '--to', 'x'],
  ]
  for (const words of wrong) t.match(await say(['log', ...words], { directory: t.testdir({}) }), { code: 2, out: '' })
})
