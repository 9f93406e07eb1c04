/**
 * A made-up log for the engine: units that are registered, staffed and granted posts, then events in the mix of the
 * issue: 60 % staff, 20 % task progress, 10 % contract staff, 10 % the rest. From a seed, batch by batch.
 *
 * Staff walks up and down around the quota, so about one event in ten moves a colour, as in the played city. Events pass
 * through JSON, as they do on their way to a shard: what JSON.parse makes is what the engine meets.
 */
import { formatDay, formatTime } from '../../src/core/day.js'
import type { LogEntry } from '../../src/core/entry.js'
import { counties, type DayNumber, type LogPosition, levels, sectors, type UnixMs } from '../../src/core/names.js'
import { randomOf } from '../../src/core/random.js'
import type { RuleSet } from '../../src/core/rule-set.js'

export interface MadeBatch {
  readonly firstPosition: LogPosition
  readonly nowMs: UnixMs
  readonly entries: readonly LogEntry[]
}

export interface MadeLogSettings {
  readonly units: number
  readonly events: number
  readonly perBatch: number
  /** How many hours the events lie in, from 9:00: a midnight has work of its own. */
  readonly hours: number
  readonly rules: RuleSet
  readonly calendar: LogEntry
  readonly seed: number
}

const approvedPosts = 50
/** Staff of a unit moves within these: one post over its quota is the most. */
const [fewestStaff, mostStaff] = [41, 51]
/** One unit of so many has a task. */
const unitsPerTask = 10
const startMs = Date.parse('2024-07-01T09:00:00+08:00')
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const planDays = 200

const sourceOf = { staff: '/departments/hr', task: '/departments/organisation', rest: '/departments/quota-office' }

/** The city as it begins: rules, calendar, a load with all units. */
export function* standingBatches(settings: MadeLogSettings): Generator<MadeBatch> {
  const batches = new Batches(settings)
  yield batches.of([settings.calendar, { kind: 'rules', rules: settings.rules }])
  yield batches.of([order('load.open', { load: 'city', until: '2099-01-01T00:00:00+08:00' })])
  for (let unit = 0; unit < settings.units; unit += 100) {
    const last = Math.min(unit + 100, settings.units)
    yield batches.of(Array.from({ length: last - unit }, (_, i) => standingOf(unit + i)).flat())
  }
  yield batches.of([order('load.close', { load: 'city' })])
}

/** What happens to it. Call `standingBatches` first: positions and time go on. */
export function* eventBatches(settings: MadeLogSettings, from: LogPosition): Generator<MadeBatch> {
  const { events, perBatch, hours, units } = settings
  const draw = randomOf(settings.seed, 'engine bench')
  const staff = new Uint8Array(units).fill(45)
  const batches = new Batches(settings, from)
  for (let made = 0; made < events; made += perBatch) {
    batches.nowMs = (startMs + Math.floor((made / events) * hours * hourMs)) as UnixMs
    const count = Math.min(perBatch, events - made)
    yield batches.of(Array.from({ length: count }, (_, i) => eventOf(draw, made + i, batches.nowMs, staff)))
  }
}

class Batches {
  nowMs = startMs as UnixMs
  #next: LogPosition

  constructor(_settings: MadeLogSettings, from = 1 as LogPosition) {
    this.#next = from
  }

  of(entries: readonly LogEntry[]): MadeBatch {
    const firstPosition = this.#next
    this.#next = (firstPosition + entries.length) as LogPosition
    return { firstPosition, nowMs: this.nowMs, entries: JSON.parse(JSON.stringify(entries)) as LogEntry[] }
  }
}

type Draw = ReturnType<typeof randomOf>

const idOf = (unit: number): string => `${counties[unit % counties.length]}-EDU-${String(unit).padStart(7, '0')}`

const order = (name: string, more: object): LogEntry =>
  ({ kind: 'order', order: { order: name, by: '基准', reason: 'bench', ...more } }) as unknown as LogEntry

