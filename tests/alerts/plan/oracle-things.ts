/**
 * Tasks, loans, requests, cases and reports of a subject, each worked out anew from the subject's events.
 */
import type { EventEntry } from '../../../src/core/entry.js'
import type { EventDataByType } from '../../../src/core/event.js'
import type { RuleScope } from '../../../src/core/rule-set.js'
import { dayOf, dayOfText, midnightOf, monthOf, textOfDay, yearOf } from './days.js'
import type { Seen } from './oracle-levels.js'
import { latestOf, type Now, sortedOf } from './oracle-unit.js'
import { weekOf } from './reports-of-units.js'

/** What is judged; `figure` of one of its rules. Done with, or not to be judged yet: said by every figure. */
export interface Thing {
  readonly scope: RuleScope
  readonly subject: string
  readonly figure: (rule: string) => Seen
}

/** What is decided by the log's order, not by the events' time. */
interface Told {
  readonly id: string
  readonly events: readonly EventEntry[]
  /** By task: `nowMs` at which it was first planned. */
  readonly plannedMs: ReadonlyMap<string, number>
  /** Requests that are decided. */
  readonly decided: ReadonlySet<string>
  /** The day from which reports are expected. */
  readonly describedOn: number | undefined
}

export const thingsOf = (told: Told, now: Now): Thing[] => [
  ...groups(told.events, 'taskId').map(([id, events]) => task(told, id, events, now)),
  ...groups(told.events, 'loanId').map(([id, events]) => loan(told, id, events, now)),
  ...groups(told.events, 'requestId').map(([id, events]) => request(told, id, events, now)),
  ...groups(told.events, 'caseId').map(([id, events]) => oneCase(told, id, events, now)),
  ...(told.describedOn === undefined ? [] : [reports(told, told.describedOn, now)]),
]

function groups(events: readonly EventEntry[], key: string): [id: string, events: EventEntry[]][] {
  const found = new Map<string, EventEntry[]>()
  for (const entry of events) {
    const id = (entry.event.data as Readonly<Record<string, unknown>>)[key]
    if (typeof id === 'string') found.set(id, [...(found.get(id) ?? []), entry])
  }
  return [...found]
}

const millionths = (value: number): number => Math.round(value * 1_000_000)

function task(told: Told, id: string, events: readonly EventEntry[], now: Now): Thing {
  const plan = latestOf(events, 'task.planned')?.event.data as EventDataByType['task.planned'] | undefined
  const report = latestOf(events, 'task.progressed')?.event.data as EventDataByType['task.progressed'] | undefined
  const plannedMs = told.plannedMs.get(id)
  const isYoung = plannedMs === undefined || now.nowMs < midnightOf(dayOf(plannedMs) + 1)
  const isJudged = plan !== undefined && (report !== undefined || !isYoung)
  const figure = (rule: string): Seen => {
    if (!isJudged) return undefined
    const [done, target] = [millionths(report?.done ?? 0), millionths(plan.target)]
    return rule.startsWith('progress') ? progress(plan, done, target, now) : milestone(plan, done >= target, now)
  }
  return { scope: 'task', subject: `${told.id}/${id}`, figure }
}

function progress({ kind, ...plan }: EventDataByType['task.planned'], done: number, target: number, now: Now): Seen {
  if (kind === 'milestone') return 'green'
  const [startsOn, dueOn] = [dayOfText(plan.startsOn), dayOfText(plan.dueOn)]
  const total = now.calendar.between(startsOn, dueOn)
  const gone = now.today >= dueOn ? total : now.calendar.between(startsOn, now.today)
  // From dueOn on the full target is due, also where there was no working day.
  const [part, whole] = total === 0 ? [now.today >= dueOn ? 1 : 0, 1] : [gone, total]
  if (part * 10 < whole) return undefined
  return { top: BigInt(done) * BigInt(whole), bottom: BigInt(target) * BigInt(part) }
}

function milestone({ kind, dueOn }: EventDataByType['task.planned'], isDone: boolean, now: Now): Seen {
  return kind !== 'milestone' || isDone ? 'green' : { top: daysLeft(dayOfText(dueOn), now) }
}

/** Working days from tomorrow to the day; below 0 when it is past. */
export const daysLeft = (dueOn: number, { today, calendar }: Now): number =>
  today > dueOn ? -Math.max(1, calendar.between(dueOn, today)) : calendar.between(today, dueOn)

