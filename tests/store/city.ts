/**
 * A small city in memory: a seeded log of every kind of entry with a record beside it, as a source for the store.
 * Not a test. The transitions are made up (the engine is not asked), but placed and numbered as the engine's are.
 */
import type { LogEntry } from '../../src/core/entry.js'
import type { QuotaEvent } from '../../src/core/event.js'
import { bases, counties, type LogPosition, type N, sectors, type UnixMs } from '../../src/core/names.js'
import { firstPolicy, knownPolicies } from '../../src/core/policy.js'
import type { Transition } from '../../src/core/transition.js'
import type { StoredBatch, StoreSource } from '../../src/store/source.js'

export interface CitySettings {
  readonly seed: number
  readonly units: number
  readonly batches: number
  readonly entriesPerBatch: number
  /** Time between two batches, on average. */
  readonly stepMs: number
}

/** A Lehmer generator: the same seed gives the same city. */
export function seeded(seed: number): (below: number) => number {
  let state = (seed * 48_271 + 11) % 2_147_483_647
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const startMs = Date.UTC(2024, 0, 20)
const hourMs = 3_600_000

/** The source, with what a test may turn: how much is settled, and where the log begins. */
export class MemorySource implements StoreSource {
  readonly batches: readonly StoredBatch[]
  readonly record: readonly Transition[]
  settled: LogPosition
  first = 1 as LogPosition
  reads = 0

  constructor(batches: readonly StoredBatch[], record: readonly Transition[]) {
    this.batches = batches
    this.record = record
    this.settled = this.head
  }

  get head(): LogPosition {
    const last = this.batches.at(-1)
    return (last ? last.firstPosition + last.entries.length - 1 : 0) as LogPosition
  }

  /** Of the batch that is this far from the beginning. */
  endOf(batch: number): LogPosition {
    const at = this.batches[batch]
    if (!at) throw new Error(`there is no batch ${batch}`)
    return (at.firstPosition + at.entries.length - 1) as LogPosition
  }

  async *read(from: LogPosition): AsyncGenerator<StoredBatch> {
    this.reads += 1
    if (from < this.first) throw new Error(`the log begins at ${this.first}, not at ${from}`)
    for (const batch of this.batches) if (batch.firstPosition + batch.entries.length > from) yield batch
  }

  async transitions(since: N, limit: number): Promise<readonly Transition[]> {
    return this.record.filter(({ n, position }) => n > since && position <= this.settled).slice(0, limit)
  }
}

export function makeCity(settings: CitySettings): MemorySource {
  const random = seeded(settings.seed)
  const units = Array.from({ length: settings.units }, (_, i) => `${counties[i % counties.length]}-U-${i}`)
  const batches: StoredBatch[] = []
  const record: Transition[] = []
  const states = new Map<string, 'green' | 'yellow' | 'red'>()
  let position = 1
  let nowMs = startMs
  let id = 0
  for (let b = 0; b < settings.batches; b++) {
    nowMs += random(2 * settings.stepMs)
    const entries: LogEntry[] =
      b === 0
        ? [
            { kind: 'engine', version: 'test' },
            { kind: 'policy', policy: firstPolicy },
          ]
        : Array.from({ length: 1 + random(2 * settings.entriesPerBatch) }, () => makeEntry(random, units, nowMs, ++id))
    const lines = entries.map((entry) => JSON.stringify(entry))
    batches.push({ firstPosition: position as LogPosition, nowMs: nowMs as UnixMs, entries, lines })
    entries.forEach((entry, i) => {
      if (entry.kind !== 'event' || random(4) > 0) return
      record.push(makeTransition(random, states, entry.event.subject, position + i, nowMs, record.length + 1))
    })
    position += entries.length
  }
  return new MemorySource(batches, record)
}

function makeEntry(random: (below: number) => number, units: readonly string[], nowMs: number, id: number): LogEntry {
  const kind = random(40)
  const person = { by: `王${random(3)}`, reason: "it's\twrong \\ twice\nover" }
  if (kind === 0) return { kind: 'tick' }
  if (kind === 1 && random(3) === 0) return { kind: 'dismissed', item: `q-${id}`, ...person }
  if (kind === 1)
    return {
      kind: 'quarantined',
      item: `q-${id}`,
      code: 'QW_FIELD_INVALID',
      reason: "a tab \t, a quote ' and a back\\slash",
      event: random(2) ? 'not JSON \u0001 at all' : { source: '/x', id: `bad-${id}`, subject: 7 },
    }
  if (kind === 2)
    return { kind: 'order', order: { order: 'release', subject: units[0] ?? '', by: '王', reason: 'done\nwell' } }
  if (kind === 3 && random(10) === 0)
    return {
      kind: 'policy',
      policy: { ...(random(2) ? firstPolicy : { name: 'desk', bases: knownPolicies.desk }), version: 1 + random(3) },
    }
  const timeMs = (Math.floor((nowMs - random(48 * hourMs)) / 1000) * 1000 +
    (random(5) === 0 ? random(1000) : 0)) as UnixMs
  const event = makeEvent(random, units, timeMs, id)
  return { kind: 'event', timeMs, event, ...(random(30) === 0 ? { released: `q-${id}`, corrected: person } : {}) }
}

function makeEvent(
  random: (below: number) => number,
  units: readonly string[],
  timeMs: UnixMs,
  id: number,
): QuotaEvent {
  const base = {
    specversion: '1.0',
    id: random(9) === 0 ? `"${id}"\\编` : `hr-2024-${id}`,
    source: `/departments/${random(8)}`,
    subject: units[random(units.length)] ?? '',
    time: timeOf(timeMs, random(4)),
  } as const
  const basis = bases[random(bases.length)] ?? 'permanent'
  switch (random(9)) {
    case 0:
      return { ...base, type: 'unit.registered', data: profile(random) }
    case 1:
      return random(8)
        ? { ...base, type: 'staff.left', data: { count: 1, basis } }
        : { ...base, type: 'unit.closed', data: {} }
    case 2:
    case 3:
      return {
        ...base,
        type: 'quota.approved',
        data: { approved: random(200), cause: 'list', documentNo: '江编〔2024〕7号' },
      }
    case 4:
      return { ...base, type: 'contract.entered', data: { count: random(5) + 1 } }
    case 5:
      return {
        ...base,
        type: 'pool.lent',
        data: { loanId: `L${random(9)}`, count: random(5) + 1, dueOn: '2024-12-31' },
      }
    case 6:
      return { ...base, type: 'task.progressed', data: { taskId: 'T1', done: random(100) / 2 } }
    default:
      return { ...base, type: 'staff.entered', data: { count: random(3) + 1, basis } }
  }
}

const profile = (random: (below: number) => number) => ({
  name: '某单位\t"测试"',
  level: 'county' as const,
  county: counties[random(counties.length)] ?? 'PJ',
  kind: random(2) ? ('institution' as const) : ('administrative' as const),
  sector: sectors[random(sectors.length)] ?? 'general',
  frontline: random(2) === 0,
})

function timeOf(ms: number, how: number): string {
  if (how === 0) return new Date(ms).toISOString()
  const whole = new Date(ms + 8 * hourMs).toISOString()
  return how === 1 ? whole.replace('Z', '+08:00') : `${whole.slice(0, 19)}+08:00`
}

function makeTransition(
  random: (below: number) => number,
  states: Map<string, 'green' | 'yellow' | 'red'>,
  unit: string,
  position: number,
  at: number,
  n: number,
): Transition {
  const base = {
    n: n as N,
    position: position as LogPosition,
    subject: unit,
    unit,
    county: 'PJ',
    sector: 'education',
    at: at as UnixMs,
    why: { events: [], policy: 'home@1', assumed: false },
    topics: { [`unit/${unit}`]: 0 as N, all: (n - 1) as N },
  } as const
  if (random(5) === 0)
    return {
      ...base,
      kind: 'freeze',
      from: 'none',
      to: random(2) ? 'frozen' : 'none',
      sequence: n,
      reasons: ['over-quota'],
    }
  const rule = ['over-quota', 'vacancy'][random(2)] ?? 'vacancy'
  const from = states.get(unit + rule) ?? 'green'
  const to = (['green', 'yellow', 'red'] as const)[random(3)] ?? 'red'
  states.set(unit + rule, to)
  return { ...base, kind: 'alert', rule, from, to, ...(random(6) ? {} : { correction: true as const }) }
}
