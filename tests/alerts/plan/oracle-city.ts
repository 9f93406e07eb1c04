/**
 * Figures of the city, its counties and sectors, the pool, the accounts, the feeds and the service, added up anew over all
 * units and all events.
 */
import type { EventEntry } from '../../../src/core/entry.js'
import { type EventDataByType, fundAccounts } from '../../../src/core/event.js'
import { counties } from '../../../src/core/names.js'
import { dayOf, dayOfText, midnightOf, monthOf, yearOf } from './days.js'
import type { Seen } from './oracle-levels.js'
import type { Thing } from './oracle-things.js'
import { approvedOn1January, type Facts, latestOf, type Now, sortedOf } from './oracle-unit.js'
import { fixed } from './rules.js'

/** A unit at the end of a batch. */
export interface Member extends Facts {
  readonly heardOn: number
}

interface WholeCity {
  /** Registered once; also those that were closed since. */
  readonly members: readonly Member[]
  readonly events: readonly EventEntry[]
  readonly reserveOpened: boolean
  readonly now: Now
}

const sum = (members: readonly Member[], of: (member: Member) => number): number =>
  members.reduce((total, member) => total + of(member), 0)
const approvedIn = (members: readonly Member[], is: (profile: NonNullable<Facts['profile']>) => boolean): number =>
  sum(members, ({ profile, approved }) => (profile && is(profile) ? (approved ?? 0) : 0))

const share = (top: number, bottom: number): Seen => (bottom > 0 ? { top, bottom } : undefined)

export function placesOf(city: WholeCity): Thing[] {
  const standing = city.members.filter(({ stands }) => stands)
  const inSector = (sector: string) => standing.filter(({ profile }) => profile?.sector === sector)
  return [
    { scope: 'city', subject: 'city', figure: (rule) => cityFigure(rule, city, standing) },
    ...counties.map((county): Thing => {
      const own = standing.filter(({ profile }) => profile?.county === county)
      return { scope: 'county', subject: county, figure: (rule) => countyFigure(rule, city, county, own) }
    }),
    ...['education', 'health'].map(
      (sector): Thing => ({
        scope: 'sector',
        subject: `sector/${sector}`,
        figure: () => contractRatio(inSector(sector)),
      }),
    ),
    { scope: 'pool', subject: 'pool', figure: (rule) => poolFigure(rule, city, standing) },
    ...fundAccounts.map(
      (name): Thing => ({ scope: 'account', subject: `account/${name}`, figure: () => fund(city, name) }),
    ),
  ]
}

const contractRatio = (members: readonly Member[]): Seen =>
  share(
    sum(members, ({ contract }) => contract),
    approvedIn(members, ({ kind }) => kind === 'institution'),
  )

function cityFigure(rule: string, city: WholeCity, standing: readonly Member[]): Seen {
  const approved = approvedIn(standing, () => true)
  const ofInstitutions = (sectors: readonly string[]) =>
    share(
      approvedIn(standing, ({ kind, sector }) => kind === 'institution' && sectors.includes(sector)),
      approvedIn(standing, ({ kind }) => kind === 'institution'),
    )
  const frontline = standing.filter(({ profile }) => profile?.frontline)
  switch (rule) {
    case 'total-cap':
      return { top: overCap(city, standing) }
    case 'administrative-share':
      return share(
        approvedIn(standing, ({ kind }) => kind === 'administrative'),
        approved,
      )
    case 'education-health-share':
      return ofInstitutions(['education', 'health'])
    case 'growth-sector-share':
      return ofInstitutions(['innovation', 'industry', 'ecology'])
    case 'grassroots-share':
      return share(
        approvedIn(frontline, () => true),
        approved,
      )
    case 'grassroots-staff':
      return share(
        sum(frontline, ({ filled }) => filled),
        sum(standing, ({ filled }) => filled),
      )
    case 'contract-ratio':
      return contractRatio(standing)
    case 'density-spread':
      return density(city, standing)
    case 'innovation-growth':
      return innovation(city, standing)
    case 'adjustment-list':
      return adjustment(city)
    case 'platform-coverage':
      return coverage(city.now, standing)
    case 'gdp-per-employee':
      return indicator(city, 'city', 'gdp_per_employee_cny')
    case 'mobility':
      return indicator(city, 'city', 'mobility_ratio')
    default:
      throw new Error(`the oracle knows no rule ${rule} about the city`)
  }
}

/** Posts over the cap, or administrative ones over theirs; what the state added raises it, also by units closed since. */
function overCap({ members }: WholeCity, standing: readonly Member[]): number {
  const byState = ({ approvals }: Member) =>
    approvals.reduce((all, { cause, moved }) => all + (cause === 'state' ? moved : 0), 0)
  const isAdministrative = ({ profile }: Member) => profile?.kind === 'administrative'
  return Math.max(
    approvedIn(standing, () => true) - fixed.cap - sum(members, byState),
    approvedIn(standing.filter(isAdministrative), () => true) -
      fixed.administrativeCap -
      sum(members.filter(isAdministrative), byState),
  )
}

interface Density {
  readonly posts: number
  readonly area: number
}

function density({ events }: WholeCity, standing: readonly Member[]): Seen {
  const found = counties.flatMap((county): Density[] => {
    const land = landOf(events, county)
    const posts = approvedIn(
      standing,
      (it) => it.county === county && it.level !== 'municipal' && it.sector !== 'education' && it.sector !== 'health',
    )
    return county !== 'SZ' && land && posts >= 1 ? [{ posts, area: Math.round(land.areaKm2 * 1e6) }] : []
  })
  if (found.length < 2) return undefined
  const ordered = found.sort((a, b) => (BigInt(a.posts) * BigInt(b.area) > BigInt(b.posts) * BigInt(a.area) ? 1 : -1))
  const [thin, dense] = [ordered[0] as Density, ordered.at(-1) as Density]
  return { top: BigInt(dense.posts) * BigInt(thin.area), bottom: BigInt(thin.posts) * BigInt(dense.area) }
}