function loan(told: Told, id: string, events: readonly EventEntry[], now: Now): Thing {
  let out = 0
  for (const { event } of events) {
    if (event.type === 'pool.lent') out += event.data.count
    if (event.type === 'pool.returned') out -= event.data.count
  }
  const lent = sortedOf(events, 'pool.lent').map(({ event }) => event.data as EventDataByType['pool.lent'])
  const figure = (rule: string): Seen => {
    if (out === 0) return 'green'
    if (rule === 'pool-eligibility') return eligibility(lent.findLast((data) => data.investmentCny !== undefined))
    const dueOn = lent.at(-1)?.dueOn
    return { top: dueOn === undefined ? 0 : Math.max(0, -daysLeft(dayOfText(dueOn), now)) }
  }
  return { scope: 'loan', subject: `${told.id}/loan/${id}`, figure }
}

const eligibility = (data: { readonly investmentCny?: number } | undefined): Seen =>
  data?.investmentCny === undefined ? undefined : { top: Math.round(data.investmentCny * 100), bottom: 100 }

function request(told: Told, id: string, events: readonly EventEntry[], now: Now): Thing {
  const submitted = latestOf(events, 'request.submitted')
  const data = submitted?.event.data as EventDataByType['request.submitted']
  const figure = (rule: string): Seen => {
    if (!submitted || told.decided.has(id)) return 'green'
    if (rule === 'request-age') return { top: now.calendar.between(dayOf(submitted.timeMs), now.today) }
    return data.kind === 'pool' ? eligibility(data) : 'green'
  }
  return { scope: 'request', subject: `${told.id}/request/${id}`, figure }
}

/** Those to the pool that nobody has decided. */
export const poolRequestsOf = (told: Told): { readonly subject: string; readonly count: number }[] =>
  groups(told.events, 'requestId').flatMap(([id, events]) => {
    const data = latestOf(events, 'request.submitted')?.event.data as EventDataByType['request.submitted'] | undefined
    const isPending = data?.kind === 'pool' && !told.decided.has(id)
    return isPending ? [{ subject: `${told.id}/request/${id}`, count: data.count }] : []
  })

function oneCase(told: Told, id: string, events: readonly EventEntry[], now: Now): Thing {
  const opened = latestOf(events, 'case.opened')
  const isOpen = sortedOf(events, 'case.opened', 'case.answered').at(-1)?.event.type === 'case.opened'
  const age = (): Seen => (opened ? { top: now.calendar.between(dayOf(opened.timeMs), now.today) } : undefined)
  return { scope: 'case', subject: `${told.id}/case/${id}`, figure: () => (isOpen ? age() : 'green') }
}

interface Period {
  readonly name: string
  readonly firstDay: number
  readonly lastDay: number
}

const isCounty = (id: string): boolean => ['PJ', 'JH', 'XH', 'TS', 'KP', 'HS', 'EP', 'SZ'].includes(id)

/** The period of a subject's reports that a day lies in: the city's week, a county's month, a unit's day. */
function periodOf(id: string, day: number): Period {
  if (id === 'city') {
    const monday = day - ((day + 3) % 7)
    return { name: weekOf(day), firstDay: monday, lastDay: monday + 6 }
  }
  if (!isCounty(id)) return { name: textOfDay(day), firstDay: day, lastDay: day }
  const name = textOfDay(day).slice(0, 7)
  const [year, month] = [yearOf(day), monthOf(day)]
  const next = month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`
  return { name, firstDay: dayOfText(`${name}-01`), lastDay: dayOfText(`${next}-01`) - 1 }
}

/** A period of another rhythm is no report. */
export const isReportOf = (id: string, period: string): boolean =>
  (id === 'city' ? /^\d{4}-W\d\d$/ : isCounty(id) ? /^\d{4}-\d\d$/ : /^\d{4}-\d\d-\d\d$/).test(period)

function reports(told: Told, describedOn: number, { today, calendar }: Now): Thing {
  const { id } = told
  const reported = new Set(
    sortedOf(told.events, 'risk.reported').map(({ event }) => (event.data as EventDataByType['risk.reported']).period),
  )
  const first = periodOf(id, describedOn)
  const figure = (): Seen => {
    let period = periodOf(id, today)
    while (calendar.after(period.lastDay, 3) >= today) period = periodOf(id, period.firstDay - 1)
    if (period.lastDay <= first.lastDay) return undefined
    let missed = 0
    for (; period.lastDay > first.lastDay && !reported.has(period.name); period = periodOf(id, period.firstDay - 1))
      if (id === 'city' || isCounty(id) || calendar.isWorking(period.lastDay)) missed++
    return { top: missed }
  }
  return { scope: 'report', subject: id, figure }
}
