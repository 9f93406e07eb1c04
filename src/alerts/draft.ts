/**
 * A state as it stood at one moment, written piece by piece while it goes on: what a snapshot is made of.
 *
 * Copy on write. What is about to change and was not written yet is written first and kept for its turn, so all pieces
 * together are the text that one piece would have been. Maps keep their order: lines come as their entries were added,
 * a restored map is filled in the order of the lines, and what was added since the moment stands behind them. So nothing
 * has to be sorted, which at 60,000 units would be a pause of its own.
 */

/** Whole lines, each with its line end, of at most so many entries; '' when there is no more. */
export interface Draft {
  /** Undefined: given up, because more changed at once than may be copied, or because another one was begun. */
  next(entriesMax: number): string | undefined
}

/** All that is left of it, in one piece. */
export function wholeOf(draft: Draft): string {
  const text = draft.next(Number.POSITIVE_INFINITY)
  if (text === undefined) throw new Error('a draft was given up with nothing in between')
  return text
}

/** A map to which entries are only ever added. */
export interface Entries<K, V> {
  readonly size: number
  entries(): Iterator<[K, V]>
}

/** Such a map as it stood when this was made. */
export class FrozenMap<K, V> {
  readonly #entries: Iterator<[K, V]>
  readonly #line: (key: K, value: V) => string
  readonly #kept = new Map<K, string>()
  #left: number

  constructor(map: Entries<K, V>, line: (key: K, value: V) => string) {
    this.#entries = map.entries()
    this.#left = map.size
    this.#line = line
  }

  /** Before the entry changes. */
  keep(key: K, value: V): void {
    if (this.#left > 0 && !this.#kept.has(key)) this.#kept.set(key, this.#line(key, value))
  }

  /** All of it is written. */
  get isWhole(): boolean {
    return this.#left === 0
  }

  /** Appends to `lines`; returns how many there were. `written` is told of each. */
  write(lines: string[], entriesMax: number, written?: (value: V) => void): number {
    let count = 0
    for (; count < entriesMax && this.#left > 0; count++, this.#left--) {
      const [key, value] = this.#entries.next().value as [K, V]
      lines.push(this.#kept.get(key) ?? this.#line(key, value))
      this.#kept.delete(key)
      written?.(value)
    }
    if (this.#left === 0) this.#kept.clear()
    return count
  }
}
