/**
 * The city that the bench invents, and what its event number i says. A pure function of the settings, so that the
 * generator, the clients and the ledger agree without talking.
 *
 * Most units stand exactly at quota: one `staff.entered` makes such a unit red and frozen (two transitions), one
 * `staff.left` green and free again (two more). The flips walk round all these units, so the same unit flips again only
 * after a whole round, and requests that overtake each other on the way change nothing. All other events move facts and
 * no colour: contract staff, and staff of roomy units that stay between 8 and 12 % vacant.
 */
import { counties } from '../src/core/names.js'
import { eventIdPrefix } from './frame-text.js'

export interface CitySettings {
  readonly units: number
  /** Share of events that flip a unit, 0…1; each flip is two transitions. */
  readonly flipShare: number
}

/** Every eleventh unit is roomy: 1,000 units flip and 100 have posts to spare in a city of 1,100. */
const roomyEvery = 11
/** The city's cap (domain 1). Up to 6,000 units stay below it together, and `total-cap` has nothing to say; more are over
 * it from the founding on, and it has nothing to add. */
const cityPostsMax = 60_000
const source = '/bench'

const isRoomy = (index: number): boolean => index % roomyEvery === roomyEvery - 1

export const unitIdOf = (index: number): string =>
  `${counties[index % counties.length]}-BEN-${String(index).padStart(6, '0')}`

export const countyOf = (index: number): string => counties[index % counties.length] ?? 'SZ'

/** County of a unit of this city by its id; undefined for anything else. */
export const countyOfUnit = (unit: string): string | undefined =>
  /^[A-Z]{2}-BEN-/.test(unit) ? unit.slice(0, 2) : undefined

/** Whether client `index` watches a county too: spread evenly, every prefix has its share. */
const watchesCounty = (index: number, share: number): boolean =>
  Math.floor((index + 1) * share + 1e-9) > Math.floor(index * share + 1e-9)

export interface Watching {
  readonly units: number
  /** Share of clients that watch their unit's county beside their unit, 0…1. */
  readonly countyShare: number
  /** They watch the unit's county, or what freezes anywhere, and nothing else. */
  readonly only?: 'county' | 'freezes' | undefined
}

/** What client `index` of a run subscribes to. */
export const topicsOf = (index: number, { units, countyShare, only }: Watching): string[] => {
  const unit = index % units
  const county = `county/${countyOf(unit)}`
  if (only === 'freezes') return ['freezes']
  if (only === 'county') return [county]
  const own = `unit/${unitIdOf(unit)}`
  return watchesCounty(index, countyShare) ? [own, county] : [own]
}

export interface Part {
  readonly first: number
  readonly clients: number
  readonly units: number
  readonly part: number
  readonly parts: number
}

/**
 * The clients that one of several processes holds: all of a unit, and (with 8, 4 or 2 parts) all of a county. A
 * transition then wakes one client process instead of all, which on a machine that client and service share took more
 * CPU than reading the frames. To the service it makes no difference: it sees connections.
 */
export const clientsOf = ({ first, clients, units, part, parts }: Part): number[] =>
  Array.from({ length: clients }, (_, i) => first + i).filter((index) => (index % units) % parts === part)

/** A unit outside the mix. Its flip is the last event of a run: when it is judged, everything before it is. */
export const markerUnit = `${counties[0]}-BEN-MARKER`

const eventText = (id: string, type: string, subject: string, time: string, fields: object): string =>
  JSON.stringify({ specversion: '1.0', id, source, type, subject, time, data: fields })

const standingLines = (unit: string, index: number, approved: number, filled: number, time: string): string[] => [
  eventText(`set-${unit}-registered`, 'unit.registered', unit, time, {
    name: `Bench ${index}`,
    level: countyOf(index) === 'SZ' ? 'municipal' : 'county',
    county: unit.slice(0, 2),
    kind: 'institution',
    sector: 'grassroots',
    frontline: true,
  }),
  // staff before quota: without a quota no rule has a figure, so filling the city causes no transition
  eventText(`set-${unit}-staff`, 'staff.entered', unit, time, { count: filled, basis: 'permanent' }),
  eventText(`set-${unit}-contract`, 'contract.entered', unit, time, { count: 10 }),
  eventText(`set-${unit}-quota`, 'quota.approved', unit, time, { approved, cause: 'census' }),
]

