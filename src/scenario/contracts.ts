/**
 * Contract staff 编外人员 go down along the plan's targets, unit by unit, with some coming and going.
 *
 * Targets as shares of institution posts [2.1, 3.3]: education and health 0.6 at the end of 2024, everybody at the end
 * of 2025, 0.5 at the end of 2026. They start at 0.76 (education and health 0.69), and arrive a little late: the rules
 * have something to say.
 */
import { dayFromCivil } from '../core/day.js'
import type { DayNumber } from '../core/names.js'
import type { Draw } from '../core/random.js'
import { chance, isSlot, type Player, type Scene, staffFeedOf } from './scene.js'
import type { Unit } from './world.js'

/** What of the first number is left at the end of a year, in thousandths. */
const leftPermille: Readonly<Record<'social' | 'other', readonly number[]>> = {
  social: [1000, 860, 800, 650, 640, 630],
  other: [1000, 930, 745, 620, 610, 600],
}
const firstYear = 2023
const leaveAtOnceMax = 6
const comesBackPermille = 2

export function openContracts(scene: Scene): Player {
  const draw = scene.draw('contracts')
  return (moment) => {
    if (!isSlot(moment, 2)) return
    for (const unit of scene.world.standing) adjust(scene, draw, unit, moment.day, moment.year)
  }
}

function adjust({ post }: Scene, draw: Draw, unit: Unit, day: DayNumber, year: number): void {
  if (unit.contractAtFirst === 0) return
  const surplus = unit.contract - wanted(unit, day, year)
  const stepPeople = draw(1, leaveAtOnceMax)
  // People go in twos and threes when contracts end, so a unit waits until there are some.
  if (surplus >= stepPeople && unit.contract >= surplus && chance(draw, 120))
    post(staffFeedOf(unit), 'contract.left', unit.id, { count: Math.min(surplus, stepPeople) })
  else if (surplus < 1 && chance(draw, comesBackPermille))
    post(staffFeedOf(unit), 'contract.entered', unit.id, { count: 1 })
}

function wanted({ profile, contractAtFirst }: Unit, day: DayNumber, year: number): number {
  const path = leftPermille[profile.sector === 'education' || profile.sector === 'health' ? 'social' : 'other']
  const at = (of: number): number => path[Math.min(path.length - 1, Math.max(0, of - firstYear))] ?? 0
  const begin = dayFromCivil(year, 1, 1)
  const daysOfYear = dayFromCivil(year + 1, 1, 1) - begin
  const gone = ((at(year) - at(year - 1)) * (day - begin)) / daysOfYear
  return Math.ceil((contractAtFirst * (at(year - 1) + gone)) / 1000)
}
