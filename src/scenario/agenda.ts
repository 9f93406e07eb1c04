/**
 * What players have left for later, by day and slot.
 */
import type { DayNumber } from '../core/names.js'
import type { Calendar } from './calendar.js'

export class Agenda {
  readonly #calendar: Calendar
  readonly #acts = new Map<DayNumber, Map<number, (() => void)[]>>()

  constructor(calendar: Calendar) {
    this.#calendar = calendar
  }

  /** At the first working day from `day` on. A day whose slot has passed already is a mistake of the player. */
  readonly add = (day: number, slot: number, act: () => void): void => {
    const on = this.#calendar.workdayFrom(day)
    const slots = this.#acts.get(on) ?? new Map<number, (() => void)[]>()
    this.#acts.set(on, slots)
    const acts = slots.get(slot)
    if (acts) acts.push(act)
    else slots.set(slot, [act])
  }

  act(day: DayNumber, slot: number): void {
    const slots = this.#acts.get(day)
    for (const act of slots?.get(slot) ?? []) act()
    slots?.delete(slot)
    if (slots?.size === 0) this.#acts.delete(day)
  }
}
