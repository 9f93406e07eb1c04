/**
 * What a shard answers when it is read: plain JSON in the shape of the HTTP contract, as of the last step.
 *
 * Lists are sorted and cut at `limit`, so the answers of several shards can be merged page by page. The number of an
 * alert's transition is the fold's to know: `Fold.withNumbers` puts it in.
 */
import { dayOf, formatDay, formatTime } from '../core/day.js'
import { bases, type Colour, type County, type Sector } from '../core/names.js'
import type { FreezeState } from '../core/transition.js'
import type { Alert, AlertHolder } from './alert.js'
import { colourOf } from './colour.js'
import { reasonsOf } from './freeze.js'
import { colourOfWorst, whereIs } from './judge.js'
import type { Profile } from './profile.js'
import type { ShardState } from './shard-state.js'
import { compareText } from './stamp.js'
import { factsOfTask } from './task-facts.js'
import type { Task, Unit } from './unit.js'

export type ShardQuery =
  | { readonly kind: 'unit'; readonly id: string }
  | {
      readonly kind: 'units'
      readonly county?: County
      readonly sector?: Sector
      readonly colour?: Colour
      /** Only ids after this one. */
      readonly after?: string
      readonly limit: number
    }
  | AlertsQuery
  | { readonly kind: 'freezes'; readonly unit?: string; readonly state?: FreezeState; readonly county?: County }
  /** Units whose facts changed since this was last asked. */
  | { readonly kind: 'figures' }

/** Green alerts only when `colour` asks for them. */
export interface AlertsQuery {
  readonly kind: 'alerts'
  readonly subject?: string
  readonly rule?: string
  readonly colour?: Colour
  readonly county?: County
}

export interface AlertView {
  readonly rule: string
  readonly ruleVersion: string
  readonly subject: string
  readonly colour: Colour
  readonly since: string
  readonly position: number
  readonly why: Alert['why']
}

export function readShard(state: ShardState, query: ShardQuery): unknown {
  switch (query.kind) {
    case 'unit': {
      const unit = state.units.get(query.id)
      return unit?.profile ? viewOfUnit(state, unit, unit.profile) : undefined
    }
    case 'units':
      return listUnits(state, query)
    case 'alerts':
      return listAlerts(flaggedUnits(state, query.subject?.split('/')[0]).flatMap(holdersOf), query)
    case 'freezes':
      return listFreezes(state, query)
    case 'figures':
      return takeFigures(state)
  }
}

/** The unit, or all that ever had an alert or a freeze. */
function flaggedUnits(state: ShardState, id: string | undefined): Unit[] {
  if (id === undefined) return [...state.flagged]
  const unit = state.units.get(id)
  return unit ? [unit] : []
}

const holdersOf = (unit: Unit): AlertHolder[] => [unit, ...(unit.tasks?.values() ?? [])]

function listUnits(state: ShardState, query: Extract<ShardQuery, { kind: 'units' }>): unknown[] {
  state.sortedIds ??= [...state.units.keys()].sort(compareText)
  const items: unknown[] = []
  for (let at = firstAfter(state.sortedIds, query.after ?? ''); at < state.sortedIds.length; at++) {
    if (items.length >= query.limit) break
    const unit = state.units.get(state.sortedIds[at] as string)
    if (unit?.profile && unit.stands && matches(unit, unit.profile, query))
      items.push(viewOfUnit(state, unit, unit.profile))
  }
  return items
}

function matches(unit: Unit, profile: Profile, query: Extract<ShardQuery, { kind: 'units' }>): boolean {
  return (
    (query.county === undefined || profile.cell.county === query.county) &&
    (query.sector === undefined || profile.cell.sector === query.sector) &&
    (query.colour === undefined || colourOfWorst(unit.worst) === query.colour)
  )
}

/** Index of the first id after `id`. */
function firstAfter(ids: readonly string[], id: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ids[middle] as string) <= id) low = middle + 1
    else high = middle
  }
  return low
}

/** Also the fold's, for the city. Sorted by subject and rule. */
export function listAlerts(holders: readonly AlertHolder[], query: AlertsQuery): AlertView[] {
  const { subject, county, rule, colour } = query
  return holders
    .filter((holder) => subject === undefined || holder.subject === subject)
    .filter(({ unit }) => county === undefined || unit?.profile?.cell.county === county)
    .flatMap(viewsOfAlerts)
    .filter((view) => rule === undefined || view.rule === rule)
    .filter((view) => (colour === undefined ? view.colour !== 'green' : view.colour === colour))
    .sort((a, b) => compareText(a.subject, b.subject) || compareText(a.rule, b.rule))
}

