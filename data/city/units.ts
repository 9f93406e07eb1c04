/**
 * The units: every cell of the plan's table is shared out over the names that belong in it.
 *
 * A cell is a number of posts with one county, level and kind, and a list of names. Shares follow the names' weights,
 * shaken by up to a fifth, by largest remainder, so a cell's units add up to the cell and all cells to the plan.
 * staff.ts takes the units next.
 */
import type { County, Level, Sector, UnitId, UnitKind } from '../../src/core/names.js'
import { type Draw, randomOf } from '../../src/core/random.js'
import { apportion } from './apportion.js'
import {
  countyEnforcement,
  countyGrowth,
  countyHospitals,
  countyOrgans,
  countyOthers,
  countySchools,
  countySocialBureaus,
  countyTeacherCentre,
  type NamedUnit,
  takenByCounty,
} from './names-county.js'
import {
  municipalEducation,
  municipalGrowth,
  municipalHealth,
  municipalOthers,
} from './names-municipal-institutions.js'
import { municipalOrgans, municipalSocialBureaus } from './names-municipal-organs.js'
import type { District } from './places.js'
import { districts } from './places.js'
import {
  assertPlan,
  municipalPosts,
  overQuotaUnit,
  postsByCounty,
  townshipUnitPostsMean,
  unitPostsMin,
  vacantUnit,
} from './plan.js'

export interface Unit {
  readonly id: UnitId
  readonly name: string
  readonly level: Level
  readonly county: County
  readonly kind: UnitKind
  readonly sector: Sector
  readonly frontline: boolean
  /** Approved quota in posts. */
  readonly approved: number
}

interface Cell {
  readonly county: County
  readonly level: Level
  readonly kind: UnitKind
  readonly frontline: boolean
  readonly posts: number
  readonly members: readonly NamedUnit[]
}

const sectorCodes: Readonly<Record<Sector, string>> = {
  education: 'EDU',
  health: 'HEA',
  innovation: 'INN',
  industry: 'IND',
  ecology: 'ECO',
  agriculture: 'AGR',
  grassroots: 'GRA',
  general: 'GEN',
}

/** Posts that the plan fixes for one unit; the rest of its cell is shared by the others. */
const fixedPosts: ReadonlyMap<string, number> = new Map(
  [overQuotaUnit, vacantUnit].map((unit) => [unit.name, unit.approved]),
)

/** All units, counties in the order of places.ts and the city last; ids number a county's sector from 0001. */
export function buildUnits(seed: number): readonly Unit[] {
  assertPlan()
  const draw = randomOf(seed, 'approved')
  const lastNumber = new Map<string, number>()
  return [...districts.flatMap(countyCells), ...municipalCells()].flatMap((cell) => {
    const posts = sharePosts(cell, draw)
    return cell.members.map(([name, sector], index): Unit => {
      const series = `${cell.county}-${sectorCodes[sector]}`
      const number = (lastNumber.get(series) ?? 0) + 1
      lastNumber.set(series, number)
      return {
        id: `${series}-${String(number).padStart(4, '0')}`,
        name,
        level: cell.level,
        county: cell.county,
        kind: cell.kind,
        sector,
        frontline: cell.frontline,
        approved: posts[index] ?? 0,
      }
    })
  })
}

function sharePosts(cell: Cell, draw: Draw): readonly number[] {
  const fixed = cell.members.map(([name]) => fixedPosts.get(name))
  const weights = cell.members.map(([, , weight], index) => (fixed[index] === undefined ? weight * draw(80, 120) : 0))
  const free = cell.posts - fixed.reduce<number>((all, posts) => all + (posts ?? 0), 0)
  const shares = apportion(
    free,
    weights.filter((_, index) => fixed[index] === undefined),
    unitPostsMin,
  )
  let next = 0
  return fixed.map((posts) => posts ?? shares[next++] ?? 0)
}

function countyCells(district: District): readonly Cell[] {
  const posts = postsByCounty[district.county]
  const taken = takenByCounty[district.county]
  const townshipSchools = schoolsOf(district, taken.fourthSchools)
  const townshipSchoolPosts = townshipSchools.length * townshipUnitPostsMean
  const at = (
    level: Level,
    kind: UnitKind,
    frontline: boolean,
    cellPosts: number,
    members: readonly NamedUnit[],
  ): Cell => ({
    county: district.county,
    level,
    kind,
    frontline,
    posts: cellPosts,
    members: members.map(([name, sector, weight]): NamedUnit => [name.replace('{}', district.prefix), sector, weight]),
  })
  return [
    at('county', 'administrative', false, posts.socialBureaus, countySocialBureaus),
    at('county', 'administrative', false, posts.organs, countyOrgans.slice(0, taken.organs)),
    at('county', 'institution', true, posts.enforcement, countyEnforcement.slice(0, taken.enforcement)),
    at('county', 'institution', false, posts.growth, countyGrowth.slice(0, taken.growth)),
    at('county', 'institution', false, posts.others, countyOthers.slice(0, taken.others)),
    at('county', 'institution', false, posts.teacherCentre, countyTeacherCentre),
    at('county', 'institution', true, posts.schools - townshipSchoolPosts, countySchools.slice(0, taken.schools)),
    at('county', 'institution', false, posts.hospitals, countyHospitals.slice(0, taken.hospitals)),
    at('township', 'administrative', true, posts.offices, officesOf(district)),
    at('township', 'institution', true, townshipSchoolPosts, townshipSchools),
    at('township', 'institution', true, posts.healthCentres, healthCentresOf(district)),
  ]
}

const isStreet = (township: string): boolean => township.endsWith('街道')
const shortName = (township: string): string => township.replace(/(街道|镇)$/, '')

const officesOf = (district: District): readonly NamedUnit[] =>
  district.townships.map((township) => [
    isStreet(township) ? `{}${township}办事处` : `{}${township}人民政府`,
    'grassroots',
    10,
  ])

const healthCentresOf = (district: District): readonly NamedUnit[] =>
  district.townships.map((township) => [
    isStreet(township) ? `{}${township}社区卫生服务中心` : `{}${township}卫生院`,
    'health',
    10,
  ])

/** Three to a township, a fourth in the larger ones, which stand first. */
const schoolsOf = (district: District, fourthSchools: number): readonly NamedUnit[] =>
  district.townships.flatMap((township, index): readonly NamedUnit[] => {
    const name = shortName(township)
    const three: readonly NamedUnit[] = [
      [`{}${name}中心小学`, 'education', 12],
      [`{}${name}初级中学`, 'education', 14],
      [`{}${name}中心幼儿园`, 'education', 6],
    ]
    return index < fourthSchools ? [...three, [`{}${name}第二小学`, 'education', 10]] : three
  })

function municipalCells(): readonly Cell[] {
  const at = (kind: UnitKind, posts: number, members: readonly NamedUnit[]): Cell => ({
    county: 'SZ',
    level: 'municipal',
    kind,
    frontline: false,
    posts,
    members,
  })
  return [
    at('administrative', municipalPosts.organs, municipalOrgans),
    at('administrative', municipalPosts.socialBureaus, municipalSocialBureaus),
    at('institution', municipalPosts.growth, municipalGrowth),
    at('institution', municipalPosts.others, municipalOthers),
    at('institution', municipalPosts.education, municipalEducation),
    at('institution', municipalPosts.health, municipalHealth),
  ]
}