/** The events that found the city, one JSON text each. */
export const foundingLines = ({ units }: CitySettings, time: string): string[] => {
  // ten at least: a roomy unit has posts to spare, and not too many
  const approved = Math.max(10, Math.min(50, Math.floor(cityPostsMax / (units + 1))))
  const lines = standingLines(markerUnit, 0, 1, 1, time)
  for (let i = 0; i < units; i += 1) {
    const filled = isRoomy(i) ? Math.round(approved * 0.9) : approved
    lines.push(...standingLines(unitIdOf(i), i, approved, filled, time))
  }
  return lines
}

/** The event after which everything is judged: makes the marker unit red. `round` lets one run send several. */
export const markerEvent = (round: number, time: string): { readonly id: string; readonly text: string } => {
  const id = `marker-${round}`
  const type = round % 2 === 0 ? 'staff.entered' : 'staff.left'
  return { id, text: eventText(id, type, markerUnit, time, { count: 1, basis: 'permanent' }) }
}

/**
 * A unit outside the mix whose quota is one post or more than the whole city may have. It has no staff, so it is vacant
 * either way, and the cap of the city is the only thing that turns: one transition, on the topic `city`.
 */
const capUnit = `${counties[0]}-BEN-CAP`

export const capLines = (time: string): string[] => [
  eventText('set-cap-registered', 'unit.registered', capUnit, time, {
    name: 'Bench cap',
    level: 'county',
    county: counties[0],
    kind: 'institution',
    sector: 'grassroots',
    frontline: true,
  }),
  eventText('set-cap-quota', 'quota.approved', capUnit, time, { approved: 1, cause: 'census' }),
]

/** Event number `round` of those that turn the city's cap; the first one makes it red. */
export const capEvent = (round: number, time: string): string => {
  const approved = round % 2 === 0 ? cityPostsMax + 1 : 1
  return eventText(`cap-${round}`, 'quota.approved', capUnit, time, { approved, cause: 'census' })
}

/** Index of the k-th unit that flips. */
export const flipUnit = (k: number, units: number): number => {
  const perBlock = roomyEvery - 1
  const flips = units - Math.floor(units / roomyEvery)
  const j = k % flips
  return Math.floor(j / perBlock) * roomyEvery + (j % perBlock)
}

/** One of the staff on quota, or on contract, comes to unit number `index` or leaves it. */
export const moveText = (id: string, of: 'staff' | 'contract', index: number, comes: boolean, time: string): string => {
  const fields = of === 'staff' ? { count: 1, basis: 'permanent' } : { count: 1 }
  return eventText(id, `${of}.${comes ? 'entered' : 'left'}`, unitIdOf(index), time, fields)
}

const flipText = (id: string, k: number, units: number, time: string): string => {
  const flips = units - Math.floor(units / roomyEvery)
  const type = Math.floor(k / flips) % 2 === 0 ? 'staff.entered' : 'staff.left'
  return eventText(id, type, unitIdOf(flipUnit(k, units)), time, { count: 1, basis: 'permanent' })
}

const quietText = (id: string, k: number, units: number, time: string): string => {
  const step = Math.floor(k / 4)
  const type = (['contract.entered', 'staff.entered', 'contract.left', 'staff.left'] as const)[k % 4]
  if (type === 'contract.entered' || type === 'contract.left')
    return eventText(id, type, unitIdOf(step % units), time, { count: 1 })
  const roomy = Math.max(1, Math.floor(units / roomyEvery))
  const unit = unitIdOf((step % roomy) * roomyEvery + roomyEvery - 1)
  return eventText(id, type ?? 'staff.left', unit, time, { count: 1, basis: 'permanent' })
}

/** How many of the first `count` events flip a unit. Spread evenly: every prefix has its share. */
export const flipsAmong = (count: number, flipShare: number): number => Math.floor(count * flipShare + 1e-9)

/** Transitions that the first `count` events make: each flip moves a colour and a freeze. */
export const transitionsOf = (count: number, { flipShare }: CitySettings): number => 2 * flipsAmong(count, flipShare)

/** The body of event number `index`. */
export const eventBody = (index: number, { units, flipShare }: CitySettings, time: string): string => {
  const id = `${eventIdPrefix}${index}`
  const flipsBefore = flipsAmong(index, flipShare)
  return flipsAmong(index + 1, flipShare) > flipsBefore
    ? flipText(id, flipsBefore, units, time)
    : quietText(id, index - flipsBefore, units, time)
}
