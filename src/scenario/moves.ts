/**
 * Posts move between units: by the adjustment list 动态调整清单 about 1,000 a year [3.3], by transfer within a sector, and
 * by autonomy within a county's townships [3.4].
 *
 * What one unit gets another gives, of the same kind, so that neither the city's cap nor the administrative one is
 * touched. The giver's approval is reported first; when the receiver's is the quicker one, the city stands above its cap
 * until the other arrives.
 */
import type { ApprovalCause } from '../core/event.js'
import type { Draw } from '../core/random.js'
import { about, chance, isSlot, type Moment, type Player, type Scene } from './scene.js'
import { type Unit, usableOf, vacantOf } from './world.js'

/** Posts on the list of a year; from March to December, about 205 working days. */
const listPostsOfDayPermille = 4900
const transferPermille = 300
const autonomyPermille = 160
const receiverFirstPermille = 25
/** Offices of townships are to get ten posts each (domain 6, shipped tasks). */
export const postsForTownship = 10

export function openMoves(scene: Scene): Player {
  const draw = scene.draw('moves')
  let documentNo = 0
  const move: Move = (cause, giver, receiver, count, moment) => {
    documentNo += 1
    const no = `江编办〔${moment.year}〕${documentNo}号`
    const give = () => approve(scene, giver, -count, cause, no)
    const receive = () => approve(scene, receiver, count, cause, no)
    const first = chance(draw, receiverFirstPermille) ? [receive, give] : [give, receive]
    first[0]?.()
    if (first[0] === receive) scene.later(moment.day + 1, 0, give)
    else receive()
  }
  return (moment) => {
    if (isSlot(moment, 1) && moment.month >= 3) moveByList(scene, draw, moment, move)
    if (isSlot(moment, 3)) {
      if (chance(draw, transferPermille)) transfer(scene, draw, moment, move)
      if (moment.month >= 3 && chance(draw, autonomyPermille)) decideInCounty(scene, draw, moment, move)
    }
  }
}

type Move = (cause: ApprovalCause, giver: Unit, receiver: Unit, count: number, moment: Moment) => void

/** Sets the quota of a unit to what it has and `change` more. */
export function approve(
  { world, postInTime }: Scene,
  { id }: Unit,
  change: number,
  cause: ApprovalCause,
  documentNo?: string,
): void {
  const unit = world.unit(id)
  const approved = Math.max(0, unit.approved + change)
  postInTime('quota-office', 'quota.approved', unit.id, {
    approved,
    cause,
    ...(documentNo === undefined ? {} : { documentNo }),
  })
}

function moveByList(scene: Scene, draw: Draw, moment: Moment, move: Move): void {
  let posts = about(draw, listPostsOfDayPermille)
  while (posts > 0) {
    const count = Math.min(posts, draw(1, 4))
    posts -= count
    const receiver = receiverOf(scene, draw, count)
    const giver = receiver && giverOf(scene, draw, receiver, count)
    if (receiver && giver) move('list', giver, receiver, count, moment)
  }
}

/** A third for innovation, nearly half for the frontline: the plan wants 30 % and 40 % of what is moved [3.3]. */
function receiverOf({ world }: Scene, draw: Draw, count: number): Unit | undefined {
  const share = draw(1, 100)
  const wants = share <= 33 ? forInnovation : share <= 62 ? forOffices : share <= 81 ? forFrontline : forOthers
  const hasRoom = (unit: Unit): boolean => vacantOf(unit) + count < usableOf(unit) / 6
  const first = world.best(draw, 6, (unit) => wants(unit) && hasRoom(unit), needOf)
  return first ?? world.best(draw, 6, (unit) => forFrontline(unit) && hasRoom(unit), needOf)
}

const needOf = (unit: Unit): number => -vacantOf(unit) / (usableOf(unit) + 1)
const forInnovation = ({ profile }: Unit): boolean => profile.sector === 'innovation' && profile.kind === 'institution'
const forOffices = ({ profile, approved, approvedAtFirst }: Unit): boolean =>
  profile.level === 'township' && profile.kind === 'administrative' && approved < approvedAtFirst + postsForTownship
const forFrontline = ({ profile }: Unit): boolean => profile.frontline && profile.kind === 'institution'
const forOthers = ({ profile }: Unit): boolean => profile.sector === 'industry' || profile.sector === 'ecology'

function giverOf({ world }: Scene, draw: Draw, receiver: Unit, count: number): Unit | undefined {
  const mayGive = (unit: Unit): boolean =>
    unit !== receiver &&
    unit.profile.kind === receiver.profile.kind &&
    !unit.profile.frontline &&
    unit.profile.sector !== 'innovation' &&
    vacantOf(unit) >= count &&
    unit.approved > 10
  return world.best(draw, 12, mayGive, vacantOf)
}

function transfer({ world }: Scene, draw: Draw, moment: Moment, move: Move): void {
  const receiver = world.best(draw, 4, (unit) => unit.profile.level !== 'township', needOf)
  if (!receiver) return
  const count = draw(1, 3)
  const { kind, sector } = receiver.profile
  const giver = world.best(
    draw,
    8,
    (unit) =>
      unit !== receiver &&
      unit.profile.kind === kind &&
      unit.profile.sector === sector &&
      vacantOf(unit) >= count &&
      unit.approved > 8 &&
      !unit.profile.frontline,
    vacantOf,
  )
  if (giver && vacantOf(receiver) + count < usableOf(receiver) / 5) move('transfer', giver, receiver, count, moment)
}

/** Mostly one post; now and then more than the 5 % that a township may move by itself. */
function decideInCounty({ world }: Scene, draw: Draw, moment: Moment, move: Move): void {
  const count = chance(draw, 80) ? 3 : 1
  const giver = world.best(
    draw,
    4,
    ({ profile, approved }) => profile.level === 'township' && profile.kind === 'administrative' && approved > 12,
    vacantOf,
  )
  if (!giver || vacantOf(giver) < count) return
  const { county } = giver.profile
  const receiver = world.best(
    draw,
    4,
    (unit) =>
      unit !== giver &&
      unit.profile.level === 'township' &&
      unit.profile.kind === 'administrative' &&
      unit.profile.county === county,
    needOf,
  )
  if (receiver) move('autonomy', giver, receiver, count, moment)
}
