/**
 * What is reported of the city and its counties, and what the service says of itself.
 */
import type { EventEntry, LogEntry } from '../../../src/core/entry.js'
import { assessmentKinds, type EventDataByType } from '../../../src/core/event.js'
import { dayMs, yearOf } from './days.js'
import { subjectOf } from './reports-of-units.js'
import { type PlanWorld, sources } from './world.js'

const described = ['PJ', 'XH', 'TS', 'SZ']
const city = 'city'

/** Most figures are known from the start; of 2023 too. */
export function describeTheCity(world: PlanWorld): LogEntry[] {
  const then = world.nowMs - 400 * dayMs
  return [
    world.event(subjectOf(city), 'indicator.reported', { name: 'population', value: 4_800_000 }),
    ...described.map((county) => describe(world, county)),
    ...['PJ', 'XH'].map((county) =>
      world.event(subjectOf(county), 'indicator.reported', { name: 'stock_activation_ratio', value: 0.6 }, then),
    ),
  ]
}

export function aboutTheCity(world: PlanWorld): LogEntry {
  const { whole, pick } = world.random
  const kind = whole(1, 100)
  if (kind <= 50) return indicator(world)
  if (kind <= 62) return describe(world, pick(described))
  if (kind <= 76) return closePeriod(world)
  if (kind <= 84)
    return world.event(subjectOf(pick([city, 'XH'])), 'fund.spent', { account: 'special', amountCny: 500_000 })
  if (kind <= 90)
    return { kind: 'alarm', part: pick(['disk', 'store']), level: pick([0, 1, 2] as const), reason: 'a test' }
  if (kind <= 93) return { kind: 'tick' }
  return { ...quarantined, event: { source: pick(sources) } }
}

const quarantined = { kind: 'quarantined', item: '1', code: 'QW_EVENT_INVALID', reason: 'no event' } as const

function describe(world: PlanWorld, county: string): EventEntry {
  const { pick, chance } = world.random
  const data = { areaKm2: pick([100, 110, 144.5, 145.5, 300.25]), ...(chance(0.7) ? { pilotWave: 1 } : {}) }
  return world.event(subjectOf(county), 'county.described', data)
}

type Indicator = EventDataByType['indicator.reported']

const ofCity: Readonly<Partial<Record<Indicator['name'], readonly number[]>>> = {
  gdp_per_employee_cny: [150_000, 149_999.99, 123_000, 122_999, 160_000],
  gdp_growth_ratio: [0.05, 0.2, 0.5, -0.01, 0],
  mobility_ratio: [0.15, 0.159999, 0.16, 0.083, 0.093, 0.0929, 0.0829, 0.2],
}

const ofCounty: Readonly<Partial<Record<Indicator['name'], readonly number[]>>> = {
  insurance_coverage_ratio: [1, 0.999999, 0.95, 0.96, 0.9599, 0.949, 1.2],
  stock_activation_ratio: [0.6, 0.599999, 0.606, 0.78, 0.786, 0.7859, 0.779999, 1],
  negative_opinion_ratio: [0.2, 0.200001, 0.19, 0.190001, 0.4, 0.400001, 0.39, 0.390001],
}

function indicator(world: PlanWorld): EventEntry {
  const { pick, chance } = world.random
  const ofThisCity = chance(0.4)
  const [name, values] = pick(Object.entries(ofThisCity ? ofCity : ofCounty)) as [Indicator['name'], number[]]
  const subject = ofThisCity ? city : pick(['PJ', 'XH', 'TS'])
  return world.event(subjectOf(subject), 'indicator.reported', { name, value: pick(values) })
}

function closePeriod(world: PlanWorld): EventEntry {
  const { whole, pick } = world.random
  const kind = pick(assessmentKinds)
  const year = yearOf(world.today) - whole(0, 2)
  const period = kind === 'economic_contribution' ? `${year}H${whole(1, 2)}` : String(year)
  return world.event(subjectOf(city), 'assessment.closed', { period, kind })
}
