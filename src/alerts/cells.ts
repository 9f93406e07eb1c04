/**
 * Sums over units, by cell: all units that share county, sector, level, kind and frontline.
 *
 * Every sum that is shown or judged (city, county, sector, level, kind) is a sum of cells. Shards send what changed in a
 * step, the fold adds it up; whole numbers, so the order of adding changes nothing.
 */
import { bases } from '../core/names.js'
import { type Cell, cellOfName, nameOfCell, type Profile } from './profile.js'
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
const frozenAt = sumNames.indexOf('frozen')

const noSums = (): number[] => sumNames.map(() => 0)

const movedByStateAt = sumNames.indexOf('movedByState')

/**
 * Adds (1) or takes out (-1) what a unit counts for. Usable posts are missing before the first approval.
 *
 * A closed unit stands in no sum but this one: what the state added to it raised the cap for good (docs/decisions/0006).
 */
function addShare(sums: number[], unit: Unit, sign: 1 | -1): void {
  const { approvals, heads } = unit
  if (!unit.stands) {
    sums[movedByStateAt] = (sums[movedByStateAt] as number) + sign * approvals.movedByState
    return
  }
  // In the order of `sumNames`, written out: this runs twice for each unit that a batch touches.
  const share = [
    1,
    approvals.approved,
    unit.onLoan,
    unit.hasQuota ? unit.usable : 0,
    unit.filled,
    heads[0],
    heads[1],
    heads[2],
    heads[3],
    heads[4],
    unit.contract,
    approvals.movedByState,
  ] as number[]
  for (let at = 0; at < share.length; at++) sums[at] = (sums[at] as number) + sign * (share[at] as number)
  sums[colourAt + unit.worst] = (sums[colourAt + unit.worst] as number) + sign
  if (unit.freeze?.state === 'frozen') sums[frozenAt] = (sums[frozenAt] as number) + sign
}

function addAll(sums: number[], change: readonly number[]): void {
  for (let at = 0; at < change.length; at++) sums[at] = (sums[at] as number) + (change[at] as number)
}

/** Collects the changes of one step of a shard. */
export class CellChanges {
  readonly #changes = new Map<Cell, number[]>()

  add(unit: Unit, { cell }: Profile, sign: 1 | -1): void {
    let sums = this.#changes.get(cell)
    if (!sums) {
      sums = noSums()
      this.#changes.set(cell, sums)
    }
    addShare(sums, unit, sign)
  }

  /** In order of cells; cells that ended as they began are left out. */
  deltas(): FoldDelta[] {
    return [...this.#changes]
      .filter(([, change]) => change.some((value) => value !== 0))
      .map(([cell, change]) => ({ cell: nameOfCell(cell), change }))
      .sort((a, b) => compareText(a.cell, b.cell))
  }
}

/** The running sums, held by the fold: of each cell, and of each scope that is a union of cells. */
export class Cells {
  /** A cell's own sums, and those of the scopes it lies in. */
  readonly #cells = new Map<string, { readonly own: number[]; readonly scopes: readonly number[][] }>()
  readonly #scopes = new Map<string, number[]>()

  add({ cell, change }: FoldDelta): void {
    const { own, scopes } = this.#cell(cell)
    addAll(own, change)
    for (const sums of scopes) addAll(sums, change)
  }

  /** `scope`: `city`, `county/XH`, `sector/education`, `level/township`, `kind/institution`; 0 where there is no unit. */
  sums(scope: string): Sums {
    const sums = this.#scopes.get(scope)
    return Object.fromEntries(sumNames.map((name, at) => [name, sums?.[at] ?? 0])) as Sums
  }

  /** One sum of a scope. */
  sum(scope: string, name: keyof Sums): number {
    return this.#scopes.get(scope)?.[sumNames.indexOf(name)] ?? 0
  }

  /** For the snapshot: in order of cells, those with nothing left out. */
  toJson(): FoldDelta[] {
    return [...this.#cells]
      .filter(([, { own }]) => own.some((value) => value !== 0))
      .sort(([a], [b]) => compareText(a, b))
      .map(([cell, { own }]) => ({ cell, change: own }))
  }

  #cell(name: string): { readonly own: number[]; readonly scopes: readonly number[][] } {
    const known = this.#cells.get(name)
    if (known) return known
    const cell = { own: noSums(), scopes: scopesOf(cellOfName(name)).map((scope) => this.#scope(scope)) }
    this.#cells.set(name, cell)
    return cell
  }

  #scope(scope: string): number[] {
    const known = this.#scopes.get(scope)
    if (known) return known
    const sums = noSums()
    this.#scopes.set(scope, sums)
    return sums
  }
}

const scopesOf = ({ county, sector, level, kind }: Cell): string[] => [
  'city',
  `county/${county}`,
  `sector/${sector}`,
  `level/${level}`,
  `kind/${kind}`,
]
