/**
 * One copy of what comes again and again: each parsed event brings its own copy of its source, and a million units would
 * each keep one.
 */
import { type Cell, cellOfName, type InternedCell, nameOfCell, placeOf } from './profile.js'
import { compareText } from './stamp.js'

export class Interned {
  readonly #texts = new Map<string, string>()
  readonly #cells = new Map<string, InternedCell>()
  /** All cells, in the order of their names: each step tells of them in this order. */
  cells: readonly InternedCell[] = []

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
    const of = cellOfName(name)
    const cell = { ...of, index: this.#cells.size, name, place: placeOf(of) }
    this.#cells.set(name, cell)
    this.cells = [...this.cells, cell].sort((a, b) => compareText(a.name, b.name))
    return cell
  }
}

// A city has eight departments; a feed that invents sources must not fill the heap.
const textsMax = 10_000
