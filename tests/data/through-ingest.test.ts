/**
 * The shipped file comes in through the ordinary ingest path, against its real schemas and its sequencer.
 */
import t from 'tap'
import { limits, order, post, type Service, service } from '../ingest/fixtures.js'
import { events, ndjson } from './census.js'

const room = {
  bodyBytesMax: 4_000_000,
  eventsPerRequestMax: events.length,
  duplicateKeysMax: 1_000_000,
  quarantineItemsMax: events.length,
  quarantineBytesMax: 100_000_000,
}

const at = (s: Service, time: string): Service => Object.assign(s, { nowMs: Date.parse(time) })

/** How many events of the answer have each status. */
async function statuses(s: Service, lines: string): Promise<Record<string, number>> {
  const answer = await s.app.inject(post(lines, 'application/x-ndjson'))
  const counts: Record<string, number> = {}
  for (const { status } of answer.json<{ items: { status: string }[] }>().items) {
    counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

t.test(
  'as it is, at the start of the scenario, every event is accepted, and a second time is a duplicate',
  async (t) => {
    const s = at(service(room), '2024-01-02T00:00:00+08:00')
    t.same(await statuses(s, ndjson), { accepted: events.length })
    t.same(await statuses(s, ndjson), { duplicate: events.length })
    t.equal(s.log.entries.length, events.length, 'and nothing else is in the log')
  },
)

t.test('in a load every event is accepted at any later date', async (t) => {
  const now = Date.parse('2024-01-01T00:00:00+08:00') + limits.duplicateHorizonMs * 12
  const s = at(service(room), new Date(now).toISOString())
  const people = { by: 'test', reason: 'first filling' }
  const until = new Date(now + 3_600_000).toISOString()
  t.match(await order(s, { order: 'load.open', load: 'jiangmen', until, ...people }), { status: 202 })
  const lines = events.map((event) => JSON.stringify({ ...event, load: 'jiangmen' })).join('\n')
  t.same(await statuses(s, lines), { accepted: events.length })
  t.match(await order(s, { order: 'load.close', load: 'jiangmen', ...people }), { status: 202 })
})

t.test('without a load, past the duplicate horizon, none is taken: that is what the loader is for', async (t) => {
  const late = Date.parse('2024-01-01T00:00:00+08:00') + limits.duplicateHorizonMs + 1
  const s = at(service(room), new Date(late).toISOString())
  t.same(await statuses(s, ndjson), { quarantined: events.length })
})
