/**
 * The newest transitions in memory, so that resuming clients and short reads touch no disk.
 *
 * Holds at least all that is not written yet: what is in neither the ring nor a file would be nowhere.
 */
import type { N } from '../core/names.js'
import type { Transition } from '../core/transition.js'

export class RecordRing {
  readonly #max: number
  /** The number of `#items[0]`. */
  #first = 1
  #items: Transition[] = []

  constructor(max: number) {
    this.#max = max
  }

  /** Forgets everything; the next one is number `first`. */
  restart(first: number): void {
    this.#first = first
    this.#items = []
  }

  get(n: N): Transition | undefined {
    return this.#items[n - this.#first]
  }

  push(transition: Transition): void {
    this.#items.push(transition)
  }

  /** Drops the oldest, at most up to `written`. In strides of the ring's size, so that it costs nothing per transition. */
  shrink(written: N): void {
    if (this.#items.length < 2 * this.#max) return
    const dropped = Math.min(this.#items.length - this.#max, written - this.#first + 1)
    if (dropped <= 0) return
    this.#items = this.#items.slice(dropped)
    this.#first += dropped
  }
}
