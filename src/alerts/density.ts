/**
 * How unevenly quota lies over the counties: the densest and the thinnest, in posts per area, exactly.
 *
 * Counties with land and at least one counted post; fewer than two are no figure (domain 4, `density-spread`). Municipal
 * units are no county's.
 */
import { counties } from '../core/names.js'
import { compareFigure } from './exact.js'
import type { Indicators } from './indicators.js'
import type { Sums } from './sums.js'

interface Density {
  readonly posts: number
  readonly area: number
}

export interface Spread {
  readonly densest: Density
  readonly thinnest: Density
}

export function densitySpread(sums: Sums, indicators: Indicators): Spread | undefined {
  const densities = counties.flatMap((county): Density[] => {
    const area = indicators.land(county)?.area
    const posts = sums.sum(`county/${county}`, 'densityApproved')
    return county === 'SZ' || area === undefined || posts < 1 ? [] : [{ posts, area }]
  })
  const [first, second] = densities
  if (!first || !second) return undefined
  return {
    densest: densities.reduce((most, each) => (isDenser(each, most) ? each : most), first),
    thinnest: densities.reduce((least, each) => (isDenser(least, each) ? each : least), first),
  }
}

const isDenser = (a: Density, b: Density): boolean =>
  compareFigure({ numerator: a.posts, denominator: a.area }, { units: b.posts, scale: b.area }) > 0
