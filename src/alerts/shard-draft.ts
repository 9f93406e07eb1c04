/**
 * A shard's whole history at one moment: a line about the shard, then one for each unit.
 *
 * A unit is kept before a step changes it for the first time (`ShardState.keep`). A step that changes far more units than
 * it has entries (another policy, midnight) would have to keep them all: the draft is given up instead, and whoever asked
 * for it begins another.
 */
import type { UnitId } from '../core/names.js'
import { type Draft, type Entries, FrozenMap } from './draft.js'
import type { Unit } from './unit.js'

// Writing a unit takes about 5 us: 2 ms. What entries change on top of it costs about what they cost to judge.
const copiesBesideEntriesMax = 400

export class ShardDraft implements Draft {
  /** Units carry it once they are written, or were not there yet. */
  readonly mark: number
  #head: string | undefined
  readonly #units: FrozenMap<UnitId, Unit>
  #copiesLeft = copiesBesideEntriesMax
  #isGivenUp = false

  constructor(mark: number, head: string, units: Entries<UnitId, Unit>, line: (unit: Unit) => string) {
    this.mark = mark
    this.#head = `${head}\n`
    this.#units = new FrozenMap(units, (_, unit) => `${line(unit)}\n`)
  }

  beginStep(entries: number): void {
    this.#copiesLeft = copiesBesideEntriesMax + entries
  }

  /** Before the unit changes. False: given up. */
  keep(unit: Unit): boolean {
    if (unit.draftMark === this.mark || this.#units.isWhole) return true
    if (this.#copiesLeft === 0) return false
    this.#copiesLeft -= 1
    unit.draftMark = this.mark
    this.#units.keep(unit.id, unit)
    return true
  }

  giveUp(): void {
    this.#isGivenUp = true
  }

  next(unitsMax: number): string | undefined {
    if (this.#isGivenUp) return undefined
    const lines = this.#head === undefined ? [] : [this.#head]
    this.#head = undefined
    this.#units.write(lines, unitsMax, (unit) => {
      unit.draftMark = this.mark
    })
    return lines.join('')
  }
}
