/**
 * New units, with posts that the state adds. Their first people are reported before the quota office has registered
 * them: those reports wait in the quarantine and come in by themselves.
 */
import type { EventDataByType } from '../core/event.js'
import type { County } from '../core/names.js'
import type { Outbox } from './outbox.js'
import { chance, isSlot, type Moment, oneOf, type Player, type Scene, sourceOf } from './scene.js'

const foundedPermille = 10
const kinds = [
  { code: 'INN', sector: 'innovation', name: '产业技术研究中心' },
  { code: 'IND', sector: 'industry', name: '招商服务中心' },
  { code: 'ECO', sector: 'ecology', name: '生态修复中心' },
] as const
const places = {
  PJ: '蓬江区',
  JH: '江海区',
  XH: '新会区',
  TS: '台山市',
  KP: '开平市',
  HS: '鹤山市',
  EP: '恩平市',
} as const
/** Numbers that the shipped city does not use. */
const firstNumber = 9001

export function openFoundings(scene: Scene, outbox: Outbox): Player {
  const draw = scene.draw('foundings')
  let founded = 0
  return (moment) => {
    if (!isSlot(moment, 0) || !chance(draw, foundedPermille)) return
    const county = oneOf(draw, Object.keys(places) as (keyof typeof places)[])
    const { code, sector, name } = oneOf(draw, kinds)
    const id = `${county}-${code}-${firstNumber + founded}`
    founded += 1
    const people = draw(3, 8)
    const profile = profileOf(county, sector, `${places[county]}${name}${founded}部`)
    announce(outbox, id, people)
    const registeredOn = scene.calendar.workdaysAfter(moment.day, draw(1, 2))
    scene.later(registeredOn, 0, () => register(scene, moment, id, profile, people))
  }
}

const profileOf = (
  county: County,
  sector: EventDataByType['unit.registered']['sector'],
  name: string,
): EventDataByType['unit.registered'] => ({
  name,
  level: 'county',
  county,
  kind: 'institution',
  sector,
  frontline: false,
})

function announce(outbox: Outbox, id: string, people: number): void {
  const waiting = (code: string) => ({ verdict: 'waiting', code }) as const
  const data = { count: people, basis: 'permanent' }
  outbox.add({ source: sourceOf('hr'), type: 'staff.entered', subject: id, data }, waiting('QW_UNIT_UNKNOWN'))
}

function register(
  { world, postInTime }: Scene,
  { year }: Moment,
  id: string,
  profile: EventDataByType['unit.registered'],
  people: number,
): void {
  postInTime('quota-office', 'unit.registered', id, profile)
  // What waited for the registration comes in with it.
  world.learn('staff.entered', id, { count: people, basis: 'permanent' })
  const documentNo = `粤编办〔${year}〕${id}`
  postInTime('quota-office', 'quota.approved', id, { approved: people + 1, cause: 'state', documentNo })
  world.unit(id).approvedAtFirst = people + 1
}
