/**
 * Poison in the log of a real service: what the border would never let through, written behind its back while it is down.
 */
import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition } from '../../src/core/names.js'
import { ask, type Service, startService, temporaryDirectory, until } from './service.js'
import { stoppedLog } from './stopped.js'

const unit = 'PJ-EDU-0001'
const lines = (...events: [id: string, type: string, fields: object][]) =>
  events
    .map(([id, type, data]) => ({ specversion: '1.0', source: '/departments/walk', id, type, subject: unit, data }))
    .map((event) => JSON.stringify({ ...event, time: new Date().toISOString() }))
    .join('\n')

const send = (service: Service, text: string) => ask(`${service.http}/v1/events`, text, 'application/x-ndjson')

async function skippedIn(directory: string) {
  const log = await stoppedLog(directory)
  const found = []
  for await (const { position, entry } of log.find('skipped', 1 as LogPosition)) found.push({ at: position, ...entry })
  await log.close()
  return found
}

async function engineState(service: Service): Promise<string | undefined> {
  const { body } = await ask(`${service.http}/readyz`)
  return (body as { parts: { name: string; state: string }[] }).parts.find(({ name }) => name === 'engine')?.state
}

/** The engine wants a task's id; nobody else looks into what is not there. */
const poison = {
  kind: 'event',
  timeMs: Date.now(),
  event: { specversion: '1.0', source: '/x', id: 'p', type: 'task.progressed', subject: unit, time: '', data: null },
} as unknown as LogEntry

t.test(
  'a service whose log holds poison starts, says what it set aside, and goes on; the next start knows',
  async (t) => {
    const directory = await temporaryDirectory(t)
    const profile = { name: '学校', level: 'county', county: 'PJ', kind: 'institution', sector: 'education' }
    const first = await startService({ directory })
    const answer = await send(
      first,
      lines(
        ['a', 'unit.registered', { ...profile, frontline: true }],
        ['b', 'staff.entered', { count: 10, basis: 'permanent' }],
        ['c', 'quota.approved', { approved: 10, cause: 'census' }],
      ),
    )
    t.equal(answer.status, 202)
    t.equal(await first.stop(), 0)
    const log = await stoppedLog(directory)
    const { first: at, durable } = log.append([{ kind: 'tick' }, poison, { kind: 'tick' }])
    await durable
    await log.close()

    const second = await startService({ directory })
    t.teardown(() => second.stop())
    t.match(await engineState(second), /1 entries were set aside/)
    await send(second, lines(['d', 'staff.entered', { count: 1, basis: 'permanent' }]))
    const { body } = await until(
      () => ask(`${second.http}/v1/transitions?since=0`),
      (page) => (page.body as { head: number }).head === 2,
    )
    t.match(body, {
      items: [
        { rule: 'over-quota', to: 'red' },
        { kind: 'freeze', to: 'frozen' },
      ],
    })
    const metrics = await (await fetch(`${second.http}/metrics`)).text()
    t.match(metrics, /quotawatch_skipped_entries_total 1\n/)
    t.equal(await second.stop(), 0)
    const kept = await skippedIn(directory)
    t.match(kept, [{ at: at + 3, position: at + 1, error: /TypeError/, stack: /fold-matter-event/ }])

    const third = await startService({ directory })
    t.teardown(() => third.stop())
    t.match((await ask(`${third.http}/v1/transitions?since=0`)).body, body as object, 'and says the same')
    t.equal(await third.stop(), 0)
    t.equal((await skippedIn(directory)).length, 1, 'it is not set aside twice')
  },
)
