/**
 * What the commission decides of the service's proposals on annual grades: a tenth of the posts of who failed is cut, and
 * who is excellent gets a tenth more, as long as there are posts that were cut (`annual-grade`).
 *
 * The play does not ask the service what it proposes. Of grades it is certain: they are published by this play, never late,
 * and when the year is closed each failed and each excellent unit has one proposal more of that rule. Proposals of the
 * other rules hang on late reports or on the ranks of others, and stay for people at the screen.
 */
import type { EventDataByType } from '../core/event.js'
import type { DayNumber, UnitId } from '../core/names.js'
import type { Decision } from '../core/order.js'
import type { Draw } from '../core/random.js'
import { people } from './people.js'
import { chance, type Scene } from './scene.js'

export type Grade = Extract<EventDataByType['assessment.published'], { readonly kind: 'annual' }>['grade']

/** `annual-grade` in rules/jiangmen.yaml: signed tenths. */
const rule = 'annual-grade'
const shares: Partial<Record<Grade, 1 | -1>> = { failed: -1, excellent: 1 }

/** Working days from the close of the year to the decision: those on cuts come first, because rewards come out of them. */
const cutWorkdays = [1, 5] as const
const rewardWorkdays = [6, 20] as const
/** Nobody posts an approval in this slot, so that none is as old as a decision's. */
const decisionSlot = 2
const undecidedPermille = 100
const cutPermille = 750

export class GradeDecisions {
  readonly #scene: Scene
  readonly #draw: Draw
  /** Proposals that the rule has made of a unit so far. */
  readonly #made = new Map<UnitId, number>()
  /** Posts that decisions have cut and not given away. */
  #reserve = 0

  constructor(scene: Scene) {
    this.#scene = scene
    this.#draw = scene.draw('decisions on grades')
  }

  /** A year was closed on this working day: what is proposed now is decided over the next weeks. */
  closed(day: DayNumber, grades: ReadonlyMap<UnitId, Grade>): void {
    const { world, later, calendar } = this.#scene
    for (const [id, grade] of grades) {
      const sign = shares[grade]
      const unit = world.unit(id)
      if (sign === undefined || unit.id !== id || unit.isClosed) continue
      const count = (this.#made.get(id) ?? 0) + 1
      this.#made.set(id, count)
      const posts = sign * Math.round(unit.approved / 10)
      const [least, most] = sign < 0 ? cutWorkdays : rewardWorkdays
      const on = calendar.workdaysAfter(day, this.#draw(least, most))
      if (!chance(this.#draw, undecidedPermille))
        later(on, decisionSlot, () => this.#decide(id, `${rule}:${id}:${count}`, posts))
    }
  }

  #decide(id: UnitId, proposalId: string, posts: number): void {
    const { world, order } = this.#scene
    const unit = world.unit(id)
    // A unit that was merged meanwhile took its proposal with it.
    if (unit.id !== id || unit.isClosed) return
    const isApproved = posts < 0 ? chance(this.#draw, cutPermille) : posts <= this.#reserve
    const decision: Decision = isApproved ? 'approved' : 'refused'
    order({
      order: 'decide',
      subject: id,
      proposalId,
      decision,
      by: people.commission,
      reason: reasonOf(posts, decision),
    })
    if (!isApproved) return
    const approved = Math.max(0, unit.approved + posts)
    this.#reserve -= approved - unit.approved
    world.learn('quota.approved', id, { approved, cause: posts < 0 ? 'cut' : 'reward' })
  }
}

function reasonOf(posts: number, decision: Decision): string {
  if (decision === 'approved') return posts < 0 ? '年度考核不合格，核减编制' : '年度考核优秀，奖励编制'
  return posts < 0 ? '限期整改，暂缓核减' : '核减收回的编制已用完，不予奖励'
}
