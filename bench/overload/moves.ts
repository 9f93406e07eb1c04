/**
 * What the overload bench sends: people who come to a unit and leave it again, so that every event that is accepted does
 * what is known beforehand, whichever others were refused.
 *
 * The city is the one of the e2e bench. A flip moves the staff of a unit that stands exactly at its quota: one more makes
 * it red and frozen, one fewer green and free again, two transitions each time. All other events move contract staff,
 * which says nothing. Who comes next to a unit, or leaves it, is decided by what was accepted so far: half of the events are
 * refused, and a plan made beforehand would let units drift.
 */
import { type CitySettings, flipsAmong, flipUnit, moveText } from '../city.js'

export interface Move {
  readonly unit: number
  readonly isFlip: boolean
  readonly comes: boolean
}

export class Moves {
  readonly #city: CitySettings
  readonly #staff = new Map<number, number>()
  readonly #contract = new Map<number, number>()
  #acceptedFlips = 0

  constructor(city: CitySettings) {
    this.#city = city
  }

  /** Transitions that follow from what was accepted. */
  get transitions(): number {
    return 2 * this.#acceptedFlips
  }

  /** Of event number `index`: the kinds are spread evenly, and each walks round its units. */
  next(index: number): Move {
    const { units, flipShare } = this.#city
    const flips = flipsAmong(index, flipShare)
    const isFlip = flipsAmong(index + 1, flipShare) > flips
    const unit = isFlip ? flipUnit(flips, units) : (index - flips) % units
    return { unit, isFlip, comes: (this.#balanceOf(isFlip).get(unit) ?? 0) <= 0 }
  }

  text(id: string, { unit, isFlip, comes }: Move, time: string): string {
    return moveText(id, isFlip ? 'staff' : 'contract', unit, comes, time)
  }

  accepted({ unit, isFlip, comes }: Move): void {
    const balance = this.#balanceOf(isFlip)
    balance.set(unit, (balance.get(unit) ?? 0) + (comes ? 1 : -1))
    if (isFlip) this.#acceptedFlips += 1
  }

  #balanceOf(isFlip: boolean): Map<number, number> {
    return isFlip ? this.#staff : this.#contract
  }
}
