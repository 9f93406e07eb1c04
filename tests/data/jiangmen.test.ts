/**
 * The shipped city adds up to domain section 1, row by row, recomputed from the file and nothing else.
 */
import t from 'tap'
import { counties } from '../../src/core/names.js'
import { type CensusUnit, contractOf, events, filledBy, postsOf, units } from './census.js'

const where = (wanted: Partial<CensusUnit>): readonly CensusUnit[] =>
  units.filter((unit) => Object.entries(wanted).every(([key, value]) => unit[key as keyof CensusUnit] === value))
const within = (chosen: readonly CensusUnit[], ...sectors: readonly string[]): readonly CensusUnit[] =>
  chosen.filter((unit) => sectors.includes(unit.sector))

const institutions = where({ kind: 'institution' })
const outsideCity = units.filter((unit) => unit.level !== 'municipal')

t.test('approved quota is 60,000: 18,000 administrative and 42,000 institution', async (t) => {
  t.equal(postsOf(units), 60_000)
  t.equal(postsOf(where({ kind: 'administrative' })), 18_000)
  t.equal(postsOf(institutions), 42_000)
})

t.test('municipal units hold 45 %, counties 55 %', async (t) => {
  t.equal(postsOf(where({ level: 'municipal' })) * 100, 60_000 * 45)
  t.equal(postsOf(outsideCity) * 100, 60_000 * 55)
  t.same(new Set(where({ county: 'SZ' })), new Set(where({ level: 'municipal' })), 'SZ is the municipal units')
})

t.test('a municipal unit has 120 posts on average, a township office 35', async (t) => {
  const municipal = where({ level: 'municipal' })
  t.equal(postsOf(municipal), municipal.length * 120)
  const offices = where({ level: 'township', kind: 'administrative' })
  t.equal(offices.length, 73)
  t.equal(postsOf(offices), offices.length * 35)
  const township = where({ level: 'township' })
  t.equal(postsOf(township), township.length * 35, 'and so has every kind of township unit together')
})

t.test('institution quota: 65 % in education and health, 15 % in innovation, industry and ecology', async (t) => {
  t.equal(postsOf(within(institutions, 'education', 'health')), 27_300)
  t.equal(postsOf(within(institutions, 'innovation', 'industry', 'ecology')), 6300)
  t.equal(27_300 * 100, 42_000 * 65)
  t.equal(6300 * 100, 42_000 * 15)
})

t.test('quota per km2 outside education and health: 0.9, 0.9, 1.3, 1.3, spread 1.44', async (t) => {
  const counted = outsideCity.filter((unit) => unit.sector !== 'education' && unit.sector !== 'health')
  t.equal(postsOf(counted), 11_300)
  const densities = new Map<string, number>()
  for (const event of events) {
    if (event.type !== 'county.described') continue
    const posts = postsOf(counted.filter((unit) => unit.county === event.subject))
    densities.set(event.subject, posts / event.data.areaKm2)
  }
  t.same(new Set(densities.keys()), new Set(counties.filter((county) => county !== 'SZ')), 'each county has its land')
  const shown = (county: string): string => (densities.get(county) ?? Number.NaN).toFixed(1)
  t.same(['PJ', 'XH', 'HS', 'TS'].map(shown), ['0.9', '0.9', '1.3', '1.3'])
  const spread = Math.max(...densities.values()) / Math.min(...densities.values())
  t.equal(spread.toFixed(2), '1.44')
  t.ok(spread > 1.1 && spread <= 1.445, 'yellow, not red')
  const ends = [Math.min(...densities.values()), Math.max(...densities.values())]
  t.same(ends, [densities.get('XH'), densities.get('HS')], 'the thinnest and the densest are ones that the plan names')
})

t.test('32,000 contract staff, 40 % of them in education', async (t) => {
  t.equal(contractOf(units), 32_000)
  t.equal(contractOf(within(units, 'education')) * 100, 32_000 * 40)
})

t.test('frontline units hold 36 % of the quota', async (t) => {
  t.equal(postsOf(where({ frontline: true })) * 100, 60_000 * 36)
})

t.test(
  'frontline is townships, schools, health centres and enforcement teams outside the city, and no other',
  async (t) => {
    t.same(where({ frontline: true, level: 'municipal' }), [])
    t.same(where({ frontline: false, level: 'township' }), [])
    const county = where({ level: 'county' })
    const isFrontline = (unit: CensusUnit): boolean =>
      unit.kind === 'institution' && /(中学|小学|学校|幼儿园|执法大队)$/.test(unit.name)
    t.same(
      county.filter((unit) => unit.frontline !== isFrontline(unit)).map((unit) => unit.name),
      [],
    )
  },
)

