/**
 * Sums over units, by cell: all units that share county, sector, level, kind and frontline.
 *
 * Every sum that is shown or judged (city, county, sector, level, kind) is a sum of cells. Shards send what changed in a
 * step, the fold adds it up; whole numbers, so the order of adding changes nothing.
 */
import { bases } from '../core/names.js'
import { type Cell, cellOfName, type Profile } from './profile.js'
import { compareText } from './stamp.js'
import type { Unit } from './unit.js'

export const sumNames = [
  'units',
  'approved',
  'onLoan',
  'usable',
  'filled',
  ...bases,
  'contract',
  'movedByState',
  'green',
  'yellow',
  'red',
  'frozen',
] as const
export type Sums = Readonly<Record<(typeof sumNames)[number], number>>

/** What one shard's step changed in one cell; `change` in the order of `sumNames`. */
export interface FoldDelta {
  readonly cell: string
  readonly change: readonly number[]
}

const colourAt = sumNames.indexOf('green')

/** Adds (1) or takes out (-1) what a unit that stands counts for. Usable posts are missing before the first approval. */
export function addShare(sums: number[], unit: Unit, sign: 1 | -1): void {
  const { approvals, heads, hasQuota } = unit
  add(sums, 0, sign)
  add(sums, 1, sign * (approvals.approved ?? 0))
  add(sums, 2, sign * unit.onLoan)
  if (hasQuota) add(sums, 3, sign * unit.usable)
  add(sums, 4, sign * unit.filled)
  for (let basis = 0; basis < heads.length; basis++) add(sums, 5 + basis, sign * (heads[basis] as number))
  add(sums, 10, sign * unit.contract)
  add(sums, 11, sign * approvals.movedByState)
  add(sums, colourAt + unit.worst, sign)
  if (unit.freeze?.state === 'frozen') add(sums, 15, sign)
}

function add(sums: number[], at: number, value: number): void {
  sums[at] = (sums[at] as number) + value
}

/** Collects the changes of one step of a shard. */
export class CellChanges {
  readonly #changes = new Map<string, number[]>()

  add(unit: Unit, profile: Profile, sign: 1 | -1): void {
    const cell = profile.cell
    let sums = this.#changes.get(cell)
    if (!sums) {
      sums = sumNames.map(() => 0)
      this.#changes.set(cell, sums)
    }
    addShare(sums, unit, sign)
  }

  /** In order of cells; cells that ended as they began are left out. */
  deltas(): FoldDelta[] {
    return [...this.#changes]
      .filter(([, change]) => change.some((value) => value !== 0))
      .sort(([a], [b]) => compareText(a, b))
      .map(([cell, change]) => ({ cell, change }))
  }
}

/** The running sums, held by the fold. */
export class Cells {
  readonly #cells = new Map<string, { readonly of: Cell; readonly sums: number[] }>()

  add({ cell, change }: FoldDelta): void {
    let held = this.#cells.get(cell)
    if (!held) {
      held = { of: cellOfName(cell), sums: sumNames.map(() => 0) }
      this.#cells.set(cell, held)
    }
    for (let at = 0; at < change.length; at++) add(held.sums, at, change[at] as number)
  }

  sum(includes: (cell: Cell) => boolean): Sums {
    const total = sumNames.map(() => 0)
    for (const { of, sums } of this.#cells.values())
      if (includes(of)) for (let at = 0; at < total.length; at++) add(total, at, sums[at] as number)
    return Object.fromEntries(sumNames.map((name, at) => [name, total[at] as number])) as Sums
  }

  /** For the snapshot: in order of cells, those with nothing left out. */
  toJson(): FoldDelta[] {
    return [...this.#cells]
      .filter(([, { sums }]) => sums.some((value) => value !== 0))
      .sort(([a], [b]) => compareText(a, b))
      .map(([cell, { sums }]) => ({ cell, change: sums }))
  }
}
