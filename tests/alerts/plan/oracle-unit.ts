/**
 * What is known of a unit, worked out anew from all its events; and the figures of the rules about units.
 */
import type { EventEntry } from '../../../src/core/entry.js'
import type { EventDataByType, EventType, QuotaEvent } from '../../../src/core/event.js'
import { type Calendar, dayOf, dayOfText, yearOf } from './days.js'
import type { Seen } from './oracle-levels.js'

/** The moment of judging. */
export interface Now {
  readonly nowMs: number
  readonly today: number
  readonly year: number
  readonly calendar: Calendar
}

type Of<T extends EventType> = EventEntry & { readonly event: QuotaEvent & { readonly type: T } }

const byStamp = (a: EventEntry, b: EventEntry): number =>
  a.timeMs - b.timeMs || compare(a.event.source, b.event.source) || compare(a.event.id, b.event.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The events of these types, by time, source and id. */
export function sortedOf<T extends EventType>(events: readonly EventEntry[], ...types: readonly T[]): Of<T>[] {
  return (events as readonly Of<T>[])
    .filter(({ event }) => (types as readonly string[]).includes(event.type))
    .sort(byStamp)
}

export const latestOf = <T extends EventType>(events: readonly EventEntry[], type: T): Of<T> | undefined =>
  sortedOf(events, type).at(-1)

interface Approval {
  readonly timeMs: number
  readonly cause: EventDataByType['quota.approved']['cause']
  readonly approved: number
  readonly moved: number
}

export interface Facts {
  readonly stands: boolean
  readonly profile: EventDataByType['unit.registered'] | undefined
  readonly approvals: readonly Approval[]
  readonly approved: number | undefined
  readonly onLoan: number
  readonly filled: number
  readonly heads: readonly number[]
  readonly contract: number
}

export function factsOf(events: readonly EventEntry[], counted: readonly string[]): Facts {
  const heads = new Map<string, number>()
  let [onLoan, contract] = [0, 0]
  for (const { event } of events) {
    if (event.type === 'staff.entered') add(heads, event.data.basis, event.data.count)
    if (event.type === 'staff.left') add(heads, event.data.basis, -event.data.count)
    if (event.type === 'contract.entered') contract += event.data.count
    if (event.type === 'contract.left') contract -= event.data.count
    if (event.type === 'pool.lent') onLoan += event.data.count
    if (event.type === 'pool.returned') onLoan -= event.data.count
  }
  const approvals = approvalsOf(events)
  return {
    stands: sortedOf(events, 'unit.registered', 'unit.closed').at(-1)?.event.type === 'unit.registered',
    profile: latestOf(events, 'unit.registered')?.event.data as Facts['profile'],
    approvals,
    approved: approvals.at(-1)?.approved,
    onLoan,
    filled: counted.reduce((sum, basis) => sum + (heads.get(basis) ?? 0), 0),
    heads: [...heads.values()],
    contract,
  }
}

const add = (sums: Map<string, number>, key: string, count: number) => sums.set(key, (sums.get(key) ?? 0) + count)

function approvalsOf(events: readonly EventEntry[]): Approval[] {
  let before = 0
  return sortedOf(events, 'quota.approved').map(({ timeMs, event }) => {
    const { approved, cause } = event.data as EventDataByType['quota.approved']
    const moved = approved - before
    before = approved
    return { timeMs, cause, approved, moved }
  })
}

const usableOf = ({ approved, onLoan }: Facts): number => (approved ?? 0) + onLoan
export const isOver = (facts: Facts): boolean => facts.approved !== undefined && facts.filled > usableOf(facts)
export const approvedOn1January = ({ approvals }: Facts, year: number): number | undefined =>
  approvals.filter(({ timeMs }) => dayOf(timeMs) <= dayOfText(`${year}-01-01`)).at(-1)?.approved

/** What is counted as the log goes on, and cannot be seen in the events alone. */
interface Counted {
  readonly overSince: number | undefined
  readonly negativeSince: number | undefined
  readonly enteredWhileFrozen: number
}

/** Periods that are closed, by kind; and the city's sum and count of each half-year. */
export interface Periods {
  readonly closed: ReadonlySet<string>
  readonly means: ReadonlyMap<string, { readonly sum: number; readonly count: number }>
}

export function unitFigure(
  rule: string,
  facts: Facts,
  of: Counted,
  events: readonly EventEntry[],
  periods: Periods,
  now: Now,
): Seen {
  const usable = usableOf(facts)
  const hasQuota = facts.approved !== undefined
  switch (rule) {
    case 'over-quota':
      return hasQuota ? { top: facts.filled - usable } : undefined
    case 'vacancy':
      if (!hasQuota) return undefined
      return usable > 0 ? { top: usable - facts.filled, bottom: usable } : { top: 0 }
    case 'refuses-release':
      return hasQuota ? { top: daysSince(of.overSince, now) } : undefined
    case 'impossible-headcount':
      return { top: daysSince(of.negativeSince, now) }
    case 'frozen-use':
      return { top: of.enteredWhileFrozen }
    case 'township-autonomy':
      return autonomy(facts, now)
    default:
      return assessedFigure(rule, events, periods)
  }
}

const daysSince = (day: number | undefined, { calendar, today }: Now): number =>
  day === undefined ? 0 : calendar.between(day, today)

function autonomy(facts: Facts, { year }: Now): Seen {
  if (facts.profile?.level !== 'township') return 'green'
  const quota = approvedOn1January(facts, year)
  if (!quota) return undefined
  const moves = facts.approvals.filter(({ cause, timeMs }) => cause === 'autonomy' && yearOf(dayOf(timeMs)) === year)
  return { top: moves.reduce((sum, { moved }) => sum + Math.abs(moved), 0), bottom: quota }
}

/** The latest figure of each period of a kind. */
export function assessedBy(
  events: readonly EventEntry[],
  kind: string,
): Map<string, EventDataByType['assessment.published']> {
  const all = sortedOf(events, 'assessment.published').map(
    ({ event }) => event.data as EventDataByType['assessment.published'],
  )
  return new Map(all.filter((data) => data.kind === kind).map((data) => [data.period, data]))
}

const kindOf: Readonly<Record<string, string>> = {
  'economic-contribution': 'economic_contribution',
  'efficiency-decile': 'efficiency',
  'annual-grade': 'annual',
}

/** The latest closed period with a figure of the unit, for a rule about assessments. */
export function latestClosed(rule: string, events: readonly EventEntry[], { closed }: Periods): string | undefined {
  const kind = kindOf[rule]
  if (kind === undefined) return undefined
  return [...assessedBy(events, kind).keys()]
    .filter((each) => closed.has(`${kind}/${each}`))
    .sort()
    .at(-1)
}

function assessedFigure(rule: string, events: readonly EventEntry[], { closed, means }: Periods): Seen {
  const kind = kindOf[rule]
  if (kind === undefined) throw new Error(`the oracle knows no rule ${rule} about units`)
  const assessed = assessedBy(events, kind)
  const period = latestClosed(rule, events, { closed, means })
  const latest = period === undefined ? undefined : assessed.get(period)
  if (period === undefined || latest === undefined) return undefined
  if (latest.kind === 'annual') return { top: ['excellent', 'good', 'passed', 'failed'].indexOf(latest.grade) }
  if (latest.kind === 'economic_contribution') {
    const mean = means.get(period)
    if (!mean || mean.sum <= 0) return undefined
    return { top: BigInt(Math.round(latest.value * 1e6)) * BigInt(mean.count), bottom: mean.sum }
  }
  let years = 0
  const isBottom = (year: string) => {
    const data = assessed.get(year)
    return closed.has(`${kind}/${year}`) && data?.kind === 'efficiency' && data.rank > 0.9 * data.of
  }
  while (isBottom(String(Number(period) - years))) years++
  return { top: years }
}
