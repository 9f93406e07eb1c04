import fc from 'fast-check'
import t from 'tap'
import type { EventEntry, LogEntry } from '../../src/core/entry.js'
import type { UnixMs } from '../../src/core/names.js'
import { desk, Engine, home, inShort, type WorldBatch } from './engine.js'
import { Oracle } from './oracle.js'
import { type Random, randomFrom } from './random.js'
import { makeWorld } from './world.js'

t.test('over-quota, vacancy and freezes say what an independent oracle says', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const policies: LogEntry[] = [1, 2, 3].map((version) => ({
          kind: 'policy',
          policy: { ...(version % 2 === 1 ? desk : home), version },
        }))
        const world = makeWorld({ seed, units: 12, batches: 150, loads: false, reloads: false })
        const batches = world.map((batch, i) => ({
          ...batch,
          entries: i % 45 === 44 ? [...batch.entries, ...policies.splice(0, 1)] : batch.entries,
        }))
        const said = new Engine()
          .run(batches)
          .transitions.filter(
            (it) =>
              it.kind === 'freeze' || (it.kind === 'alert' && (it.rule === 'over-quota' || it.rule === 'vacancy')),
          )
          .map(inShort)
        const expected = new Oracle().run(batches)
        const first = expected.findIndex((line, i) => line !== said[i])
        if (said.length !== expected.length || first >= 0)
          throw new Error(
            `at ${first}: ${said[first]} instead of ${expected[first]} (${said.length}, ${expected.length})`,
          )
        return expected.length > 20
      }),
      { numRuns: 60 },
    ),
  )
})

t.test('the facts do not depend on the order of the same events', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: 2 ** 31 }), (seed, otherSeed) => {
        const world = makeWorld({ seed, units: 8, batches: 80, loads: false, reloads: false, closings: false })
        const events = world
          .flatMap(({ entries }) => entries)
          .filter((entry): entry is EventEntry => entry.kind === 'event')
        const shuffled = shuffle(events, randomFrom(otherSeed))
        return factsAfter(events) === factsAfter(shuffled)
      }),
      { numRuns: 60 },
    ),
  )
})

/** Any order that keeps what the sequencer guarantees: what waits for something comes after it. */
function shuffle(events: readonly EventEntry[], random: Random): EventEntry[] {
  const waiting = [...events]
  const taken: EventEntry[] = []
  const there = new Set<string>()
  const out = new Map<string, number>()
  while (waiting.length > 0) {
    const ready = waiting.filter((entry) => isReady(entry, there, out))
    const next = random.pick(ready)
    waiting.splice(waiting.indexOf(next), 1)
    taken.push(next)
    const { event } = next
    there.add(event.type === 'task.planned' ? `${event.subject}/${event.data.taskId}` : event.subject)
    if (event.type === 'pool.lent' || event.type === 'pool.returned') {
      const loan = `${event.subject}/${event.data.loanId}`
      out.set(loan, (out.get(loan) ?? 0) + (event.type === 'pool.lent' ? event.data.count : -event.data.count))
    }
  }
  return taken
}

function isReady({ event }: EventEntry, there: ReadonlySet<string>, out: ReadonlyMap<string, number>): boolean {
  if (event.type === 'unit.registered' || event.type === 'county.described') return true
  if (!there.has(event.subject)) return false
  if (event.type === 'task.progressed') return there.has(`${event.subject}/${event.data.taskId}`)
  if (event.type !== 'pool.returned') return true
  return (out.get(`${event.subject}/${event.data.loanId}`) ?? 0) >= event.data.count
}

/** Everything that is read of the units and in sum, without rules: colours have a history, facts have none. */
function factsAfter(events: readonly EventEntry[]): string {
  const batches: WorldBatch[] = []
  for (let i = 0; i < events.length; i += 7)
    batches.push({ nowMs: Date.parse('2025-01-06T00:00:00Z') as UnixMs, entries: events.slice(i, i + 7) })
  const engine = new Engine().run(batches)
  return JSON.stringify([
    engine.read({ kind: 'units', limit: 1000 }),
    ...['city', 'county/PJ', 'sector/health', 'kind/administrative'].map((scope) =>
      engine.readFold({ kind: 'summary', scope }),
    ),
  ])
}
