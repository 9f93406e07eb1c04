/**
 * Hiring and leaving: who leaves is replaced, a little later and seldom exactly.
 *
 * The share of staff that leaves in a year, to another unit or for good, grows from 8.3 % to 15 % (plan 2.2.2). A unit
 * that is full sometimes takes one more (a veteran who must be placed, a report too many), which freezes it until
 * somebody leaves; a frozen unit hires nobody, save the few who do not look.
 */
import type { Draw } from '../core/random.js'
import { about, chance, isSlot, type Moment, type Player, type Scene, staffFeedOf } from './scene.js'
import { filledOf, type Unit, usableOf, vacantOf } from './world.js'

/** Plan 2.2.2: 8.3 % at the end of 2023, 15 % at the end of 2028. In thousandths. */
export const mobilityPermille = (year: number): number =>
  83 + Math.round((67 * Math.min(4, Math.max(0, year - 2024))) / 4)

const workdaysOfYear = 250
const slotsOfDay = [0, 2] as const
/** Of those who leave, how many take a post elsewhere in the city. */
const movesWithinPermille = 250
/** Of all usable posts; what the shipped city begins with. */
const filledWantedPermille = 958
/** So many working days does it take to close half of the distance. */
const hiringDays = 50
const oneTooManyPermille = 290
const hiresWhileFrozenPermille = 20
/** How likely somebody leaves a unit that is over quota on one day. */
const solvedPermille = 100
/** A unit that is over by more has been so for long and will be for long [1.3.3]. */
const quicklySolvedMax = 4

export function openStaffing(scene: Scene): Player {
  const draw = scene.draw('staffing')
  return (moment) => {
    if (!moment.isWorkday || !(slotsOfDay as readonly number[]).includes(moment.slot)) return
    const left = leave(scene, draw, moment.year)
    hire(scene, draw, moment, left)
    takeTooMany(scene, draw)
    if (isSlot(moment, 2)) solve(scene, draw)
  }
}

/** @returns how many posts were left for good. */
function leave({ world, post }: Scene, draw: Draw, year: number): number {
  const staff = world.sum(filledOf)
  const leavers = about(draw, Math.round((staff * mobilityPermille(year)) / (workdaysOfYear * slotsOfDay.length)))
  let forGood = 0
  for (let each = 0; each < leavers; each++) {
    const unit = world.pick(draw, ({ heads }) => heads.permanent)
    if (!unit) return forGood
    post(staffFeedOf(unit), 'staff.left', unit.id, { count: 1, basis: 'permanent' })
    const next = chance(draw, movesWithinPermille) ? world.pick(draw, openPosts) : undefined
    if (next) post(staffFeedOf(next), 'staff.entered', next.id, { count: 1, basis: 'permanent' })
    else forGood += 1
  }
  return forGood
}

/** Empty posts, more of them where many are empty: there the need is greatest. A unit over quota has none. */
function openPosts(unit: Unit): number {
  const vacant = vacantOf(unit)
  if (vacant <= 0) return 0
  return vacant * 5 >= usableOf(unit) ? vacant * 2 : vacant
}

function hire({ world, post }: Scene, draw: Draw, { month }: Moment, left: number): void {
  const wanted = Math.floor((world.sum(usableOf) * filledWantedPermille) / 1000)
  const gap = ((wanted - world.sum(filledOf)) * 1000) / (hiringDays * slotsOfDay.length)
  let hires = Math.max(0, about(draw, Math.max(0, Math.round(left * 1000 + gap))))
  while (hires > 0) {
    const unit = world.pick(draw, (each) => openPosts(each) * seasonOf(each, month))
    if (!unit) return
    // Schools take their new teachers together, before the school year begins.
    const together = seasonOf(unit, month) > 1 ? draw(1, 3) : 1
    const count = Math.min(together, vacantOf(unit), hires)
    post(staffFeedOf(unit), 'staff.entered', unit.id, { count, basis: 'permanent' })
    hires -= count
  }
}

const seasonOf = ({ profile }: Unit, month: number): number =>
  profile.sector === 'education' && (month === 8 || month === 9) ? 4 : 1

function takeTooMany({ world, post }: Scene, draw: Draw): void {
  const unit = chance(draw, oneTooManyPermille)
    ? world.pick(draw, (each) => (vacantOf(each) === 0 && each.approved > 4 ? 1 : 0))
    : undefined
  if (unit) post(staffFeedOf(unit), 'staff.entered', unit.id, { count: 1, basis: 'permanent' })
  const frozen = chance(draw, hiresWhileFrozenPermille)
    ? world.pick(draw, (each) => (vacantOf(each) < 0 ? 1 : 0))
    : undefined
  if (frozen) post(staffFeedOf(frozen), 'staff.entered', frozen.id, { count: 1, basis: 'permanent' })
}

function solve({ world, post }: Scene, draw: Draw): void {
  for (const unit of world.standing) {
    const over = -vacantOf(unit)
    if (over <= 0 || over > quicklySolvedMax || unit.heads.permanent < over || !chance(draw, solvedPermille)) continue
    post(staffFeedOf(unit), 'staff.left', unit.id, { count: over, basis: 'permanent' })
  }
}
