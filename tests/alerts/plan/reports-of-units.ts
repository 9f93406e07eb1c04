/**
 * What is reported of a unit, or of the city where it has tasks and cases of its own.
 */
import type { EventEntry, LogEntry } from '../../../src/core/entry.js'
import {
  approvalCauses,
  assessmentKinds,
  caseChannels,
  type EventDataByType,
  fundAccounts,
  grades,
  requestKinds,
  taskKinds,
} from '../../../src/core/event.js'
import { bases, levels, sectors, unitKinds } from '../../../src/core/names.js'
import { dayOf, textOfDay, yearOf } from './days.js'
import type { PlanWorld } from './world.js'

interface Planned {
  readonly target: number
  readonly startsOn: number
  readonly dueOn: number
}

/** What the world must remember of a subject, to report what is possible. */
export interface Subject {
  readonly id: string
  readonly heads: number[]
  approved: number
  contract: number
  readonly loans: Map<string, number>
  readonly tasks: Map<string, Planned>
  readonly requests: Set<string>
  readonly cases: Set<string>
  /** After everything that was reported of it. */
  lastMs: number
  closed: boolean
}

export const subjectOf = (id: string): Subject => ({
  id,
  heads: [0, 0, 0, 0, 0],
  approved: 0,
  contract: 0,
  loans: new Map(),
  tasks: new Map(),
  requests: new Set(),
  cases: new Set(),
  lastMs: 0,
  closed: false,
})

const isWide = ({ id }: Subject): boolean => !id.startsWith('U')

export function reportOf(world: PlanWorld, unit: Subject): EventEntry {
  const kind = world.random.whole(isWide(unit) ? 70 : 1, isWide(unit) ? 95 : 110)
  if (kind <= 34) return staff(world, unit)
  if (kind <= 46) return approval(world, unit)
  if (kind <= 53) return contract(world, unit)
  if (kind <= 63) return pool(world, unit)
  if (kind <= 69) return request(world, unit)
  if (kind <= 84) return task(world, unit)
  if (kind <= 89) return oneCase(world, unit)
  if (kind <= 93) return risk(world, unit)
  if (kind <= 95) return fund(world, unit)
  if (kind <= 106) return assessment(world, unit)
  if (kind <= 108) return listed(world, unit)
  return world.event(unit, 'unit.registered', profile(world))
}

function profile({ random: { pick, chance, whole } }: PlanWorld): EventDataByType['unit.registered'] {
  return {
    name: `单位${whole(1, 999)}`,
    level: pick(levels),
    county: pick(['PJ', 'XH', 'TS', 'SZ']),
    kind: pick(unitKinds),
    sector: pick([...sectors, 'education', 'innovation', 'innovation']),
    frontline: chance(0.5),
  }
}

/** Towards a head count at which something is just so: full, one too many, exactly a fifth empty, 19 % empty. */
function staff(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, chance, pick } = world.random
  const basis = chance(0.8) ? 0 : whole(1, 4)
  const usable = unit.approved + [...unit.loans.values()].reduce((sum, out) => sum + out, 0)
  const shares = [1, 1, 0.8, 0.81, 0.79, 0.65, 0.7, 0.5]
  const wanted = Math.ceil(usable * pick(shares)) + pick([0, 0, 0, 0, 1, -1, 2])
  const have = unit.heads[basis] as number
  const steered = basis === 0 && chance(0.8) ? wanted - have : whole(-3, 4)
  const change = steered === 0 ? 1 : steered
  unit.heads[basis] = have + change
  const data = { count: Math.abs(change), basis: bases[basis] as (typeof bases)[number] }
  return world.event(unit, change > 0 ? 'staff.entered' : 'staff.left', data)
}

function approval(world: PlanWorld, unit: Subject): EventEntry {
  const { pick, chance, whole } = world.random
  unit.approved = chance(0.3) ? Math.max(0, unit.approved + whole(-3, 3)) : pick([0, 1, 5, 10, 20, 20, 25, 40, 50, 100])
  const causes = [...approvalCauses, 'list', 'list', 'autonomy', 'autonomy'] as const
  return world.event(unit, 'quota.approved', { approved: unit.approved, cause: pick(causes) })
}

function contract(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, chance } = world.random
  const count = whole(1, 9)
  const enters = chance(unit.contract > 15 ? 0.3 : 0.7)
  unit.contract += enters ? count : -count
  return world.event(unit, enters ? 'contract.entered' : 'contract.left', { count })
}

const investments = [100_000_000, 100_000_000.01, 250_000_000, 99_999_999.99, 3]

function pool(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, chance, pick } = world.random
  const out = [...unit.loans].filter(([, count]) => count > 0)
  if (out.length > 0 && chance(0.5)) {
    const [loanId, most] = pick(out)
    const count = chance(0.6) ? most : whole(1, most)
    unit.loans.set(loanId, most - count)
    return world.event(unit, 'pool.returned', { loanId, count })
  }
  const loanId = `L${whole(1, 3)}`
  const count = pick([1, 2, 5, 10, 15])
  unit.loans.set(loanId, (unit.loans.get(loanId) ?? 0) + count)
  const investmentCny = chance(0.6) ? { investmentCny: pick(investments) } : {}
  const dueOn = textOfDay(world.today + whole(-3, 40))
  return world.event(unit, 'pool.lent', { loanId, count, dueOn, ...investmentCny })
}

function request(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, chance, pick } = world.random
  const requestId = `R${whole(1, 4)}`
  unit.requests.add(requestId)
  const investmentCny = chance(0.6) ? { investmentCny: pick(investments) } : {}
  const data = { requestId, kind: pick(requestKinds), count: whole(1, 9), ...investmentCny }
  return world.event(unit, 'request.submitted', data)
}