t.test('contract ratio is 0.76 over institution quota, in the city and in every county, and nowhere red', async (t) => {
  t.equal((contractOf(units) / postsOf(institutions)).toFixed(2), '0.76')
  for (const county of counties) {
    const ratio = contractOf(where({ county })) / postsOf(where({ county, kind: 'institution' }))
    t.equal(ratio.toFixed(2), '0.76', county)
    t.ok(ratio <= 0.762, `${county} is not past the red threshold`)
  }
  for (const sector of ['education', 'health']) {
    const ratio = contractOf(within(units, sector)) / postsOf(within(institutions, sector))
    t.ok(ratio > 0.6 && ratio <= 0.762, `${sector} is yellow at the target of 2024`)
  }
})

t.test('one municipal unit is over quota by exactly 15 %; nobody else is over quota', async (t) => {
  const over = units.filter((unit) => filledBy.home(unit) > postsOf([unit]))
  t.equal(over.length, 1)
  const [organ] = over
  t.match(organ, { level: 'municipal', county: 'SZ' })
  if (organ) t.equal(filledBy.home(organ) * 100, postsOf([organ]) * 115)
})

t.test('one county rural-revitalisation bureau has 21 % of its posts vacant; nobody else is past 20 %', async (t) => {
  const vacant = units.filter((unit) => (postsOf([unit]) - filledBy.home(unit)) * 100 > postsOf([unit]) * 20)
  t.equal(vacant.length, 1)
  const [bureau] = vacant
  t.match(bureau, { level: 'county', kind: 'administrative', sector: 'agriculture', name: /乡村振兴局/ })
  if (bureau) t.equal((postsOf([bureau]) - filledBy.home(bureau)) * 100, postsOf([bureau]) * 21)
})

t.test(
  'the two units look the same under both counting policies; 19 others are over quota under `desk` only',
  async (t) => {
    const overBy = (policy: keyof typeof filledBy) =>
      new Set(units.filter((unit) => filledBy[policy](unit) > postsOf([unit])).map((unit) => unit.id))
    const [home, desk] = [overBy('home'), overBy('desk')]
    t.ok([...home].every((id) => desk.has(id)))
    t.equal(desk.size - home.size, 19, 'as the README says')
    const vacantUnderDesk = units.filter((unit) => (postsOf([unit]) - filledBy.desk(unit)) * 100 > postsOf([unit]) * 20)
    t.equal(vacantUnderDesk.length, 1)
  },
)

t.test('everybody lent is at work somewhere: as many seconded and posted in as out', async (t) => {
  const sum = (basis: keyof CensusUnit['heads']) => units.reduce((all, unit) => all + (unit.heads[basis] ?? 0), 0)
  t.equal(sum('seconded_in'), sum('seconded_out'))
  t.equal(sum('posted_in'), sum('posted_out'))
  t.ok(sum('seconded_in') > 0 && sum('posted_in') > 0)
})

t.test('mobility is 8.3 % and GDP per fiscally supported employee 123,000, reported for the city', async (t) => {
  const reported = events.flatMap((event) =>
    event.type === 'indicator.reported' ? [[event.subject, event.data.name, event.data.value]] : [],
  )
  t.same(reported, [
    ['city', 'mobility_ratio', 0.083],
    ['city', 'gdp_per_employee_cny', 123_000],
  ])
})

t.test('pilot waves: 蓬江 and 新会 in 2024, 台山 and 开平 in 2025', async (t) => {
  const waves = events.flatMap((event) =>
    event.type === 'county.described' ? [[event.subject, event.data.pilotWave]] : [],
  )
  t.same(Object.fromEntries(waves), { PJ: 1, XH: 1, TS: 2, KP: 2, JH: undefined, HS: undefined, EP: undefined })
})

t.test('the reform budget is 20, 15, 30 and 5 million', async (t) => {
  const budgets = events.flatMap((event) =>
    event.type === 'fund.budgeted' ? [[event.data.account, event.data.amountCny]] : [],
  )
  t.same(Object.fromEntries(budgets), {
    platform: 20_000_000,
    placement: 15_000_000,
    contract: 30_000_000,
    special: 5_000_000,
  })
})
