/**
 * The figures of domain section 1 as one table of whole posts that satisfies all of them at once.
 *
 * It was solved by hand, from the outside in; the README says how. What each row and column must add up to is
 * asserted here, before a unit exists, so that a changed cell is refused instead of shipped. Called by units.ts.
 */
import type { District } from './places.js'
import { districts } from './places.js'

/** The day that the starting position describes. Another seed is another city with the same sums. */
export const citySeed = 20231231

/** Posts of one county by what they are for. The first five count for density, the others are education and health. */
export interface CountyPosts {
  /** Township and street offices: administrative, frontline. */
  readonly offices: number
  /** Bureaus of the county other than education and health: administrative. */
  readonly organs: number
  /** Enforcement teams: institution, frontline. */
  readonly enforcement: number
  /** Innovation, industry, ecology: institution. */
  readonly growth: number
  /** Agriculture and general: institution. */
  readonly others: number
  /** The education bureau and the health bureau: administrative. */
  readonly socialBureaus: number
  /** Schools and kindergartens of county and townships: institution, frontline. */
  readonly schools: number
  /** The teachers' development centre: institution. */
  readonly teacherCentre: number
  /** Health centres of townships and streets: institution, frontline. */
  readonly healthCentres: number
  /** Hospitals and disease control: institution. */
  readonly hospitals: number
}

type Row = readonly [number, number, number, number, number, number, number, number, number, number]

const countyPosts = ([
  offices,
  organs,
  enforcement,
  growth,
  others,
  socialBureaus,
  schools,
  teacherCentre,
  healthCentres,
  hospitals,
]: Row): CountyPosts => ({
  offices,
  organs,
  enforcement,
  growth,
  others,
  socialBureaus,
  schools,
  teacherCentre,
  healthCentres,
  hospitals,
})

/** Columns as in `CountyPosts`. */
export const postsByCounty: Readonly<Record<District['county'], CountyPosts>> = {
  PJ: countyPosts([108, 122, 20, 18, 24, 40, 2911, 15, 240, 300]),
  JH: countyPosts([48, 55, 10, 8, 10, 24, 1191, 15, 120, 200]),
  XH: countyPosts([385, 465, 61, 96, 213, 60, 3005, 15, 400, 620]),
  TS: countyPosts([663, 2005, 262, 414, 927, 66, 2995, 15, 560, 560]),
  KP: countyPosts([555, 789, 103, 163, 362, 60, 2499, 15, 495, 500]),
  HS: countyPosts([390, 567, 74, 117, 260, 50, 1702, 15, 360, 370]),
  EP: countyPosts([406, 892, 115, 184, 409, 50, 1542, 15, 380, 295]),
}

/** Posts of the municipal units. */
export const municipalPosts = {
  organs: 10_030,
  socialBureaus: 170,
  growth: 5300,
  others: 5550,
  education: 2650,
  health: 3300,
} as const

/** Average posts of a township unit: offices by the plan; schools follow, so that either way of averaging gives 35. */
export const townshipUnitPostsMean = 35

/** A unit is never smaller: two people and a head. */
export const unitPostsMin = 3

/** Contract staff 编外人员. Education is 40 % by the plan; health is ours, at about the same ratio to its posts. */
export const contractStaff = { total: 32_000, education: 12_800, health: 6000 } as const

/** The two units that the plan itself colours [1.3.3]. Which unit it is, and how large, is invented. */
export const overQuotaUnit = { name: '江门市城市管理和综合执法局', approved: 120, filled: 138 } as const
export const vacantUnit = { name: '台山市农业农村局（乡村振兴局）', approved: 100, filled: 79 } as const

export const indicators = { mobilityRatio: 0.083, gdpPerEmployeeCny: 123_000 } as const

/** Budgets in CNY, domain section 4, `fund-use`. */
export const budgetsCny = {
  platform: 20_000_000,
  placement: 15_000_000,
  contract: 30_000_000,
  special: 5_000_000,
} as const

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

export const countedForDensity = (posts: CountyPosts): number =>
  posts.offices + posts.organs + posts.enforcement + posts.growth + posts.others

export const institutionPosts = (posts: CountyPosts): number =>
  sum(Object.values(posts)) - posts.offices - posts.organs - posts.socialBureaus

/** Throws at the first line of domain section 1 that the table above does not satisfy. */
export function assertPlan(): void {
  const rows = Object.values(postsByCounty)
  const column = (name: keyof CountyPosts): number => sum(rows.map((row) => row[name]))
  const city = municipalPosts
  const countySum = sum(rows.map((row) => sum(Object.values(row))))
  const expected: readonly (readonly [string, number, number])[] = [
    ['municipal posts, 45 %', sum(Object.values(city)), 27_000],
    ['county posts, 55 %', countySum, 33_000],
    ['institution posts', sum(rows.map(institutionPosts)) + 27_000 - city.organs - city.socialBureaus, 42_000],
    ['innovation, industry and ecology', column('growth') + city.growth, 6300],
    [
      'education and health',
      column('schools') +
        column('teacherCentre') +
        column('healthCentres') +
        column('hospitals') +
        city.education +
        city.health,
      27_300,
    ],
    [
      'frontline, 36 %',
      column('offices') + column('enforcement') + column('schools') + column('healthCentres'),
      21_600,
    ],
    ['offices', column('offices'), sum(districts.map((one) => one.townships.length)) * townshipUnitPostsMean],
    ['health centres', column('healthCentres'), column('offices')],
    ['counted for density', sum(rows.map(countedForDensity)), 11_300],
    // 32,000 / 42,000 = 16 / 21: only posts divisible by 21 let every county stand at that ratio exactly.
    ['institution posts beyond multiples of 21', sum(rows.map((row) => institutionPosts(row) % 21)), 0],
  ]
  for (const [what, actual, wanted] of expected) {
    if (actual !== wanted) throw new Error(`${what}: the table holds ${actual}, the plan says ${wanted}`)
  }
}
