/**
 * What a shard answers when it is read: plain JSON in the shape of the HTTP contract, as of the last step.
 *
 * Lists are sorted and cut at `limit`, so the answers of several shards can be merged page by page. The number of an
 * alert's transition is the fold's to know: `Fold.withNumbers` puts it in.
 */
import { formatDay, formatTime } from '../core/day.js'
import { bases, type Colour, type County, type Sector } from '../core/names.js'
import { type FreezeState, type ProposalState, type Rung, rungs } from '../core/transition.js'
import { colourOf } from './colour.js'
import { reasonsOf } from './freeze.js'
import type { Alert, Holder, Proposal } from './holder.js'
import { colourOfWorst } from './judge.js'
import {
  type AlertStateQuery,
  alertStateIn,
  holdersThatStand,
  type RequestQuery,
  stateOfRequest,
} from './order-views.js'
import type { Profile } from './profile.js'
import type { ShardState } from './shard-state.js'
import { compareText } from './stamp.js'
import type { Told, ToldJson } from './told.js'
import type { FreezeOrdered, Unit } from './unit.js'
import { viewOfAssessments, viewOfFunds, viewOfMatters } from './views-of-matters.js'

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
  | ProposalsQuery
  | { readonly kind: 'freezes'; readonly unit?: string; readonly state?: FreezeState; readonly county?: County }
  /** Units whose facts changed since this was last asked. */
  | { readonly kind: 'figures' }
  | ToldQuery
  | AlertStateQuery
  | RequestQuery

/** How many units of a scope were told of by which feeds: `ToldUnits[]`. Looks at every unit. */
export interface ToldQuery {
  readonly kind: 'told'
  /** As in `summary`. */
  readonly scope: string
}

export interface ToldUnits {
  readonly toldBy: ToldJson
  readonly units: number
}

/** Green alerts only when `colour` asks for them. */
export interface AlertsQuery {
  readonly kind: 'alerts'
  readonly subject?: string
  readonly rule?: string
  readonly colour?: Colour
  readonly county?: County
  /** Only what is neither a unit's nor a county's. */
  readonly cityWide?: boolean
}

/** Open ones only, unless a state is asked for. */
export interface ProposalsQuery {
  readonly kind: 'proposals'
  readonly subject?: string
  readonly id?: string
  readonly state?: ProposalState
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
  /** Who must look after it; absent while green. */
  readonly rung?: Rung
  /** It climbed there after a time that the plan does not give. */
  readonly rungAssumed?: true
  readonly acknowledged?: { readonly by: string; readonly at: string; readonly until?: string }
  readonly silenced?: { readonly by: string; readonly until: string }
  /** One that was ordered ahead. */
  readonly silenceAhead?: { readonly by: string; readonly from: string; readonly until: string }
  readonly rectification?: { readonly owner: string; readonly dueOn: string }
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
      return listAlerts(holdersFor(state, query.subject), query).map((alert) => ({
        ...alert,
        toldBy: toldOf(state, state.units.get(alert.subject.split('/')[0] as string)),
      }))
    case 'told':
      return countTold(state, query.scope)
    case 'proposals':
      return listProposals(holdersFor(state, query.subject), query)
    case 'freezes':
      return listFreezes(state, query)
    case 'figures':
      return takeFigures(state)
    case 'alertState':
      return alertStateIn(state, holdersThatStand(state, query.subject), query.rule)
    case 'request':
      return stateOfRequest(state, query)
  }
}

/** The unit, or all that ever had an alert or a freeze. */
function flaggedUnits(state: ShardState, id: string | undefined): Unit[] {
  if (id === undefined) return [...state.flagged]
  const unit = state.units.get(id)
  return unit ? [unit] : []
}

const holdersFor = (state: ShardState, subject: string | undefined): Holder[] =>
  flaggedUnits(state, subject?.split('/')[0]).flatMap(holdersOf)

const holdersOf = (unit: Unit): Holder[] => [unit, ...unit.matters]

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

/** Also the fold's, for the city. Sorted by subject and rule. What need be mended is an alert of its own. */
export function listAlerts(holders: readonly Holder[], query: AlertsQuery): AlertView[] {
  const { subject, county, rule, colour, cityWide } = query
  return holders
    .flatMap((holder) => [holder, ...(holder.care?.rectifications.values() ?? [])])
    .filter((holder) => subject === undefined || holder.subject === subject)
    .filter(({ where }) => county === undefined || where.county === county)
    .filter(({ where }) => !cityWide || (where.county === undefined && where.unit === undefined))
    .flatMap(viewsOfAlerts)
    .filter((view) => rule === undefined || view.rule === rule)
    .filter((view) => (colour === undefined ? view.colour !== 'green' : view.colour === colour))
    .sort((a, b) => compareText(a.subject, b.subject) || compareText(a.rule, b.rule))
}

const viewsOfAlerts = (holder: Holder): AlertView[] =>
  [...(holder.alerts ?? [])].map(([rule, alert]) => viewOfAlert(holder, rule, alert))