function standingOf(unit: number): LogEntry[] {
  const id = idOf(unit)
  const make = (name: string, source: string, data: object) =>
    eventEntry(`c-${name}-${unit}`, source, name, id, startMs - dayMs, data, 'city')
  const profile = {
    name: `单位${unit}`,
    level: levels[unit % levels.length],
    county: counties[unit % counties.length],
    kind: unit % 10 < 3 ? 'administrative' : 'institution',
    sector: sectors[unit % sectors.length],
    frontline: unit % 3 === 0,
  }
  const entries = [
    make('unit.registered', sourceOf.rest, profile),
    make('staff.entered', sourceOf.staff, { count: 45, basis: 'permanent' }),
    make('contract.entered', sourceOf.staff, { count: 500 }),
    make('quota.approved', sourceOf.rest, { approved: approvedPosts, cause: 'census' }),
  ]
  if (unit % unitsPerTask === 0) entries.push(make('task.planned', sourceOf.task, planOf()))
  return entries
}

const planOf = () => ({
  taskId: 'T1',
  title: '任务',
  kind: 'reform',
  target: 100,
  startsOn: formatDay((Math.floor(startMs / dayMs) - 100) as DayNumber),
  dueOn: formatDay((Math.floor(startMs / dayMs) + planDays) as DayNumber),
})

function eventOf(draw: Draw, number: number, nowMs: number, staff: Uint8Array): LogEntry {
  const unit = draw(0, staff.length - 1)
  const share = draw(1, 100)
  const make = (source: string, type: string, data: object, of = unit) =>
    eventEntry(`e${number}`, source, type, idOf(of), nowMs - draw(0, 60_000), data)
  if (share <= 60) return staffEvent(draw, unit, staff, make)
  if (share <= 80) {
    const task = unit - (unit % unitsPerTask)
    return make(sourceOf.task, 'task.progressed', { taskId: 'T1', done: draw(250, 600) / 10 }, task)
  }
  if (share <= 90) return make(sourceOf.staff, draw(0, 1) ? 'contract.entered' : 'contract.left', { count: 1 })
  return restEvent(draw, share, number, make)
}

type Make = (source: string, type: string, data: object) => LogEntry

function staffEvent(draw: Draw, unit: number, staff: Uint8Array, make: Make): LogEntry {
  const held = staff[unit] as number
  const enters = held === fewestStaff || (held < mostStaff && draw(0, 1) === 1)
  staff[unit] = held + (enters ? 1 : -1)
  return make(sourceOf.staff, enters ? 'staff.entered' : 'staff.left', { count: 1, basis: 'permanent' })
}

/** One each of a hundred: approvals, loans, requests, cases, funds, assessments, indicators, lists. */
function restEvent(draw: Draw, share: number, number: number, make: Make): LogEntry {
  switch (share) {
    case 91:
    case 92:
      return make(sourceOf.rest, 'quota.approved', { approved: approvedPosts, cause: 'transfer' })
    case 93:
      return make(sourceOf.rest, 'pool.lent', { loanId: 'L1', count: 1, dueOn: '2030-01-01' })
    case 94:
      return make(sourceOf.rest, 'request.submitted', { requestId: `R${number % 10}`, kind: 'adjustment', count: 1 })
    case 95:
      return make(sourceOf.rest, 'case.opened', { caseId: `C${number % 10}`, channel: 'hotline' })
    case 96:
      return make(sourceOf.rest, 'fund.spent', { account: 'contract', amountCny: draw(1, 100) })
    case 97:
      return make(sourceOf.rest, 'assessment.published', { kind: 'efficiency', period: '2023', rank: 5, of: 1000 })
    case 98:
      return make(sourceOf.rest, 'demand.listed', { listId: 'D1', sector: 'education', count: 1 })
    default:
      return make(sourceOf.rest, 'staff.entered', { count: 1, basis: 'seconded_in' })
  }
}

const eventEntry = (
  id: string,
  source: string,
  type: string,
  subject: string,
  timeMs: number,
  data: object,
  load?: string,
): LogEntry =>
  ({
    kind: 'event',
    timeMs,
    event: {
      specversion: '1.0',
      id,
      source,
      type,
      subject,
      time: formatTime(timeMs as UnixMs),
      datacontenttype: 'application/json',
      ...(load === undefined ? {} : { load }),
      data,
    },
  }) as unknown as LogEntry
