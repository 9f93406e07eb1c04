/**
 * What is measured and not counted: the indicators of domain 2, each in its rhythm, on the plan's way from 2023 to 2028.
 */
import { counties } from '../core/names.js'
import { isSlot, type Moment, type Player, type Scene } from './scene.js'
import { mobilityPermille } from './staffing.js'

/** Decimals of at most six places are what the service takes. */
const ratio = (thousandths: number): number => thousandths / 1000

export function openIndicators(scene: Scene): Player {
  const draw = scene.draw('indicators')
  const { post, world } = scene
  const yearly = ({ year }: Moment): void => {
    const years = Math.min(5, Math.max(0, year - 2024))
    // 123,000 at the end of 2023, 150,000 at the end of 2028 [2.2.2].
    post('development-reform', 'indicator.reported', 'city', {
      name: 'gdp_per_employee_cny',
      value: 123_000 + years * 5600 + draw(0, 900),
    })
    post('development-reform', 'indicator.reported', 'city', { name: 'gdp_growth_ratio', value: ratio(draw(38, 62)) })
    post('development-reform', 'indicator.reported', 'city', { name: 'population', value: 4_820_000 + draw(0, 30_000) })
    for (const [county, land] of world.counties) post('development-reform', 'county.described', county, land)
  }
  const quarterly = ({ year }: Moment): void => {
    const mobility = mobilityPermille(year) + draw(-4, 4)
    post('hr', 'indicator.reported', 'city', { name: 'mobility_ratio', value: ratio(mobility) })
    for (const [county, { pilotWave }] of world.counties)
      if (pilotWave !== undefined)
        post('quota-office', 'indicator.reported', county, {
          name: 'stock_activation_ratio',
          value: ratio(draw(300, 420) + 40 * Math.min(5, Math.max(0, year - 2024))),
        })
  }
  const monthly = ({ month }: Moment): void => {
    for (const county of counties) {
      const covered = ratio(Math.min(1000, draw(955, 1012)))
      post('hr', 'indicator.reported', county, { name: 'insurance_coverage_ratio', value: covered })
      if (month % 6 === 0)
        post('petitions', 'indicator.reported', county, { name: 'satisfaction_points', value: draw(780, 930) / 10 })
    }
  }
  // Opinion is looked at every few days: mostly calm, now and then it is not.
  const opinion = (): void => {
    for (const county of counties)
      post('petitions', 'indicator.reported', county, {
        name: 'negative_opinion_ratio',
        value: ratio(draw(1, 100) <= 3 ? draw(210, 480) : draw(30, 190)),
      })
  }
  return (moment) => {
    if (!isSlot(moment, 0)) return
    if (moment.workdayOfMonth === 2) monthly(moment)
    if (moment.workdayOfMonth === 3 && moment.month % 3 === 1) quarterly(moment)
    if (moment.workdayOfMonth === 9 && moment.month === 1) yearly(moment)
    if (moment.workdayOfMonth % 5 === 1) opinion()
  }
}
