import { readdir } from 'node:fs/promises'
import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition } from '../../src/core/names.js'
import { openSequencer } from '../../src/ingest/ingest.js'
import { type Log, openLog } from '../../src/log/log.js'
import { entered, first, limits, registered, type Service, send, service, startMs } from './fixtures.js'

const open = (directory: string): Promise<Log> =>
  openLog({
    directory,
    segmentBytesMax: 1 << 20,
    zeroAheadBytes: 0,
    batchEntriesMax: 64,
    batchBytesMax: 1 << 20,
    clock: () => startMs,
    onBatch: () => {},
    onFatal: (error) => {
      throw error
    },
  })

async function serve(log: Log): Promise<Service<Log>> {
  const made = service({}, await openSequencer(limits, log), log)
  await made.settle()
  return made
}

async function entriesOf(log: Log): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of log.read(1 as LogPosition)) entries.push(...batch.entries)
  return entries
}

t.test('what was answered stands in the log under the position of the answer', async (t) => {
  const log = await open(t.testdir())
  const s = await serve(log)
  const events = [registered(), ...Array.from({ length: 300 }, () => entered()), entered({ type: 'nonsense' })]
  const items = await send(s, ...events)
  const entries = await entriesOf(log)
  t.equal(log.pendingEntries, 0)
  for (const [index, item] of items.entries())
    t.match(entries[item.position - 1], { event: { id: events[index]?.['id'] } })
  await log.close()
})

t.test('many senders of the same events at once: each is taken once, and all are told the same position', async (t) => {
  const log = await open(t.testdir())
  const s = await serve(log)
  await send(s, registered())
  const events = Array.from({ length: 40 }, () => entered())
  const answers = await Promise.all(
    events.flatMap((event) => [1, 2, 3, 4, 5].map(async () => first(await send(s, event)))),
  )
  t.equal(answers.filter((item) => item.status === 'accepted').length, 40)
  t.equal(answers.filter((item) => item.status === 'duplicate').length, 160)
  t.equal(new Set(answers.map((item) => `${item.id} ${item.position}`)).size, 40)
  t.equal((await entriesOf(log)).length, 41)
  await log.close()
})

t.test('after a restart repeats are known, and what waited still waits and comes in', async (t) => {
  const directory = t.testdir()
  const before = await open(directory)
  const [one, waiting] = [entered(), entered({ subject: 'U2' })]
  const items = await send(await serve(before), registered(), one, waiting)
  await before.close()
  t.ok((await readdir(directory)).length > 0)

  const log = await open(directory)
  const s = await serve(log)
  t.same(first(await send(s, one)), { ...items[1], status: 'duplicate' })
  t.same(first(await send(s, waiting)), items[2])
  await send(s, registered('U2'))
  t.match((await entriesOf(log)).at(-1), { kind: 'event', event: waiting, released: String(items[2]?.position) })
  await log.close()
})

t.test('while the log closes, requests are answered that the service is stopping', async (t) => {
  const log = await open(t.testdir())
  const s = await serve(log)
  await log.close()
  const answer = await s.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { 'content-type': 'application/json' },
    payload: registered(),
  })
  t.match(answer.json(), { status: 503, code: 'QW_STOPPING' })
})
