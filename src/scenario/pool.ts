/**
 * The revolving pool 编制周转池 of 500 posts [3.1]: asked for, lent for a project, returned, now and then late.
 *
 * The pool fills over the first year and is nearly used up in the fourth. Whoever borrows hires into the lent posts, so
 * before they go back somebody has to leave; where that fails the unit is over quota.
 */
import { formatDay } from '../core/day.js'
import type { DayNumber } from '../core/names.js'
import type { Draw } from '../core/random.js'
import { decision } from './orders.js'
import { chance, isSlot, type Moment, type Player, type Scene, staffFeedOf } from './scene.js'
import { type Unit, vacantOf } from './world.js'

/** Posts out that are aimed at, at the end of each year of the play from 2023 on. Never above the 500 of the pool. */
const outAtYearEnd = [0, 280, 390, 440, 465, 430] as const
const poolPosts = 500
const firstYear = 2023
const borrowerPostsMin = 20
const loanPostsMax = 12
/** More is what the pool is for [4.3]; a few ask with less, and some of them are lent to all the same. */
const enoughCny = 100_000_000
const refusedPermille = 500

interface Pool {
  readonly decisions: Draw
  /** Lent and asked for. */
  spoken: number
  loans: number
}

interface Loan {
  readonly id: string
  readonly unit: string
  out: number
}

export function openPool(scene: Scene): Player {
  const draw = scene.draw('pool')
  // A stream of its own, so that what is asked for stays as it was.
  const decisions = scene.draw('decisions on the pool')
  const pool: Pool = { spoken: 0, loans: 0, decisions }
  return (moment) => {
    if (isSlot(moment, 1) && pool.spoken < wantedOut(moment) && chance(draw, 450)) request(scene, draw, pool, moment)
  }
}

function wantedOut({ year, month }: Moment): number {
  const at = (of: number): number => outAtYearEnd[Math.min(outAtYearEnd.length - 1, Math.max(0, of - firstYear))] ?? 0
  return at(year - 1) + Math.floor(((at(year) - at(year - 1)) * month) / 12)
}

function request(scene: Scene, draw: Draw, pool: Pool, { day, year }: Moment): void {
  const { world, post, later, calendar, order } = scene
  const unit = world.pick(draw, (each) => (mayBorrow(each) ? each.approved : 0))
  const count = Math.min(draw(3, loanPostsMax), Math.floor((unit?.approved ?? 0) / 8), poolPosts - pool.spoken)
  if (!unit || count < 1) return
  pool.loans += 1
  pool.spoken += count
  const number = `${year}-${String(pool.loans).padStart(4, '0')}`
  const investmentCny = (chance(draw, 50) ? draw(40, 100) : draw(101, 900)) * 1_000_000
  post('quota-office', 'request.submitted', unit.id, { requestId: `R-${number}`, kind: 'pool', count, investmentCny })
  const loan: Loan = { id: `L-${number}`, unit: unit.id, out: 0 }
  unit.unsettled += 1
  const isRefused = investmentCny <= enoughCny && chance(pool.decisions, refusedPermille)
  later(calendar.workdaysAfter(day, draw(2, 9)), 1, () => {
    order(decision(loan.unit, `R-${number}`, !isRefused))
    if (isRefused) {
      pool.spoken -= count
      unit.unsettled -= 1
      return
    }
    loan.out = count
    const dueOn = calendar.workdayFrom(day + draw(120, 400))
    post('quota-office', 'pool.lent', unit.id, {
      loanId: loan.id,
      count,
      dueOn: formatDay(dueOn),
      project: `${unit.profile.name}重点项目${number}`,
      investmentCny,
    })
    planReturn(scene, draw, pool, loan, dueOn)
  })
}

const mayBorrow = ({ profile, approved, onLoan }: Unit): boolean =>
  approved >= borrowerPostsMin &&
  onLoan === 0 &&
  (profile.sector === 'innovation' || profile.sector === 'industry' || profile.sector === 'health')

/** Seven of ten in time, some extended first, some late: by a few days or by weeks. */
function planReturn(scene: Scene, draw: Draw, pool: Pool, loan: Loan, dueOn: DayNumber): void {
  const { later, post, calendar } = scene
  const share = draw(1, 100)
  if (share <= 10) {
    const until = calendar.workdayFrom(dueOn + draw(60, 180))
    later(dueOn - 10, 1, () => {
      const count = Math.min(1, poolPosts - pool.spoken)
      if (count === 0) {
        later(dueOn, 1, () => giveBack(scene, draw, pool, loan, dueOn))
        return
      }
      pool.spoken += count
      loan.out += count
      post('quota-office', 'pool.lent', loan.unit, { loanId: loan.id, count, dueOn: formatDay(until) })
      later(until - draw(0, 5), 1, () => giveBack(scene, draw, pool, loan, until))
    })
    return
  }
  const lateDays = share <= 80 ? -draw(0, 12) : share <= 92 ? draw(1, 10) : draw(16, 60)
  later(dueOn + lateDays, 1, () => giveBack(scene, draw, pool, loan, dueOn + lateDays))
}

/** Some of it comes back in two parts, about a month apart. `day`: today or a little before. */
function giveBack(scene: Scene, draw: Draw, pool: Pool, loan: Loan, day: number): void {
  const { world, post, later } = scene
  const unit = world.unit(loan.unit)
  const inParts = loan.out > 3 && chance(draw, 250)
  const count = inParts ? Math.floor(loan.out / 2) : loan.out
  const missing = count - vacantOf(unit)
  if (missing > 0 && unit.heads.permanent >= missing && chance(draw, 880))
    post(staffFeedOf(unit), 'staff.left', unit.id, { count: missing, basis: 'permanent' })
  post('quota-office', 'pool.returned', unit.id, { loanId: loan.id, count })
  loan.out -= count
  pool.spoken -= count
  if (loan.out === 0) unit.unsettled -= 1
  else later(day + 30, 1, () => giveBack(scene, draw, pool, loan, day + 30))
}
