/**
 * The sums of one scope as they are read: `GET /v1/summary`. Ratios are null over nothing.
 */
import { formatTime } from '../core/day.js'
import { bases, counties, levels, sectors, unitKinds } from '../core/names.js'
import type { City } from './city.js'
import { densitySpread } from './density.js'
import { sorted } from './sorted.js'
import { silenceOf } from './stale.js'
import type { SumsByName } from './sums.js'

const dimensions = Object.entries({ county: counties, sector: sectors, level: levels, kind: unitKinds })
const scopes = new Set(['city', ...dimensions.flatMap(([name, values]) => values.map((value) => `${name}/${value}`))])

/** Undefined when there is no such scope. */
export function summaryOf(city: City, scope: string): unknown {
  if (!scopes.has(scope)) return undefined
  const sums = city.sums.of(scope)
  const { approved, onLoan, usable, filled, contract } = sums
  return {
    scope,
    units: sums.units,
    facts: {
      approved,
      onLoan,
      usable,
      filled,
      overBy: filled - usable,
      vacancyRatio: ratio(usable - filled, usable),
      contract,
      movedByState: sums.movedByState,
      heads: Object.fromEntries(bases.map((basis) => [basis, sums[basis]])),
      ratios: ratiosOf(sums),
      ...measuredOf(city, scope),
    },
    policy: city.policyName,
    colours: { green: sums.green, yellow: sums.yellow, red: sums.red },
    frozen: sums.frozen,
  }
}

const ratio = (numerator: number, denominator: number): number | null =>
  denominator > 0 ? numerator / denominator : null

const ratiosOf = (sums: SumsByName) => ({
  administrative: ratio(sums.administrativeApproved, sums.approved),
  educationHealthOfInstitution: ratio(sums.educationHealthInstitutionApproved, sums.institutionApproved),
  growthSectorsOfInstitution: ratio(sums.growthInstitutionApproved, sums.institutionApproved),
  frontline: ratio(sums.frontlineApproved, sums.approved),
  frontlineStaff: ratio(sums.frontlineFilled, sums.filled),
  contract: ratio(sums.contract, sums.institutionApproved),
})

const millionth = (value: number | undefined): number | null => (value === undefined ? null : value / 1_000_000)

/** What is measured of the city or of a county, and what is the city's alone. */
function measuredOf(city: City, scope: string): object {
  const { indicators } = city
  const [kind, code = ''] = scope.split('/')
  if (kind === 'county') {
    const land = indicators.land(code)
    return {
      areaKm2: millionth(land?.area),
      pilotWave: land?.pilotWave ?? null,
      insuranceCoverageRatio: millionth(indicators.latest(code, 'insurance_coverage_ratio')),
      negativeOpinionRatio: millionth(indicators.latest(code, 'negative_opinion_ratio')),
      satisfactionPoints: millionth(indicators.latest(code, 'satisfaction_points')),
      stockActivationRatio: millionth(indicators.latest(code, 'stock_activation_ratio')),
    }
  }
  return scope === 'city' ? ofCity(city) : {}
}

function ofCity(city: City): object {
  const { indicators, sums, year } = city
  const spread = densitySpread(sums, indicators)
  const density = ({ posts, area }: { posts: number; area: number }) => (posts * 1_000_000) / area
  return {
    densitySpread: spread ? density(spread.densest) / density(spread.thinnest) : null,
    gdpPerEmployeeCny: millionth(indicators.latest('city', 'gdp_per_employee_cny')),
    gdpGrowthRatio: millionth(indicators.latest('city', 'gdp_growth_ratio')),
    mobilityRatio: millionth(indicators.latest('city', 'mobility_ratio')),
    movedByListThisYear: sums.arrivedByList(year),
    pool: { lent: sums.sum('city', 'onLoan'), loans: sums.loans, requests: city.pendingRequests().length },
    funds: city.accounts.map(({ name, budgetedFen, spentFen }) => ({
      account: name,
      budgetedCny: budgetedFen / 100,
      spentCny: spentFen / 100,
      ratio: ratio(spentFen, budgetedFen),
    })),
    reserveOpened: city.reserveOpened,
    sources: sorted(city.sources).map(([name, source]) => {
      const silent = silenceOf(source)
      return { source: name, heardAt: formatTime(source.heardMs), ...(silent ? { silent } : {}) }
    }),
  }
}