function viewsOfAlerts(holder: AlertHolder): AlertView[] {
  return [...(holder.alerts ?? [])].map(([rule, alert]) => ({
    rule,
    ruleVersion: alert.ruleVersion,
    subject: holder.subject,
    ...whereIs(holder),
    colour: colourOf(alert.levels),
    since: formatTime(alert.sinceMs),
    position: alert.position,
    why: alert.why,
  }))
}

function listFreezes(state: ShardState, query: Extract<ShardQuery, { kind: 'freezes' }>): unknown[] {
  const wanted = (unit: Unit) =>
    query.state === undefined
      ? query.unit !== undefined || unit.freeze?.state !== 'none'
      : unit.freeze?.state === query.state
  return flaggedUnits(state, query.unit)
    .filter((unit) => (unit.freeze?.sequence ?? 0) > 0 && wanted(unit))
    .filter((unit) => query.county === undefined || unit.profile?.cell.county === query.county)
    .sort((a, b) => compareText(a.id, b.id))
    .map((unit) => ({ unit: unit.id, ...countyOf(unit), ...viewOfFreeze(state, unit) }))
}

const countyOf = ({ profile }: Unit): { county?: County } => (profile ? { county: profile.cell.county } : {})

function takeFigures(state: ShardState): unknown[] {
  const units = [...state.unreadUnits].sort((a, b) => compareText(a.id, b.id))
  state.unreadUnits.clear()
  return units
    .filter((unit) => unit.stands)
    .map((unit) => ({
      unit: unit.id,
      ...countyOf(unit),
      facts: viewOfFacts(unit),
      policy: state.policyName,
      colour: colourOfWorst(unit.worst),
      freeze: unit.freeze?.state ?? 'none',
    }))
}

function viewOfUnit(state: ShardState, unit: Unit, profile: Profile): unknown {
  const { level, county, kind, sector, frontline } = profile.cell
  return {
    id: unit.id,
    name: profile.name,
    level,
    county,
    kind,
    sector,
    frontline,
    ...(unit.stands ? {} : { closed: true }),
    facts: viewOfFacts(unit),
    policy: state.policyName,
    colour: colourOfWorst(unit.worst),
    freeze: viewOfFreeze(state, unit),
    alerts: listAlerts(holdersOf(unit), { kind: 'alerts' }),
    loans: viewOfLoans(unit),
    tasks: [...(unit.tasks?.values() ?? [])]
      .sort((a, b) => compareText(a.id, b.id))
      .flatMap((task) => viewOfTask(state, task)),
    ...(unit.openLoads > 0 ? { setAside: true } : {}),
  }
}

/** What is missing is null; a ratio over nothing is null too. */
function viewOfFacts(unit: Unit): object {
  const { hasQuota, usable, filled } = unit
  return {
    approved: hasQuota ? unit.approvals.approved : null,
    onLoan: unit.onLoan,
    usable: hasQuota ? usable : null,
    filled,
    overBy: hasQuota ? filled - usable : null,
    vacancyRatio: hasQuota && usable > 0 ? (usable - filled) / usable : null,
    contract: unit.contract,
    heads: Object.fromEntries(bases.map((basis, at) => [basis, unit.heads[at]])),
  }
}

function viewOfFreeze(state: ShardState, unit: Unit): object {
  const { freeze } = unit
  if (!freeze || freeze.sequence === 0) return { state: 'none', reasons: [], sequence: 0, since: null }
  return {
    state: freeze.state,
    reasons: reasonsOf(unit, state.rules.freezing),
    sequence: freeze.sequence,
    since: formatTime(freeze.sinceMs),
    ...(freeze.lift ? { until: formatTime(freeze.lift.untilMs), by: freeze.lift.by } : {}),
  }
}

function viewOfLoans(unit: Unit): unknown[] {
  return [...(unit.loans ?? [])]
    .filter(([, { out }]) => out !== 0)
    .sort(([a], [b]) => compareText(a, b))
    .map(([loanId, { out, due }]) => ({ loanId, out, dueOn: due?.dueOn ?? null }))
}

function viewOfTask(state: ShardState, task: Task): unknown[] {
  const today = dayOf(state.nowMs)
  const facts = factsOfTask(task, today, state.calendar)
  if (!task.plan || !facts) return []
  const { title, kind, startsOn, dueOn } = task.plan
  const dueByNow = facts.target * facts.daysGone
  return [
    {
      taskId: task.id,
      title,
      kind,
      target: facts.target / 1_000_000,
      done: facts.done / 1_000_000,
      startsOn: formatDay(startsOn),
      dueOn: formatDay(dueOn),
      workingDays: { gone: facts.daysGone, total: facts.daysTotal, ...(facts.uncertain ? { uncertain: true } : {}) },
      progressRatio: dueByNow > 0 ? (facts.done * facts.daysTotal) / dueByNow : null,
    },
  ]
}
