import fc from 'fast-check'
import t from 'tap'
import type { EventEntry, LogEntry } from '../../src/core/entry.js'
import type { QuotaEvent } from '../../src/core/event.js'
import { counties, levels, sectors, type UnixMs, unitKinds } from '../../src/core/names.js'
import { desk, Engine, home, inShort, type WorldBatch } from './engine.js'
import { Oracle } from './oracle.js'
import { calendar, planWorld } from './plan/world.js'
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

t.test('the facts do not depend on the order of the same events, of whatever type', async (t) => {
  const types = new Set<string>()
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: 2 ** 31 }), (seed, otherSeed) => {
        const world = planWorld({ seed, units: 8, batches: 90, orders: false, loads: false, reloads: false })
        const events = world
          .flatMap(({ entries }) => entries)
          .filter((entry): entry is EventEntry => entry.kind === 'event')
        for (const { event } of events) types.add(event.type)
        const [facts, others] = [events, shuffle(events, randomFrom(otherSeed))].map(factsAfter)
        const first = facts?.findIndex((fact, i) => fact !== others?.[i]) ?? 0
        if (first >= 0) throw new Error(`${others?.[first]}\ninstead of\n${facts?.[first]}`)
        return true
      }),
      { numRuns: 60, seed: 2024 },
    ),
  )
  t.equal(types.size, 23, `every type of event took part: ${[...types].sort().join(' ')}`)
})

/** Any order that keeps what the sequencer guarantees: what waits for something comes after it. */
function shuffle(events: readonly EventEntry[], random: Random): EventEntry[] {
  const waiting = [...events]
  const taken: EventEntry[] = []
  const there = new Set<string>(['city', ...counties])
  const out = new Map<string, number>()
  while (waiting.length > 0) {
    const ready = waiting.filter((entry) => isReady(entry, there, out))
    const next = random.pick(ready)
    waiting.splice(waiting.indexOf(next), 1)
    taken.push(next)
    const { event } = next
    there.add(thingOf(event) ?? event.subject)
    if (event.type === 'pool.lent' || event.type === 'pool.returned') {
      const loan = `${event.subject}/${event.data.loanId}`
      out.set(loan, (out.get(loan) ?? 0) + (event.type === 'pool.lent' ? event.data.count : -event.data.count))
    }
  }
  return taken
}

function thingOf({ type, subject, data }: QuotaEvent): string | undefined {
  if (type === 'task.planned' || type === 'task.progressed') return `${subject}/${data.taskId}`
  return type === 'case.opened' || type === 'case.answered' ? `${subject}/${data.caseId}` : undefined
}

function isReady({ event }: EventEntry, there: ReadonlySet<string>, out: ReadonlyMap<string, number>): boolean {
  if (event.type === 'unit.registered') return true
  if (!there.has(event.subject)) return false
  if (event.type === 'task.progressed' || event.type === 'case.answered') return there.has(thingOf(event) ?? '')
  if (event.type !== 'pool.returned') return true
  return (out.get(`${event.subject}/${event.data.loanId}`) ?? 0) >= event.data.count
}

const scopes = [
  'city',
  ...counties.map((county) => `county/${county}`),
  ...sectors.map((sector) => `sector/${sector}`),
  ...levels.map((level) => `level/${level}`),
  ...unitKinds.map((kind) => `kind/${kind}`),
]

/** Everything that is read of the units and in sum, without rules: colours have a history, facts have none. */
function factsAfter(events: readonly EventEntry[]): string[] {
  const nowMs = Date.parse('2026-01-06T00:00:00Z') as UnixMs
  const batches: WorldBatch[] = [{ nowMs, entries: [calendar] }]
  for (let i = 0; i < events.length; i += 7) batches.push({ nowMs, entries: events.slice(i, i + 7) })
  const engine = new Engine(2).run(batches)
  const units = [...new Set(events.map(({ event }) => event.subject))].sort()
  return [
    ...units.map((id) => JSON.stringify(engine.read({ kind: 'unit', id }))),
    ...scopes.map((scope) => JSON.stringify(engine.readFold({ kind: 'summary', scope }))),
  ]
}
