/**
 * Mergers 减并转: a small school becomes part of another, mostly before the school year.
 *
 * Its people, then its posts go by events of their own, and only then is it closed (domain 2): the service takes
 * nothing else. A school about which a report is still on its way waits.
 */
import { bases } from '../core/names.js'
import { chance, isSlot, type Player, type Scene, staffFeedOf } from './scene.js'
import type { Unit } from './world.js'

const mergedPostsMax = 40
const inSummerPermille = 90
const elsePermille = 8

export function openMergers(scene: Scene): Player {
  const draw = scene.draw('mergers')
  return (moment) => {
    const isSummer = moment.month >= 6 && moment.month <= 8
    if (!isSlot(moment, 3) || !chance(draw, isSummer ? inSummerPermille : elsePermille)) return
    const school = scene.world.best(draw, 4, mayBeMerged, ({ approved }) => -approved)
    if (!school || scene.isSilent(staffFeedOf(school))) return
    const successor = scene.world.best(
      draw,
      4,
      (unit) => isSchoolBeside(unit, school),
      ({ approved }) => approved,
    )
    if (successor) merge(scene, school, successor)
  }
}

const isSchool = ({ profile }: Unit): boolean => profile.sector === 'education' && profile.level === 'township'

const mayBeMerged = (unit: Unit): boolean =>
  isSchool(unit) &&
  unit.unsettled === 0 &&
  unit.onLoan === 0 &&
  unit.approved <= mergedPostsMax &&
  bases.every((basis) => unit.heads[basis] >= 0)

const isSchoolBeside = (unit: Unit, school: Unit): boolean =>
  unit !== school && isSchool(unit) && unit.profile.county === school.profile.county

function merge({ postInTime }: Scene, school: Unit, successor: Unit): void {
  const feed = staffFeedOf(school)
  const { approved, contract } = school
  const people = bases.map((basis) => ({ basis, count: school.heads[basis] })).filter(({ count }) => count > 0)
  for (const data of people) postInTime(feed, 'staff.left', school.id, data)
  if (contract > 0) postInTime(feed, 'contract.left', school.id, { count: contract })
  postInTime('quota-office', 'quota.approved', school.id, { approved: 0, cause: 'transfer' })
  postInTime('quota-office', 'quota.approved', successor.id, {
    approved: successor.approved + approved,
    cause: 'transfer',
  })
  for (const data of people) postInTime(feed, 'staff.entered', successor.id, data)
  if (contract > 0) postInTime(feed, 'contract.entered', successor.id, { count: contract })
  successor.contractAtFirst += school.contractAtFirst
  successor.approvedAtFirst += school.approvedAtFirst
  postInTime('quota-office', 'unit.closed', school.id, { successor: successor.id })
}
