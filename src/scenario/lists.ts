/**
 * The quarterly lists [3.4]: who wants posts and who offers some, published in the first week of a quarter's last month.
 */
import { civilFromDay, dayFromCivil, formatDay } from '../core/day.js'
import { isSlot, type Moment, type Player, type Scene } from './scene.js'
import { type Unit, usableOf, vacantOf } from './world.js'

const linesOfList = 15

export function openLists(scene: Scene): Player {
  const draw = scene.draw('lists')
  return (moment) => {
    if (!isSlot(moment, 0) || moment.month % 3 !== 0 || moment.workdayOfMonth !== 4) return
    for (let line = 1; line <= linesOfList; line++) {
      const offers = scene.world.best(draw, 8, (unit) => vacantOf(unit) > 2, vacantOf)
      if (offers) list(scene, 'supply.listed', offers, Math.max(1, Math.floor(vacantOf(offers) / 2)), moment, line)
      const wants = scene.world.best(draw, 8, (unit) => vacantOf(unit) < 2, usableOf)
      if (wants) list(scene, 'demand.listed', wants, draw(1, 5), moment, line)
    }
  }
}

function list(
  { post }: Scene,
  type: 'supply.listed' | 'demand.listed',
  { id, profile }: Unit,
  count: number,
  moment: Moment,
  line: number,
): void {
  const quarter = `${moment.year}Q${moment.month / 3}`
  const nextQuarter = dayFromCivil(...monthAfter(moment))
  const listId = `${quarter}-${type === 'supply.listed' ? 'S' : 'D'}${line}`
  const until = formatDay(nextQuarter)
  post('quota-office', type, id, { listId, sector: profile.sector, count, until })
}

/** The first day of the third month from now: when the next list is due. */
function monthAfter({ day }: Moment): [number, number, number] {
  const { year, month } = civilFromDay(day)
  return month + 3 > 12 ? [year + 1, month - 9, 1] : [year, month + 3, 1]
}
