/**
 * What people order: the city's monitoring centre takes what stands long in hand and silences what it knows of; the
 * commission for posts lifts a freeze for a while where the work cannot wait (容错).
 *
 * Only what is certain to apply is ordered, since the play does not ask the service: units that the city began with, and
 * alerts that a late report or two could not end. Requests to the pool are decided where they are lent (pool.ts), proposals
 * on grades where these are closed (decisions.ts).
 */
import { formatTime, startOfDay } from '../core/day.js'
import { counties, type DayNumber } from '../core/names.js'
import type { Order } from '../core/order.js'
import { people } from './people.js'
import { chance, isSlot, type Moment, oneOf, type Player, type Scene } from './scene.js'
import { type Unit, vacantOf } from './world.js'

/** Over by so many a unit is over, whatever report comes late. */
const surelyOver = 6
/** About two a month, of those that are frozen on the day. */
const liftPermille = 100
const liftDays = [14, 45] as const
/** Taken in hand for so long, then looked at again. */
const inHandDays = 30
const silenceDays = 10

export function openOrders({ world, draw: streamOf, order }: Scene): Player {
  const draw = streamOf('orders')
  const atFirst = new Set(world.standing.map(({ id }) => id))
  const inHandUntil = new Map<string, number>()
  const liftedUntil = new Map<string, number>()
  const known = ({ id }: Unit): boolean => atFirst.has(id)

  const takeInHand = ({ day }: Moment): void => {
    for (const unit of world.standing) {
      if (!known(unit) || vacantOf(unit) > -surelyOver || (inHandUntil.get(unit.id) ?? 0) >= day) continue
      inHandUntil.set(unit.id, day + inHandDays)
      const until = endOf(day + inHandDays)
      const reason = '已约谈，限期消化超编人员'
      order({ order: 'acknowledge', subject: unit.id, rule: 'over-quota', by: people.centre, reason, until })
    }
  }
  const lift = ({ day }: Moment): void => {
    const frozen = (unit: Unit): boolean => known(unit) && vacantOf(unit) < 0 && (liftedUntil.get(unit.id) ?? 0) < day
    const unit = chance(draw, liftPermille) ? world.pick(draw, (each) => (frozen(each) ? 1 : 0)) : undefined
    if (!unit) return
    const endDay = day + draw(...liftDays)
    liftedUntil.set(unit.id, endDay)
    const reason = '重点任务急需，容错期内允许用编'
    order({ order: 'lift', subject: unit.id, by: people.commission, reason, until: endOf(endDay) })
  }
  /** While a county is being inspected everybody knows how many contract staff it has. */
  const silence = ({ day }: Moment): void => {
    const reason = '专项督查期间，不重复提示'
    const until = endOf(day + silenceDays)
    order({
      order: 'silence',
      subject: oneOf(draw, counties),
      rule: 'contract-ratio',
      by: people.centre,
      reason,
      until,
    })
  }
  return (moment) => {
    if (!isSlot(moment, 0)) return
    takeInHand(moment)
    lift(moment)
    if (moment.workdayOfMonth === 3) silence(moment)
  }
}

/** The commission's word on a request to the pool. */
export const decision = (unit: string, requestId: string, isApproved: boolean): Order => ({
  order: 'decide',
  subject: unit,
  requestId,
  decision: isApproved ? 'approved' : 'refused',
  by: people.commission,
  reason: isApproved ? '符合周转池使用条件' : '投资额不足一亿元，不符合周转池使用条件',
})

const endOf = (day: number): string => formatTime(startOfDay(day as DayNumber))
