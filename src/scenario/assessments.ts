/**
 * Evaluations: economic contribution every half-year, efficiency ranks and annual grades every year [3.1, 3.3].
 *
 * Figures come in over two weeks, then the period is closed; a few are corrected after that.
 */
import type { EventDataByType } from '../core/event.js'
import type { Draw } from '../core/random.js'
import { type Grade, GradeDecisions } from './decisions.js'
import { chance, isSlot, type Moment, type Player, type Scene } from './scene.js'
import type { Unit } from './world.js'

type Published = EventDataByType['assessment.published']

/** How many working days the figures of a period take to come in. */
const publishWorkdays = 10
const correctedPermille = 10

export function openAssessments(scene: Scene): Player {
  const draw = scene.draw('assessments')
  const decisions = new GradeDecisions(scene)
  return (moment) => {
    if (!isSlot(moment, 0) || moment.workdayOfMonth !== 6) return
    const lastYear = moment.year - 1
    if (moment.month === 7) publish(scene, draw, moment, economic(scene, draw, `${moment.year}H1`))
    if (moment.month === 1) publish(scene, draw, moment, economic(scene, draw, `${lastYear}H2`))
    if (moment.month === 2) publish(scene, draw, moment, efficiency(scene, draw, String(lastYear)))
    if (moment.month === 3) {
      const figures = annual(scene, draw, String(lastYear))
      publish(scene, draw, moment, figures, decisions)
    }
  }
}

type Figures = readonly (readonly [unit: string, figure: Published])[]

/** Around the mean, and one of thirty clearly below it: under 90 % a unit is frozen. */
const economic = ({ world }: Scene, draw: Draw, period: string): Figures =>
  world.standing
    .filter(({ profile }) => ['innovation', 'industry', 'ecology'].includes(profile.sector))
    .map(({ id }) => [
      id,
      { period, kind: 'economic_contribution', value: chance(draw, 33) ? draw(70, 88) : draw(95, 112) },
    ])

/** Everybody outside the townships, in an order that is drawn. */
function efficiency({ world }: Scene, draw: Draw, period: string): Figures {
  const units = world.standing.filter(({ profile }) => profile.level !== 'township')
  const order = units.map(({ id }) => ({ id, at: draw(0, 1_000_000) })).sort((a, b) => a.at - b.at)
  return order.map(({ id }, index) => [id, { period, kind: 'efficiency', rank: index + 1, of: order.length }])
}

function annual({ world }: Scene, draw: Draw, period: string): Figures {
  const gradeOf = () => {
    const share = draw(1, 1000)
    return share <= 150 ? 'excellent' : share <= 600 ? 'good' : share <= 992 ? 'passed' : 'failed'
  }
  return world.standing.map(({ id }: Unit) => [id, { period, kind: 'annual', grade: gradeOf() }])
}

function publish(
  { world, later, postInTime, calendar }: Scene,
  draw: Draw,
  { day }: Moment,
  figures: Figures,
  decisions?: GradeDecisions,
): void {
  const grades = new Map<string, Grade>()
  const send = (id: string, figure: Published): void => {
    // A unit that was merged meanwhile is assessed no more.
    if (world.unit(id).isClosed || world.unit(id).id !== id) return
    postInTime('organisation', 'assessment.published', id, figure)
    if (figure.kind === 'annual') grades.set(id, figure.grade)
  }
  for (const [id, figure] of figures)
    later(calendar.workdaysAfter(day, draw(1, publishWorkdays)), draw(0, 3), () => send(id, figure))
  const [, first] = figures[0] ?? []
  if (!first) return
  const closedOn = calendar.workdaysAfter(day, publishWorkdays + 1)
  const { period, kind } = first
  later(closedOn, 0, () => {
    postInTime('organisation', 'assessment.closed', 'city', { period, kind })
    decisions?.closed(closedOn, grades)
  })
  for (const [id, figure] of figures)
    if (figure.kind === 'economic_contribution' && chance(draw, correctedPermille))
      later(calendar.workdaysAfter(closedOn, draw(2, 12)), 1, () => send(id, { ...figure, value: figure.value + 9 }))
}