function viewOfAlert(holder: Holder, rule: string, alert: Alert): AlertView {
  const { acknowledged, levels } = alert
  const silence = holder.care?.silences.get(rule)
  const ahead = holder.care?.silencesAhead.get(rule)
  const rectification = holder.care?.rectifications.get(rule)
  return {
    rule,
    ruleVersion: alert.ruleVersion,
    subject: holder.subject,
    ...holder.where,
    colour: colourOf(levels),
    since: formatTime(alert.sinceMs),
    position: alert.position,
    why: alert.why,
    ...(levels === 0 ? {} : { rung: rungs[alert.rung] as Rung }),
    ...(levels !== 0 && alert.rungAssumed ? { rungAssumed: true as const } : {}),
    ...(acknowledged
      ? {
          acknowledged: {
            by: acknowledged.by,
            at: formatTime(acknowledged.atMs),
            ...(acknowledged.untilMs === undefined ? {} : { until: formatTime(acknowledged.untilMs) }),
          },
        }
      : {}),
    ...(silence ? { silenced: { by: silence.by, until: formatTime(silence.untilMs) } } : {}),
    ...(ahead?.fromMs === undefined
      ? {}
      : { silenceAhead: { by: ahead.by, from: formatTime(ahead.fromMs), until: formatTime(ahead.untilMs) } }),
    ...(rectification ? { rectification: { owner: rectification.owner, dueOn: formatDay(rectification.dueOn) } } : {}),
  }
}

/** Also the fold's. Sorted by id. */
export function listProposals(holders: readonly Holder[], query: ProposalsQuery): unknown[] {
  const { subject, county, id, state } = query
  const isWanted = (proposal: Proposal) =>
    id === undefined ? proposal.state === (state ?? 'open') : proposal.id === id
  return holders
    .filter((holder) => subject === undefined || holder.subject === subject)
    .filter(({ where }) => county === undefined || where.county === county)
    .flatMap((holder) =>
      [...(holder.care?.proposals ?? [])]
        .filter(([, proposal]) => isWanted(proposal))
        .map(([rule, proposal]) => viewOfProposal(holder, rule, proposal)),
    )
    .sort((a, b) => compareText(a.proposalId, b.proposalId))
}

const viewOfProposal = (holder: Holder, rule: string, { id, state, sinceMs, proposed, why, decidedBy }: Proposal) => ({
  proposalId: id,
  rule,
  subject: holder.subject,
  ...holder.where,
  state,
  since: formatTime(sinceMs),
  proposed,
  ...(why ? { why } : {}),
  ...(decidedBy === undefined ? {} : { decidedBy }),
})

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
  const units = state.unreadUnits.splice(0).sort((a, b) => compareText(a.id, b.id))
  for (const unit of units) unit.isUnread = false
  return units
    .filter((unit) => unit.stands && !unit.isWide)
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
    proposals: listProposals(holdersOf(unit), { kind: 'proposals' }),
    ...viewOfMatters(state, unit),
    assessments: viewOfAssessments(state, unit),
    funds: viewOfFunds(unit),
    // Which of them are silent is the fold's to say (stale.ts).
    toldBy: toldOf(state, unit),
    ...(unit.openLoads > 0 ? { setAside: true } : {}),
  }
}

const toldOf = (state: ShardState, unit: Unit | undefined): ToldJson =>
  unit?.told ? state.tellers.shown(unit.told) : []

function countTold(state: ShardState, scope: string): ToldUnits[] {
  const [dimension, value] = scope.split('/') as [keyof Profile['cell'] | 'city', string?]
  const counts = new Map<Told, number>()
  for (const { stands, isWide, told, profile } of state.units.values()) {
    if (!told || !stands || isWide) continue
    if (dimension === 'city' || profile?.cell[dimension] === value) counts.set(told, (counts.get(told) ?? 0) + 1)
  }
  return [...counts].map(([told, units]) => ({ toldBy: state.tellers.shown(told), units }))
}

/** What is missing is null; a ratio over nothing is null too. */
function viewOfFacts(unit: Unit): object {
  const { hasQuota, usable, filled, heads } = unit
  return {
    approved: hasQuota ? unit.approved : null,
    onLoan: unit.onLoan,
    usable: hasQuota ? usable : null,
    filled,
    overBy: hasQuota ? filled - usable : null,
    vacancyRatio: hasQuota && usable > 0 ? (usable - filled) / usable : null,
    contract: unit.contract,
    heads: Object.fromEntries(bases.map((basis, at) => [basis, heads[at]])),
  }
}

function viewOfFreeze(state: ShardState, unit: Unit): object {
  const { freeze } = unit
  if (!freeze || freeze.sequence === 0) return { state: 'none', reasons: [], sequence: 0, since: null }
  const reasons = reasonsOf(unit, state.rules.freezing)
  // One of the figures that freeze it is ours, not the plan's.
  const isAssumed = reasons.some((rule) => unit.alerts?.get(rule)?.why.assumed === true)
  return {
    state: freeze.state,
    reasons,
    sequence: freeze.sequence,
    since: formatTime(freeze.sinceMs),
    ...(freeze.orders.length === 0 ? {} : { orders: freeze.orders.map(viewOfOrder) }),
    ...(isAssumed ? { assumed: true } : {}),
    ...(freeze.lift
      ? { until: formatTime(freeze.lift.untilMs), by: freeze.lift.by, because: freeze.lift.because }
      : {}),
  }
}

const viewOfOrder = ({ by, because, sinceMs }: FreezeOrdered): object => ({ by, because, since: formatTime(sinceMs) })
