/**
 * One unit's figures, followed through the log: what the table `unit_state` shows after each batch that changed them.
 *
 * They are derived from the log and the record alone, by the same rules as the engine's facts (domain 3, design 8), and
 * not asked of the engine: the store may be hours behind, and the engine knows only now. The last report of a set fact
 * by (time, source, id) wins and counted facts add up, so what comes out is the same however often it is followed.
 */
import type { EventEntry } from '../core/entry.js'
import {
  type Basis,
  bases,
  type Colour,
  type County,
  type Level,
  type Sector,
  type UnitId,
  type UnitKind,
} from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { FreezeState, Transition } from '../core/transition.js'

/** What decides between two reports of the same fact. */
type Stamp = readonly [timeMs: number, source: string, id: string]

interface Profile {
  readonly stamp: Stamp
  readonly level: Level
  readonly county: County
  readonly kind: UnitKind
  readonly sector: Sector
  readonly frontline: boolean
}

/** All that is known of a unit, as plain JSON: this is what a checkpoint keeps. */
export interface UnitFigures {
  readonly id: UnitId
  profile?: Profile
  closed?: Stamp
  approved?: { readonly stamp: Stamp; readonly posts: number }
  onLoan: number
  /** In the order of `bases`. */
  readonly heads: number[]
  contract: number
  /** `subject rule` -> colour, of alerts that are not green. */
  readonly alerts: Record<string, Colour>
  freeze: FreezeState
}

export const newUnit = (id: UnitId): UnitFigures => ({
  id,
  onLoan: 0,
  heads: bases.map(() => 0),
  contract: 0,
  alerts: {},
  freeze: 'none',
})

/** Registered and not closed since. */
export const stands = ({ profile, closed }: UnitFigures): boolean =>
  profile !== undefined && (closed === undefined || isAfter(profile.stamp, closed))

export function worstColour({ alerts }: UnitFigures): Colour {
  let worst: Colour = 'green'
  for (const alert in alerts) {
    if (alerts[alert] === 'red') return 'red'
    worst = 'yellow'
  }
  return worst
}

/** Heads that count as staff on quota under the policy (domain 1). */
export function filledUnder({ heads }: UnitFigures, policy: CountingPolicy): number {
  let filled = 0
  for (const basis of policy.bases) filled += heads[bases.indexOf(basis)] ?? 0
  return filled
}

/** Whether the event is one that a unit's figures follow. Others (tasks, cases, funds …) change none of them. */
export function applyEvent(unit: UnitFigures, { event, timeMs }: EventEntry): boolean {
  const stamp: Stamp = [timeMs, event.source, event.id]
  switch (event.type) {
    case 'unit.registered':
      if (!unit.profile || isAfter(stamp, unit.profile.stamp)) unit.profile = { stamp, ...profileOf(event.data) }
      return true
    case 'unit.closed':
      if (!unit.closed || isAfter(stamp, unit.closed)) unit.closed = stamp
      return true
    case 'quota.approved':
      if (!unit.approved || isAfter(stamp, unit.approved.stamp)) unit.approved = { stamp, posts: event.data.approved }
      return true
    case 'staff.entered':
      countHeads(unit, event.data.basis, event.data.count)
      return true
    case 'staff.left':
      countHeads(unit, event.data.basis, -event.data.count)
      return true
    case 'contract.entered':
      unit.contract += event.data.count
      return true
    case 'contract.left':
      unit.contract -= event.data.count
      return true
    case 'pool.lent':
      unit.onLoan += event.data.count
      return true
    case 'pool.returned':
      unit.onLoan -= event.data.count
      return true
    default:
      return false
  }
}

export function applyTransition(unit: UnitFigures, transition: Transition): void {
  if (transition.kind === 'freeze') {
    unit.freeze = transition.to
    return
  }
  if (transition.kind !== 'alert') return
  const alert = `${transition.subject} ${transition.rule}`
  if (transition.to === 'green') delete unit.alerts[alert]
  else unit.alerts[alert] = transition.to
}

function countHeads({ heads }: UnitFigures, basis: Basis, count: number): void {
  const at = bases.indexOf(basis)
  heads[at] = (heads[at] ?? 0) + count
}

const profileOf = ({ level, county, kind, sector, frontline }: Omit<Profile, 'stamp'>) => ({
  level,
  county,
  kind,
  sector,
  frontline,
})

const isAfter = (a: Stamp, b: Stamp): boolean => {
  if (a[0] !== b[0]) return a[0] > b[0]
  return a[1] === b[1] ? a[2] > b[2] : a[1] > b[1]
}
