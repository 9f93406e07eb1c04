/**
 * The city as CloudEvents, one per line: what events.ndjson holds.
 *
 * Within a unit the approval comes last: until then its approved quota is missing and starts no colour, so a reader
 * who feeds the file in without opening a load sees no unit pass through a vacancy it never had. `time` is the start
 * of the scenario; a loader on the system clock puts the day of loading in its place. Called by generate.ts.
 */
import type { EventDataByType, EventType } from '../../src/core/event.js'
import { bases } from '../../src/core/names.js'
import { districts } from './places.js'
import { budgetsCny, indicators } from './plan.js'
import { buildStaff, type Staffing } from './staff.js'
import { buildUnits, type Unit } from './units.js'

/** Every event of the file carries it. */
export const censusTime = '2024-01-01T00:00:00+08:00'

/** The departments that know these facts. */
const departments = {
  quotaOffice: '/departments/quota-office',
  hr: '/departments/hr',
  finance: '/departments/finance',
  development: '/departments/development-reform',
} as const

/** The whole file for a seed: LF after each line, the last one too. */
export function cityNdjson(seed: number): string {
  const units = buildUnits(seed)
  const staff = buildStaff(seed, units)
  const lines = [...countyLines(), ...cityLines(), ...units.flatMap((unit) => unitLines(unit, staff.get(unit.id)))]
  return `${lines.join('\n')}\n`
}

/** The id names the fact, so a line keeps its id when the seed or its place in the file changes. */
function line<T extends EventType>(
  source: string,
  type: T,
  subject: string,
  fact: string,
  data: EventDataByType[T],
): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `census-2023-${subject}-${fact}`,
    source,
    type,
    subject,
    time: censusTime,
    datacontenttype: 'application/json',
    data,
  })
}

const countyLines = (): readonly string[] =>
  districts.map(({ county, areaKm2, pilotWave }) =>
    line(departments.development, 'county.described', county, 'described', {
      areaKm2,
      ...(pilotWave === undefined ? {} : { pilotWave }),
    }),
  )

const cityLines = (): readonly string[] => [
  line(departments.hr, 'indicator.reported', 'city', 'mobility', {
    name: 'mobility_ratio',
    value: indicators.mobilityRatio,
  }),
  line(departments.development, 'indicator.reported', 'city', 'gdp-per-employee', {
    name: 'gdp_per_employee_cny',
    value: indicators.gdpPerEmployeeCny,
  }),
  ...(['platform', 'placement', 'contract', 'special'] as const).map((account) =>
    line(departments.finance, 'fund.budgeted', 'city', `budget-${account}`, {
      account,
      amountCny: budgetsCny[account],
    }),
  ),
]

function unitLines(unit: Unit, staffing: Staffing | undefined): readonly string[] {
  if (!staffing) throw new Error(`${unit.id} has no staff`)
  const { id, name, level, county, kind, sector, frontline, approved } = unit
  const { quotaOffice, hr } = departments
  return [
    line(quotaOffice, 'unit.registered', id, 'registered', { name, level, county, kind, sector, frontline }),
    ...bases
      .filter((basis) => staffing.heads[basis] > 0)
      .map((basis) => line(hr, 'staff.entered', id, basis, { count: staffing.heads[basis], basis })),
    ...(staffing.contract > 0 ? [line(hr, 'contract.entered', id, 'contract', { count: staffing.contract })] : []),
    line(quotaOffice, 'quota.approved', id, 'approved', { approved, cause: 'census' }),
  ]
}
