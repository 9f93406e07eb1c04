/**
 * The people: who fills the posts, who is lent to whom, and the contract staff beside them.
 *
 * On quota every unit stands between 86 % and 100 % of its approved posts, counted the default way (`home`), except
 * the two that the plan colours. Contract staff are shared out exactly: by county at 16 : 21 to its institution
 * posts, by sector as the plan says, then by unit. events.ts writes it down next.
 */
import type { Basis, County, Sector, UnitId } from '../../src/core/names.js'
import { counties } from '../../src/core/names.js'
import { type Draw, randomOf } from '../../src/core/random.js'
import { apportion } from './apportion.js'
import { contractStaff, overQuotaUnit, vacantUnit } from './plan.js'
import type { Unit } from './units.js'

export interface Staffing {
  /** Heads by basis; a basis nobody is on is 0. */
  readonly heads: Readonly<Record<Basis, number>>
  readonly contract: number
}

/** Highest share of empty posts that is drawn, in thousandths. 20 % would colour a unit. */
const vacancyPermilleMax = { municipal: 80, county: 110, township: 140 } as const

/** People lent 借调 and temporarily posted 挂职, from a unit of at least `lenderPostsMin` to one of `borrowerPostsMin`. */
const secondments = 120
const postings = 36
const lenderPostsMin = 20
const borrowerPostsMin = 60

const fixedFilled: ReadonlyMap<string, number> = new Map(
  [overQuotaUnit, vacantUnit].map((unit) => [unit.name, unit.filled]),
)

/** Staff of every unit, by id. */
export function buildStaff(seed: number, units: readonly Unit[]): ReadonlyMap<UnitId, Staffing> {
  const vacancyDraw = randomOf(seed, 'vacancy')
  const heads = new Map(units.map((unit) => [unit.id, homeHeads(unit, vacancyDraw)]))
  const lendDraw = randomOf(seed, 'lending')
  lend(units, heads, lendDraw, secondments, 'seconded')
  lend(units, heads, lendDraw, postings, 'posted')
  const contract = contractByUnit(units, randomOf(seed, 'contract'))
  const staff = new Map<UnitId, Staffing>()
  for (const [id, counts] of heads) staff.set(id, { heads: counts, contract: contract.get(id) ?? 0 })
  return staff
}

type Heads = Record<Basis, number>

function homeHeads(unit: Unit, draw: Draw): Heads {
  const vacant = Math.floor((unit.approved * draw(0, vacancyPermilleMax[unit.level])) / 1000)
  const permanent = fixedFilled.get(unit.name) ?? unit.approved - vacant
  return { permanent, seconded_in: 0, seconded_out: 0, posted_in: 0, posted_out: 0 }
}

/**
 * Moves one person at a time from a frontline unit to a large organ, so that as many are out as are in.
 * Who is lent stays counted at home. The plan's two units neither lend nor borrow: they look the same to every policy.
 */
function lend(
  units: readonly Unit[],
  heads: Map<UnitId, Heads>,
  draw: Draw,
  people: number,
  how: 'seconded' | 'posted',
) {
  const lenders = units.filter((unit) => unit.frontline && unit.approved >= lenderPostsMin)
  const borrowers = units.filter(
    (unit) =>
      unit.kind === 'administrative' &&
      unit.level !== 'township' &&
      unit.approved >= borrowerPostsMin &&
      !fixedFilled.has(unit.name),
  )
  for (let person = 0; person < people; person += 1) {
    const from = heads.get(lenders[draw(0, lenders.length - 1)]?.id ?? '')
    const to = heads.get(borrowers[draw(0, borrowers.length - 1)]?.id ?? '')
    if (!from || !to) throw new Error('nobody to lend or to borrow')
    from.permanent -= 1
    from[`${how}_out`] += 1
    to[`${how}_in`] += 1
  }
}

type Group = 'education' | 'health' | 'rest'
const groupOf = (sector: Sector): Group => (sector === 'education' || sector === 'health' ? sector : 'rest')

/** County totals first, education and health within them next, the rest is what is left; then unit by unit. */
function contractByUnit(units: readonly Unit[], draw: Draw): ReadonlyMap<UnitId, number> {
  const institutionPosts = (county: County, group?: Group): number =>
    units
      .filter((unit) => unit.county === county && unit.kind === 'institution')
      .filter((unit) => group === undefined || groupOf(unit.sector) === group)
      .reduce((all, unit) => all + unit.approved, 0)
  const split = (total: number, group?: Group) =>
    apportion(
      total,
      counties.map((county) => institutionPosts(county, group)),
    )
  const totals = split(contractStaff.total)
  const education = split(contractStaff.education, 'education')
  const health = split(contractStaff.health, 'health')
  const result = new Map<UnitId, number>()
  for (const [index, county] of counties.entries()) {
    const [inAll, inEducation, inHealth] = [totals[index] ?? 0, education[index] ?? 0, health[index] ?? 0]
    const people: Readonly<Record<Group, number>> = {
      education: inEducation,
      health: inHealth,
      rest: inAll - inEducation - inHealth,
    }
    for (const group of ['education', 'health', 'rest'] as const) {
      const members = units.filter((unit) => unit.county === county && groupOf(unit.sector) === group)
      const shares = apportion(
        people[group],
        members.map((unit) => unit.approved * draw(70, 130)),
      )
      for (const [at, unit] of members.entries()) result.set(unit.id, shares[at] ?? 0)
    }
  }
  return result
}
