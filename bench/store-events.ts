/**
 * A log of city-like events for the store's bench: 1,100 units, eight departments, the shipped types in a plausible mix,
 * and a transition for every twentieth event. Made as it is read, so ten million cost no memory; the same every time.
 */
import type { EventEntry, LogEntry } from '../src/core/entry.js'
import type { QuotaEvent } from '../src/core/event.js'
import { counties, type LogPosition, type N, sectors, type UnixMs } from '../src/core/names.js'
import type { Transition } from '../src/core/transition.js'
import type { StoredBatch, StoreSource } from '../src/store/store.js'

export interface StoreEventsSettings {
  readonly events: number
  readonly eventsPerBatch: number
  /** Between two events of the log, on average. */
  readonly eventEveryMs: number
}

const units = Array.from({ length: 1100 }, (_, i) => {
  const county = counties[i % counties.length] ?? 'PJ'
  const sector = sectors[Math.floor(i / counties.length) % sectors.length] ?? 'general'
  return { id: `${county}-${sector.slice(0, 3).toUpperCase()}-${String(i).padStart(4, '0')}`, county, sector }
})
const departments = ['org', 'hr', 'finance', 'quota', 'education', 'health', 'ndrc', 'petitions']
const beginMs = Date.UTC(2024, 0, 1, 16)
const transitionEvery = 20

/** The same numbers every time, and any of them without those before. */
function drawn(index: number, which: number, below: number): number {
  let x = Math.imul(index ^ (which << 27), 0x9e3779b1)
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) % below
}

export function storeEvents(settings: StoreEventsSettings): StoreSource {
  const settled = (Math.ceil(settings.events / settings.eventsPerBatch) * settings.eventsPerBatch) as LogPosition
  return {
    first: 1 as LogPosition,
    settled,
    read: (from) => batches(settings, from, settled),
    transitions: async (since, limit) => {
      const count = Math.min(limit, Math.floor(settled / transitionEvery) - since)
      return Array.from({ length: Math.max(0, count) }, (_, i) => transitionOf(settings, (since + 1 + i) as N))
    },
  }
}

async function* batches(
  settings: StoreEventsSettings,
  from: LogPosition,
  to: LogPosition,
): AsyncGenerator<StoredBatch> {
  const { eventsPerBatch } = settings
  const first = Math.floor((from - 1) / eventsPerBatch) * eventsPerBatch + 1
  for (let position = first; position <= to; position += eventsPerBatch) {
    const entries: LogEntry[] = []
    for (let i = 0; i < eventsPerBatch; i++) entries.push(entryOf(settings, position + i))
    const nowMs = nowOf(settings, position) as UnixMs
    yield { firstPosition: position as LogPosition, nowMs, entries, lines: entries.map((e) => JSON.stringify(e)) }
  }
}

const nowOf = ({ eventsPerBatch, eventEveryMs }: StoreEventsSettings, position: number): number =>
  beginMs + Math.floor((position - 1) / eventsPerBatch) * eventsPerBatch * eventEveryMs

const shanghai = (ms: number): string => `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`

function entryOf(settings: StoreEventsSettings, position: number): EventEntry {
  const unit = units[position <= units.length ? position - 1 : drawn(position, 1, units.length)] ?? units[0]
  const department = departments[drawn(position, 2, departments.length)] ?? 'hr'
  // Most systems report within minutes, to the second.
  const timeMs =
    (Math.floor(nowOf(settings, position) / 1000) - drawn(position, 3, 1 + drawn(position, 4, 3600))) * 1000
  const event = {
    specversion: '1.0',
    id: `${department}-2024-${String(position).padStart(8, '0')}`,
    source: `/departments/${department}`,
    subject: unit?.id ?? '',
    time: shanghai(timeMs),
    datacontenttype: 'application/json',
    ...(position <= units.length ? registration(position) : bodyOf(position)),
  } as unknown as QuotaEvent
  return { kind: 'event', timeMs: timeMs as UnixMs, event }
}

function registration(position: number): object {
  const unit = units[position - 1]
  const level = unit?.county === 'SZ' ? 'municipal' : 'county'
  const fields = { county: unit?.county, kind: 'institution', sector: unit?.sector, frontline: position % 3 === 0 }
  return { type: 'unit.registered', data: { name: `单位${position}`, level, ...fields } }
}

function bodyOf(position: number): object {
  const kind = drawn(position, 5, 100)
  const count = 1 + drawn(position, 6, 3)
  if (kind < 35) {
    const basis = ['permanent', 'permanent', 'permanent', 'seconded_in', 'seconded_out'][drawn(position, 7, 5)]
    return { type: kind % 2 ? 'staff.entered' : 'staff.left', data: { count, basis } }
  }
  if (kind < 50) return { type: kind % 2 ? 'contract.entered' : 'contract.left', data: { count } }
  if (kind < 75)
    return {
      type: 'task.progressed',
      data: { taskId: `T-${drawn(position, 7, 20)}`, done: drawn(position, 8, 200) / 2 },
    }
  if (kind < 80) {
    const documentNo = `江编〔2024〕${drawn(position, 8, 400)}号`
    return { type: 'quota.approved', data: { approved: 20 + drawn(position, 7, 200), cause: 'list', documentNo } }
  }
  if (kind < 86)
    return { type: 'case.opened', data: { caseId: `C-${drawn(position, 7, 100_000)}`, channel: 'hotline' } }
  if (kind < 92) return { type: 'fund.spent', data: { account: 'contract', amountCny: drawn(position, 7, 500_000) } }
  if (kind < 96)
    return { type: 'pool.lent', data: { loanId: `L-${drawn(position, 7, 5000)}`, count, dueOn: '2024-12-31' } }
  return { type: 'indicator.reported', data: { name: 'satisfaction_points', value: drawn(position, 7, 1000) / 10 } }
}

function transitionOf(settings: StoreEventsSettings, n: N): Transition {
  const position = n * transitionEvery
  const { event } = entryOf(settings, position)
  const unit = units.find(({ id }) => id === event.subject) ?? units[0]
  const [rule, to] = drawn(n, 1, 2) ? (['over-quota', 'red'] as const) : (['vacancy', 'yellow'] as const)
  const rising = drawn(n, 2, 2) === 0
  const before = (which: number) => Math.max(0, n - 1 - drawn(n, which, 50)) as N
  return {
    n,
    position: position as LogPosition,
    kind: 'alert',
    subject: event.subject,
    unit: event.subject,
    county: unit?.county ?? 'PJ',
    sector: unit?.sector ?? 'general',
    at: nowOf(settings, position) as UnixMs,
    rule,
    from: rising ? 'green' : to,
    to: rising ? to : 'green',
    why: {
      ruleVersion: rule === 'vacancy' ? '3f9a1c0b77de' : 'a1b2c3d4e5f6',
      figure: {
        numerator: String(drawn(n, 3, 40)),
        denominator: String(20 + drawn(n, 4, 200)),
        value: drawn(n, 3, 40) / (20 + drawn(n, 4, 200)),
      },
      threshold: { above: '0.20', back: '0.01' },
      events: [{ source: event.source, id: event.id }],
      policy: 'home@1',
      assumed: false,
    },
    topics: { [`unit/${event.subject}`]: before(5), [`county/${unit?.county}`]: before(6), all: (n - 1) as N },
  }
}