function task(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, chance, pick } = world.random
  if (unit.tasks.size > 0 && chance(0.7)) {
    const [taskId, planned] = pick([...unit.tasks])
    return world.event(unit, 'task.progressed', { taskId, done: doneOf(world, planned) })
  }
  const taskId = `T${whole(1, 3)}`
  const [startsOn, dueOn] = [world.today + whole(-20, 5), world.today + whole(-5, 40)]
  const target = pick([1, 10, 100, 33.3, 0.000007])
  unit.tasks.set(taskId, { target, startsOn, dueOn })
  const days = { startsOn: textOfDay(startsOn), dueOn: textOfDay(dueOn) }
  const kind = pick([...taskKinds, 'milestone'] as const)
  return world.event(unit, 'task.planned', { taskId, title: '任务', kind, target, ...days })
}

/** Mostly exactly at a threshold or at a way back of what is due by now, or just beside it. */
function doneOf({ random, days, today }: PlanWorld, { target, startsOn, dueOn }: Planned): number {
  const total = days.between(startsOn, dueOn)
  const share = total === 0 ? 1 : Math.min(1, days.between(startsOn, today) / total)
  const wanted = target * share * random.pick([0.6, 0.8, 0.61, 0.81, 0.5, 0.7, 1, 1.2])
  return Math.max(0, Math.round(wanted * 1_000_000) + random.pick([0, 0, 1, -1])) / 1_000_000
}

function oneCase(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, chance, pick } = world.random
  if (unit.cases.size > 0 && chance(0.5)) return world.event(unit, 'case.answered', { caseId: pick([...unit.cases]) })
  const caseId = `C${whole(1, 3)}`
  unit.cases.add(caseId)
  return world.event(unit, 'case.opened', { caseId, channel: pick(caseChannels) })
}

/** The day before, or some day lately; of the city a week, of a county a month. */
function risk(world: PlanWorld, { id, ...unit }: Subject): EventEntry {
  const { whole, chance } = world.random
  const day = world.today - (chance(0.5) ? 1 : whole(0, 25))
  const period = id === 'city' ? weekOf(day) : id.startsWith('U') ? textOfDay(day) : textOfDay(day).slice(0, 7)
  return world.event({ ...unit, id }, 'risk.reported', { period: chance(0.05) ? '2024' : period })
}

/** ISO week: that of its Thursday. */
export function weekOf(day: number): string {
  const monday = day - ((day + 3) % 7)
  const year = yearOf(monday + 3)
  const first = dayOf(Date.parse(`${year}-01-04T12:00:00Z`))
  const week = (monday - (first - ((first + 3) % 7))) / 7 + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

function fund(world: PlanWorld, unit: Subject): EventEntry {
  const { chance, pick } = world.random
  const data = { account: pick(fundAccounts), amountCny: pick([100_000, 900_000, 1_000_000, 0.01, 2_700_000]) }
  return world.event(unit, chance(0.4) ? 'fund.budgeted' : 'fund.spent', data)
}

/** Most of the periods are of about now, and some are closed already. */
function assessment(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, pick } = world.random
  const year = yearOf(world.today) - whole(0, 2)
  const kind = pick(assessmentKinds)
  if (kind === 'economic_contribution') {
    const period = `${year}H${whole(1, 2)}`
    return world.event(unit, 'assessment.published', { period, kind, value: pick([9, 10, 10, 8, 12.5, 0.000001, 100]) })
  }
  const period = String(year)
  if (kind === 'annual') return world.event(unit, 'assessment.published', { period, kind, grade: pick(grades) })
  return world.event(unit, 'assessment.published', { period, kind, rank: pick([1, 9, 10, 10, 10]), of: pick([10, 11]) })
}

function listed(world: PlanWorld, unit: Subject): EventEntry {
  const { whole, chance, pick } = world.random
  const data = { listId: `Q${whole(1, 2)}`, sector: pick(sectors), count: whole(1, 9) }
  return world.event(unit, chance(0.5) ? 'demand.listed' : 'supply.listed', data)
}

/** Everything moves away, then the unit is closed: in one batch, last. */
export function close(world: PlanWorld, unit: Subject): LogEntry[] {
  unit.approved = 0
  const entries = [world.event(unit, 'quota.approved', { approved: 0, cause: 'transfer' }, unit.lastMs + 1)]
  unit.heads.forEach((count, at) => {
    const data = { count: Math.abs(count), basis: bases[at] as (typeof bases)[number] }
    if (count !== 0) entries.push(world.event(unit, count > 0 ? 'staff.left' : 'staff.entered', data))
    unit.heads[at] = 0
  })
  const { contract: left } = unit
  if (left !== 0)
    entries.push(world.event(unit, left > 0 ? 'contract.left' : 'contract.entered', { count: Math.abs(left) }))
  unit.contract = 0
  for (const [loanId, count] of unit.loans) {
    if (count > 0) entries.push(world.event(unit, 'pool.returned', { loanId, count }))
    unit.loans.set(loanId, 0)
  }
  unit.closed = true
  entries.push(world.event(unit, 'unit.closed', {}, unit.lastMs + 1))
  return entries
}

/** Registered for the first time, or again. */
export function reopen(world: PlanWorld, unit: Subject): EventEntry {
  unit.closed = false
  return world.event(unit, 'unit.registered', profile(world), Math.max(world.time(), unit.lastMs + 1))
}
