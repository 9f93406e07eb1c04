/**
 * Approvals that are no move between two units of a kind: conversions, cuts and rewards, and what the state adds.
 *
 * What is cut goes into a reserve, and what is rewarded comes out of it, so the city stays under its cap; posts of the
 * state raise the cap themselves.
 */
import type { Draw } from '../core/random.js'
import { approve } from './moves.js'
import { chance, isSlot, type Player, type Scene } from './scene.js'
import { type Unit, usableOf, vacantOf } from './world.js'

const conversionPermille = 50
/** A cut that did not ask who sits on the posts. */
const cutTooFarPermille = 60
const rewardPermille = 250
const statePostsOfMonth = { month: 11, workday: 8 } as const

export function openAdjustments(scene: Scene): Player {
  const draw = scene.draw('adjustments')
  const reserve = { posts: 0 }
  return (moment) => {
    if (!isSlot(moment, 1)) return
    if (chance(draw, conversionPermille)) convert(scene, draw)
    if (chance(draw, cutTooFarPermille)) cut(scene, draw, reserve)
    if (chance(draw, rewardPermille)) reward(scene, draw, reserve)
    const { month, workday } = statePostsOfMonth
    if (moment.month === month && moment.workdayOfMonth === workday) addByState(scene, draw)
  }
}

/** Administrative posts become institution posts: fewer at the desks, more where the work is. */
function convert(scene: Scene, draw: Draw): void {
  const { world } = scene
  const count = draw(1, 2)
  const isDesk = ({ profile }: Unit): boolean => profile.kind === 'administrative' && profile.level !== 'township'
  const giver = world.best(draw, 10, (unit) => isDesk(unit) && vacantOf(unit) >= count && unit.approved > 20, vacantOf)
  const receiver = world.best(draw, 6, ({ profile }) => profile.kind === 'institution', usableOf)
  if (!giver || !receiver) return
  approve(scene, giver, -count, 'conversion')
  approve(scene, receiver, count, 'conversion')
}

function cut(scene: Scene, draw: Draw, reserve: { posts: number }): void {
  const unit = scene.world.best(
    draw,
    4,
    (each) => vacantOf(each) >= 0 && vacantOf(each) < 3 && each.approved > 15,
    vacantOf,
  )
  if (!unit) return
  const count = vacantOf(unit) + draw(1, 2)
  approve(scene, unit, -count, 'cut')
  reserve.posts += count
}

function reward(scene: Scene, draw: Draw, reserve: { posts: number }): void {
  const unit = scene.world.best(
    draw,
    6,
    (each) => vacantOf(each) === 0 && each.profile.kind === 'institution',
    usableOf,
  )
  const count = Math.min(reserve.posts, draw(1, 3))
  if (!unit || count === 0) return
  reserve.posts -= count
  approve(scene, unit, count, 'reward')
}

function addByState(scene: Scene, draw: Draw): void {
  const unit = scene.world.best(draw, 6, ({ profile }) => profile.kind === 'institution', usableOf)
  if (unit) approve(scene, unit, draw(5, 15), 'state', '粤编办')
}
