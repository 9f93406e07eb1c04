/**
 * Pings, spread over the whole interval: a wheel whose hand moves one slot at a time.
 *
 * No timer per client (100,000 timers), and no sweep of all clients at once (a sweep of 16,000 is 130 ms in which
 * nobody is served). Clients are dealt to the slots one after the other, so that a crowd that arrives in one second is
 * pinged over the whole interval.
 */
const tickMsMin = 10
const slotsMax = 256

export class Wheel<T> {
  readonly tickMs: number
  readonly #slots: Set<T>[]
  #hand = 0
  #next = 0

  constructor(intervalMs: number) {
    this.tickMs = Math.max(tickMsMin, Math.ceil(intervalMs / slotsMax))
    this.#slots = Array.from({ length: Math.max(1, Math.round(intervalMs / this.tickMs)) }, () => new Set<T>())
  }

  /** Puts an item in a slot; whoever holds the slot takes it out again by `slot.delete(item)`. */
  add(item: T): Set<T> {
    this.#next = (this.#next + 1) % this.#slots.length
    // The hand has just left this slot: whoever is put there waits for a whole round.
    if (this.#next === this.#hand) this.#next = (this.#next + 1) % this.#slots.length
    const slot = this.#slots[this.#next] ?? new Set<T>()
    slot.add(item)
    return slot
  }

  /** Everybody, slot by slot; who comes or goes meanwhile is met or not. */
  *all(): Generator<T> {
    for (const slot of this.#slots) yield* slot
  }

  /** Moves the hand and gives the items that are up now. */
  turn(): readonly T[] {
    this.#hand = (this.#hand + 1) % this.#slots.length
    return [...(this.#slots[this.#hand] ?? [])]
  }
}
