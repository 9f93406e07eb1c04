/**
 * The facts of the city, a county or a sector that a rule may name: sums over all units that stand, and what was
 * measured. Ratios are for the rule to form: numerator and denominator.
 */
import { civilFromDay, dayFromCivil } from '../core/day.js'
import type { DayNumber } from '../core/names.js'
import type { Today } from './days.js'
import type { Spread } from './density.js'
import type { Fact, FactTable } from './figure.js'
import type { IndicatorName, Indicators } from './indicators.js'
import { type SumName, type Sums, sumAt, sumNames } from './sums.js'
import { touch } from './touch.js'

/** One scope at the moment of judging. */
export interface ScopeFacts {
  /** `city`, `XH`, `sector/education`. */
  readonly subject: string
  readonly now: Today
  readonly sums: Sums
  /** Those of the scope, in the order of `sumNames`; undefined: there is no unit. */
  readonly own: readonly number[] | undefined
  readonly indicators: Indicators
  /** Worked out when a rule first asks. */
  readonly spread: () => Spread | undefined
}

/** Counts by colour and freezes are what verdicts made of the sums, so no rule may hang on them. */
const notFacts: readonly SumName[] = ['green', 'yellow', 'red', 'frozen']

const touchedBy: Readonly<Partial<Record<SumName, number>>> = {
  onLoan: touch.loans,
  usable: touch.quota | touch.loans,
  filled: touch.heads,
  frontlineFilled: touch.heads,
  permanent: touch.heads,
  seconded_in: touch.heads,
  seconded_out: touch.heads,
  posted_in: touch.heads,
  posted_out: touch.heads,
  contract: touch.contract,
  units: 0,
  municipalUnits: 0,
}

const sumFacts: FactTable<ScopeFacts> = Object.fromEntries(
  sumNames
    .filter((name) => !notFacts.includes(name))
    .map((name) => [
      name,
      {
        type: 'int' as const,
        read: ({ own }: ScopeFacts) => own?.[sumAt[name]] ?? 0,
        touchedBy: touch.profile | (touchedBy[name] ?? touch.quota),
      },
    ]),
)

const measured = (name: IndicatorName, of: 'latest' | 'base' = 'latest'): Fact<ScopeFacts> => ({
  type: 'int',
  read: ({ indicators, subject }) => indicators[of](subject, name) ?? 0,
  missing: ({ indicators, subject }) => indicators[of](subject, name) === undefined,
  touchedBy: touch.reported,
})

const spread = (read: (spread: Spread) => number): Fact<ScopeFacts> => ({
  type: 'int',
  read: (facts) => {
    const found = facts.spread()
    return found ? read(found) : 0
  },
  missing: (facts) => facts.spread() === undefined,
  touchedBy: touch.quota | touch.profile | touch.reported,
})

const calendarFact = (read: (now: Today) => number): Fact<ScopeFacts> => ({
  type: 'int',
  read: ({ now }) => read(now),
  touchedBy: touch.day | touch.year,
})

/** 1 on 1 January. */
export const dayOfYear = ({ today, year }: Today): number => today - dayFromCivil(year, 1, 1) + 1
export const monthOf = ({ today }: Today): number => civilFromDay(today).month

/** An event about a unit is fresh for so long (domain 4, `platform-coverage`). */
const freshDays = 90
const freshAfter = ({ today }: Today): DayNumber => (today - freshDays) as DayNumber

/** Of a city without a unit nothing is known, so nothing is judged. */
const flow = (read: (facts: ScopeFacts) => number, touched: number): Fact<ScopeFacts> => ({
  type: 'int',
  read,
  missing: ({ sums }) => sums.sum('city', 'units') === 0,
  touchedBy: touched | touch.profile | touch.day | touch.year,
})

export const cityFacts: FactTable<ScopeFacts> = {
  ...sumFacts,
  /** Posts per area where they are densest and thinnest; areas in millionths of a km2. */
  densestPosts: spread(({ densest }) => densest.posts),
  densestArea: spread(({ densest }) => densest.area),
  thinnestPosts: spread(({ thinnest }) => thinnest.posts),
  thinnestArea: spread(({ thinnest }) => thinnest.area),
  gdpPerEmployee: measured('gdp_per_employee_cny'),
  gdpGrowth: measured('gdp_growth_ratio'),
  mobility: measured('mobility_ratio'),
  /** Posts that arrived by lists in this calendar year, and those of them in innovation and in frontline units. */
  movedByList: flow(({ sums, now }) => sums.arrivedByList(now.year), touch.quota),
  movedByListInnovation: flow(({ sums, now }) => sums.arrivedByList(now.year, '|innovation'), touch.quota),
  movedByListFrontline: flow(({ sums, now }) => sums.arrivedByList(now.year, '|frontline'), touch.quota),
  /** Innovation quota on 1 January of the last full year. */
  innovationBase: flow(({ sums, now }) => sums.innovationOn1January(now.year - 1), touch.quota),
  /** Units, and municipal units, of which an event came within 90 days. */
  heardUnits: flow(({ sums, now }) => sums.heardBetween(freshAfter(now), now.today), touch.reported),
  heardMunicipalUnits: flow(
    ({ sums, now }) => sums.heardBetween(freshAfter(now), now.today, '|municipal'),
    touch.reported,
  ),
  year: calendarFact(({ year }) => year),
  month: calendarFact(monthOf),
  dayOfYear: calendarFact(dayOfYear),
  daysInYear: calendarFact(({ year }) => dayFromCivil(year + 1, 1, 1) - dayFromCivil(year, 1, 1)),
}

export const countyFacts: FactTable<ScopeFacts> = {
  ...sumFacts,
  insuranceCoverage: measured('insurance_coverage_ratio'),
  negativeOpinion: measured('negative_opinion_ratio'),
  satisfaction: measured('satisfaction_points'),
  stockActivation: measured('stock_activation_ratio'),
  /** The latest figure of 2023. */
  stockActivationBase: measured('stock_activation_ratio', 'base'),
  pilot: {
    type: 'bool',
    read: ({ indicators, subject }) => indicators.land(subject)?.pilotWave !== undefined,
    touchedBy: touch.reported,
  },
}

/** Only education and health are subjects (domain 4, "Subjects"). */
export const sectorFacts: FactTable<ScopeFacts> = sumFacts
