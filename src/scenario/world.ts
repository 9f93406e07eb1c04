/**
 * The city as the players know it: what an event said is so at once, also when its report comes late.
 *
 * It holds just enough that what is reported stays plausible and refers to what is there. The service is not asked: the
 * scenario is a function of its seed, whatever judges it.
 */
import type { EventDataByType, EventType, QuotaEvent } from '../core/event.js'
import { type Basis, bases, type UnitId } from '../core/names.js'
import type { Draw } from '../core/random.js'

export interface Unit {
  readonly id: UnitId
  profile: EventDataByType['unit.registered']
  approved: number
  readonly heads: Record<Basis, number>
  contract: number
  onLoan: number
  /** What it had when the play began, or when it was founded. */
  approvedAtFirst: number
  contractAtFirst: number
  isClosed: boolean
  /** Reports about it that are on their way, cases and loans that are open: it is not merged before they are done. */
  unsettled: number
}

export const filledOf = ({ heads }: Unit): number => heads.permanent + heads.seconded_out + heads.posted_out
export const usableOf = (unit: Unit): number => unit.approved + unit.onLoan
/** Empty posts; below 0 by how many it is over quota. The default counting policy, `home`. */
export const vacantOf = (unit: Unit): number => usableOf(unit) - filledOf(unit)

export class World {
  readonly #units = new Map<UnitId, Unit>()
  readonly #successors = new Map<UnitId, UnitId>()
  readonly counties = new Map<string, EventDataByType['county.described']>()
  #standing: Unit[] = []
  readonly closed: UnitId[] = []
  /** Posts that arrived by cause `list` since the play began. */
  movedByList = 0

  /** @throws when the city's own events are not about units that they register first */
  constructor(city: readonly QuotaEvent[]) {
    for (const event of city) this.learn(event.type, event.subject, event.data)
    for (const unit of this.#standing) {
      unit.approvedAtFirst = unit.approved
      unit.contractAtFirst = unit.contract
    }
  }

  /** Units that are registered and not closed, in the order in which they came. */
  get standing(): readonly Unit[] {
    return this.#standing
  }

  /** The unit, or the one that it was merged into. */
  unit(id: UnitId): Unit {
    const successor = this.#successors.get(id)
    if (successor !== undefined) return this.unit(successor)
    const unit = this.#units.get(id)
    if (!unit) throw new Error(`the scenario knows no unit ${id}`)
    return unit
  }

  sum(of: (unit: Unit) => number): number {
    let sum = 0
    for (const unit of this.#standing) sum += of(unit)
    return sum
  }

  /** One of the standing units, each as likely as its weight says, a whole number; undefined when all weigh 0. */
  pick(draw: Draw, weight: (unit: Unit) => number): Unit | undefined {
    const weights = this.#standing.map(weight)
    const total = weights.reduce((all, one) => all + one, 0)
    if (total === 0) return undefined
    let left = draw(1, total)
    return this.#standing.find((_, index) => {
      left -= weights[index] ?? 0
      return left <= 0
    })
  }

  /** Of `tries` units drawn among those that fit, the one with the most of `of`. */
  best(draw: Draw, tries: number, fits: (unit: Unit) => boolean, of: (unit: Unit) => number): Unit | undefined {
    const fitting = this.#standing.filter(fits)
    if (fitting.length === 0) return undefined
    const drawn = Array.from({ length: tries }, () => fitting[draw(0, fitting.length - 1)] as Unit)
    return drawn.reduce((best, one) => (of(one) > of(best) ? one : best))
  }

  learn<T extends EventType>(type: T, subject: string, data: EventDataByType[T]): void {
    const said = { type, data } as Pick<QuotaEvent, 'type' | 'data'> as QuotaEvent
    switch (said.type) {
      case 'unit.registered':
        this.#register(subject, said.data)
        return
      case 'county.described':
        this.counties.set(subject, said.data)
        return
      case 'unit.closed':
        this.#close(subject, said.data.successor)
        return
      case 'quota.approved':
        this.#approve(this.#standingUnit(subject), said.data)
        return
      case 'staff.entered':
        this.#standingUnit(subject).heads[said.data.basis] += said.data.count
        return
      case 'staff.left':
        this.#standingUnit(subject).heads[said.data.basis] -= said.data.count
        return
      case 'contract.entered':
        this.#standingUnit(subject).contract += said.data.count
        return
      case 'contract.left':
        this.#standingUnit(subject).contract -= said.data.count
        return
      case 'pool.lent':
        this.#standingUnit(subject).onLoan += said.data.count
        return
      case 'pool.returned':
        this.#standingUnit(subject).onLoan -= said.data.count
        return
      default:
        if (this.#units.has(subject)) this.#standingUnit(subject)
    }
  }

  #register(id: UnitId, profile: EventDataByType['unit.registered']): void {
    const known = this.#units.get(id)
    if (known) {
      known.profile = profile
      return
    }
    const heads = Object.fromEntries(bases.map((basis) => [basis, 0])) as Record<Basis, number>
    const none = { approved: 0, contract: 0, onLoan: 0, approvedAtFirst: 0, contractAtFirst: 0, unsettled: 0 }
    const unit: Unit = { id, profile, heads, ...none, isClosed: false }
    this.#units.set(id, unit)
    this.#standing.push(unit)
  }

  #close(id: UnitId, successor: UnitId | undefined): void {
    this.#standingUnit(id).isClosed = true
    this.closed.push(id)
    this.#standing = this.#standing.filter((unit) => unit.id !== id)
    if (successor !== undefined) this.#successors.set(id, successor)
  }

  #approve(unit: Unit, { approved, cause }: EventDataByType['quota.approved']): void {
    if (cause === 'list') this.movedByList += Math.max(0, approved - unit.approved)
    unit.approved = approved
  }

  /** What would be refused by the service is a defect of the player. */
  #standingUnit(id: UnitId): Unit {
    const unit = this.#units.get(id)
    if (!unit || unit.isClosed) throw new Error(`${id} is not a unit that stands`)
    return unit
  }
}
