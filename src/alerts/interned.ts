/**
 * One copy of what comes again and again: each parsed event brings its own copy of its source, and a million units would
 * each keep one.
 */
import { type Cell, cellOfName, type InternedCell, nameOfCell } from './profile.js'

export class Interned {
  readonly #texts = new Map<string, string>()
  readonly #cells = new Map<string, InternedCell>()

  /** The same text. Beyond the bound, texts that were not seen before are passed through. */
  text<T extends string>(text: T): T {
    const known = this.#texts.get(text)
    if (known !== undefined) return known as T
    if (this.#texts.size < textsMax) this.#texts.set(text, text)
    return text
  }

  cell(like: Cell): InternedCell {
    const name = nameOfCell(like)
    const known = this.#cells.get(name)
    if (known) return known
    const cell = { ...cellOfName(name), index: this.#cells.size }
    this.#cells.set(name, cell)
    return cell
  }
}

// A city has eight departments; a feed that invents sources must not fill the heap.
const textsMax = 10_000
