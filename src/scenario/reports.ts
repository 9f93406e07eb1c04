/**
 * Risk reports [4.3]: the city's every week, the counties' every month, those of a few pilot units every working day.
 *
 * Due three working days after the period. Now and then a county is late, and once a year one leaves two months out.
 */
import { civilFromDay, dayFromCivil, formatDay, weekdayOf } from '../core/day.js'
import { counties, type DayNumber } from '../core/names.js'
import { chance, isSlot, type Moment, oneOf, type Player, type Scene } from './scene.js'

const pilotUnits = 6
const lateCountyPermille = 60
const forgottenDayPermille = 15

export function openReports(scene: Scene): Player {
  const draw = scene.draw('reports')
  const { world, post, later, calendar } = scene
  const pilots = world.standing
    .filter(({ profile }) => world.counties.get(profile.county)?.pilotWave === 1 && profile.level === 'county')
    .slice(0, pilotUnits)
  const silent = silentCounties(scene)
  const report = (subject: string, period: string) => post('quota-office', 'risk.reported', subject, { period })
  const lastMonth = ({ year, month, day }: Moment): void => {
    const period = month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`
    for (const county of counties) {
      if (silent(county, year, month)) continue
      const workdays = chance(draw, lateCountyPermille) ? draw(4, 8) : draw(0, 2)
      later(calendar.workdaysAfter(day, workdays), 2, () => report(county, period))
    }
  }
  const today = ({ day }: Moment): void => {
    for (const { id } of pilots)
      if (!world.unit(id).isClosed && !chance(draw, forgottenDayPermille)) report(id, formatDay(day))
  }
  return (moment) => {
    if (isSlot(moment, 0) && moment.workdayOfMonth === 1) lastMonth(moment)
    if (isSlot(moment, 1) && isFirstOfWeek(scene, moment.day)) report('city', weekOf((moment.day - 7) as DayNumber))
    if (isSlot(moment, 3)) today(moment)
  }
}

/** One county of each year reports nothing in two months that follow each other. */
function silentCounties({ draw }: Scene): (county: string, year: number, month: number) => boolean {
  return (county, year, month) => {
    const drawn = draw(`silent county ${year}`)
    const [silent, from] = [oneOf(drawn, counties), drawn(3, 10)]
    return county === silent && (month === from || month === from + 1)
  }
}

function isFirstOfWeek({ calendar }: Scene, day: DayNumber): boolean {
  const monday = day - ((weekdayOf(day) + 6) % 7)
  return calendar.workdayFrom(monday) === day
}

/** The ISO week that the day lies in: the one of its Thursday. */
function weekOf(day: DayNumber): string {
  const thursday = (day - ((weekdayOf(day) + 6) % 7) + 3) as DayNumber
  const { year } = civilFromDay(thursday)
  const week = Math.floor((thursday - dayFromCivil(year, 1, 1)) / 7) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
