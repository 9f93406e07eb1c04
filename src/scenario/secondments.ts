/**
 * Secondments 借调 and temporary postings 挂职 from the frontline to large organs, and their ends.
 *
 * Whoever goes leaves `permanent` and enters `…_out` at home and `…_in` where the desk stands (domain 1). Those who are
 * away when the play begins come back in the course of two years.
 */
import type { DayNumber } from '../core/names.js'
import type { Draw } from '../core/random.js'
import { chance, isSlot, type Player, type Scene } from './scene.js'
import { type Unit, vacantOf } from './world.js'

type How = 'seconded' | 'posted'

const ways = {
  seconded: { startPermille: 550, daysMin: 120, daysMax: 420 },
  posted: { startPermille: 170, daysMin: 300, daysMax: 720 },
} as const satisfies Record<How, unknown>
const lenderPostsMin = 20
const borrowerPostsMin = 60
const firstReturnsWithinDays = 730

export function openSecondments(scene: Scene): Player {
  const draw = scene.draw('secondments')
  for (const how of ['seconded', 'posted'] as const) bringHome(scene, scene.draw(`first ${how}`), how)
  return (moment) => {
    if (!isSlot(moment, 1)) return
    for (const how of ['seconded', 'posted'] as const)
      if (chance(draw, ways[how].startPermille)) send(scene, draw, how, moment.day)
  }
}

/** The census knows how many are out and how many are in, not who is where: they are paired as they come. */
function bringHome(scene: Scene, draw: Draw, how: How): void {
  const { world, firstDay, later } = scene
  const hosts = world.standing.flatMap((unit) => Array.from({ length: unit.heads[`${how}_in`] }, () => unit))
  const homes = world.standing.flatMap((unit) => Array.from({ length: unit.heads[`${how}_out`] }, () => unit))
  for (const [index, home] of homes.entries()) {
    const host = hosts[index]
    if (host) later(firstDay + draw(5, firstReturnsWithinDays), 1, () => end(scene, how, home.id, host.id))
  }
}

function send(scene: Scene, draw: Draw, how: How, day: DayNumber): void {
  const { world, post, later } = scene
  const home = world.pick(draw, (unit) => (isLender(unit) ? unit.heads.permanent : 0))
  const host = world.pick(draw, (unit) => (isBorrower(unit) && unit !== home ? unit.approved : 0))
  if (!home || !host) return
  post('organisation', 'staff.left', home.id, { count: 1, basis: 'permanent' })
  post('organisation', 'staff.entered', home.id, { count: 1, basis: `${how}_out` })
  post('organisation', 'staff.entered', host.id, { count: 1, basis: `${how}_in` })
  later(day + draw(ways[how].daysMin, ways[how].daysMax), 1, () => end(scene, how, home.id, host.id))
}

function end({ world, post }: Scene, how: How, homeId: string, hostId: string): void {
  const [home, host] = [world.unit(homeId), world.unit(hostId)]
  post('organisation', 'staff.left', home.id, { count: 1, basis: `${how}_out` })
  post('organisation', 'staff.entered', home.id, { count: 1, basis: 'permanent' })
  post('organisation', 'staff.left', host.id, { count: 1, basis: `${how}_in` })
}

/** A frozen unit would have to be asked about whoever comes back under another basis. */
const isLender = (unit: Unit): boolean =>
  unit.profile.frontline && unit.approved >= lenderPostsMin && unit.heads.permanent > 5 && vacantOf(unit) >= 0

const isBorrower = ({ profile, approved }: Unit): boolean =>
  profile.kind === 'administrative' && profile.level !== 'township' && approved >= borrowerPostsMin