const about = (events: readonly EventEntry[], subject: string) =>
  events.filter(({ event }) => event.subject === subject)

function landOf(events: readonly EventEntry[], county: string): EventDataByType['county.described'] | undefined {
  return latestOf(about(events, county), 'county.described')?.event.data as
    | EventDataByType['county.described']
    | undefined
}

/** Millionths of the latest report; `beforeMs`: only of what happened before. */
function measured(
  { events }: WholeCity,
  subject: string,
  name: string,
  beforeMs = Number.POSITIVE_INFINITY,
): number | undefined {
  const reports = sortedOf(about(events, subject), 'indicator.reported')
    .filter(({ timeMs }) => timeMs < beforeMs)
    .map(({ event }) => event.data as EventDataByType['indicator.reported'])
  const value = reports.findLast((data) => data.name === name)?.value
  return value === undefined ? undefined : Math.round(value * 1e6)
}

function indicator(city: WholeCity, subject: string, name: string): Seen {
  const value = measured(city, subject, name)
  return value === undefined ? undefined : { top: value, bottom: 1_000_000 }
}

function innovation(city: WholeCity, standing: readonly Member[]): Seen {
  const growth = measured(city, 'city', 'gdp_growth_ratio')
  if (growth === undefined || standing.length === 0) return undefined
  const own = standing.filter(({ profile }) => profile?.sector === 'innovation')
  const base = sum(own, (member) => approvedOn1January(member, city.now.year - 1) ?? 0)
  if (base <= 0) return undefined
  const grown = BigInt(approvedIn(own, () => true) - base) * 1_000_000n
  const asGdp = BigInt(base) * BigInt(growth)
  if (growth > 0) return { top: grown, bottom: asGdp }
  // No multiple of what did not grow: who grew by less is red.
  return grown < asGdp ? { top: grown - asGdp } : 'green'
}

function adjustment({ members, now }: WholeCity): Seen {
  if (monthOf(now.today) === 1 || !members.some(({ stands }) => stands)) return undefined
  const arrived = (some: readonly Member[]) =>
    sum(some, ({ approvals }) =>
      approvals
        .filter(({ cause, timeMs, moved }) => cause === 'list' && moved > 0 && yearOf(dayOf(timeMs)) === now.year)
        .reduce((all, { moved }) => all + moved, 0),
    )
  const [all, inInnovation, inFrontline] = [
    arrived(members),
    arrived(members.filter(({ profile }) => profile?.sector === 'innovation')),
    arrived(members.filter(({ profile }) => profile?.frontline)),
  ]
  const [first, next] = [dayOfText(`${now.year}-01-01`), dayOfText(`${now.year + 1}-01-01`)]
  return {
    top: all * (next - first),
    bottom: fixed.list * (now.today - first + 1),
    alsoRed: inInnovation * 10 < all * 3 || inFrontline * 10 < all * 4,
  }
}

function coverage({ today, year }: Now, standing: readonly Member[]): Seen {
  const asked = year < 2025 ? standing.filter(({ profile }) => profile?.level === 'municipal') : standing
  return share(asked.filter(({ heardOn }) => heardOn > today - 90).length, asked.length)
}

function countyFigure(rule: string, city: WholeCity, county: string, own: readonly Member[]): Seen {
  switch (rule) {
    case 'contract-ratio':
      return contractRatio(own)
    case 'insurance-coverage':
      return indicator(city, county, 'insurance_coverage_ratio')
    case 'opinion':
      return indicator(city, county, 'negative_opinion_ratio')
    case 'stock-activation': {
      if (landOf(city.events, county)?.pilotWave === undefined) return 'green'
      const now = measured(city, county, 'stock_activation_ratio')
      const base = measured(city, county, 'stock_activation_ratio', midnightOf(dayOfText('2024-01-01')))
      return now === undefined || base === undefined ? undefined : share(now, base)
    }
    default:
      throw new Error(`the oracle knows no rule ${rule} about counties`)
  }
}

function poolFigure(rule: string, { events, now }: WholeCity, standing: readonly Member[]): Seen {
  const hasLent = events.some(({ event }) => event.type === 'pool.lent')
  if (rule === 'pool-idle' && (monthOf(now.today) === 1 || !hasLent)) return undefined
  return { top: sum(standing, ({ onLoan }) => onLoan), bottom: fixed.pool }
}

function fund({ events, reserveOpened }: WholeCity, account: string): Seen {
  const total = (type: 'fund.budgeted' | 'fund.spent') =>
    sortedOf(events, type)
      .map(({ event }) => event.data as EventDataByType['fund.spent'])
      .reduce((all, data) => all + (data.account === account ? Math.round(data.amountCny * 100) : 0), 0)
  const [budgeted, spent] = [total('fund.budgeted'), total('fund.spent')]
  if (budgeted === 0 && spent === 0) return undefined
  const free = budgeted - (account === 'special' && !reserveOpened ? 200_000_000 : 0)
  // Nothing may be spent of nothing.
  return free > 0 ? { top: spent, bottom: free } : { top: spent > 0 ? 2 : 0 }
}

export const silence = (heardMs: number, intervalMs: number, { nowMs }: Now): Seen => ({
  top: nowMs - heardMs,
  bottom: intervalMs,
})
