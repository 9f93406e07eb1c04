/**
 * A queue that is emptied at its front and can be looked into.
 *
 * `Array.shift` moves every element behind the first: with 20,000 transitions in a ring that would cost more than
 * sending them. Here the front is an index, and what lies before it is cut off when it is half of all.
 */
const cutAt = 64

export class Fifo<T> {
  #items: (T | undefined)[] = []
  #start = 0

  get length(): number {
    return this.#items.length - this.#start
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** The item at `index`, counted from the front; undefined beyond either end. */
  at(index: number): T | undefined {
    return index < 0 ? undefined : this.#items[this.#start + index]
  }

  last(): T | undefined {
    return this.at(this.length - 1)
  }

  shift(): T | undefined {
    const item = this.at(0)
    if (item === undefined) return undefined
    // Let go at once: what is counted as gone must not be kept in memory.
    this.#items[this.#start] = undefined
    this.#start += 1
    if (this.#start >= cutAt && this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
    return item
  }
}
