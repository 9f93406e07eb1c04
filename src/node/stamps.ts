/**
 * When the request that brought an entry was received, until the entry is judged: for the stamps on frames.
 *
 * Requests are noted in the order of their positions and asked for in the same order, so this is a queue; what was
 * judged is forgotten.
 */
import type { LogPosition } from '../core/names.js'

interface Received {
  readonly first: LogPosition
  readonly last: LogPosition
  readonly receivedUs: number
}

export class ReceivedStamps {
  #queue: Received[] = []
  #at = 0

  note(first: LogPosition, count: number, receivedUs: number): void {
    this.#queue.push({ first, last: (first + count - 1) as LogPosition, receivedUs })
  }

  /** Moment of the entry at `position`; undefined for an entry of our own (a tick). Positions may only grow. */
  of(position: LogPosition): number | undefined {
    this.forgetBefore(position)
    const received = this.#queue[this.#at]
    return received && received.first <= position ? received.receivedUs : undefined
  }

  /** Everything before `position` was judged. */
  forgetBefore(position: LogPosition): void {
    while (this.#at < this.#queue.length && (this.#queue[this.#at] as Received).last < position) this.#at += 1
    if (this.#at > 1024 && this.#at * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#at)
      this.#at = 0
    }
  }
}
