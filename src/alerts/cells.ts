/**
 * Sums over units, by cell: all units that share county, sector, level, kind and frontline.
 *
 * Every sum that is shown or judged (city, county, sector, level, kind) is a sum of cells. Shards send what changed in a
 * step, the fold adds it up; whole numbers, so the order of adding changes nothing. What is counted by year or by day
 * (posts that arrived by lists, units heard of) are flows beside the sums, by name.
 */
import type { DayNumber } from '../core/names.js'
import { bases } from '../core/names.js'
import { type Cell, nameOfCell, type Profile } from './profile.js'
import { compareText } from './stamp.js'
import type { Unit } from './unit.js'

/** What a unit adds to its cell. */
export const shareNames = [
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
export type ShareName = (typeof shareNames)[number]

/** What one shard's step changed in one cell; `change` in the order of `shareNames`, flows by name. */
export interface FoldDelta {
  readonly cell: string
  readonly change: readonly number[]
  readonly flows?: readonly (readonly [name: string, change: number])[]
}

const colourAt = shareNames.indexOf('green')
const frozenAt = shareNames.indexOf('frozen')
const movedByStateAt = shareNames.indexOf('movedByState')

interface CellChange {
  readonly sums: Float64Array
  flows: Map<string, number> | undefined
}

/** Collects the changes of one step of a shard. */
export class CellChanges {
  readonly #changes = new Map<Cell, CellChange>()

  /** Adds (1) or takes out (-1) what a unit counts for. */
  add(unit: Unit, { cell }: Profile, sign: 1 | -1): void {
    const change = this.#of(cell)
    addShare(change.sums, unit, sign)
    if (unit.approvals.hasList || cell.sector === 'innovation') addFlows(change, unit, cell, sign)
  }

  /** A unit was heard of on another day than before, or stands in another cell. */
  moveHeard(unit: Unit): void {
    const cell = unit.stands ? unit.profile?.cell : undefined
    if (unit.heardIn === cell && unit.heardInOn === unit.heardOn) return
    if (unit.heardIn) addFlow(this.#of(unit.heardIn), heardFlow(unit.heardInOn), -1)
    if (cell && unit.heardOn !== 0) addFlow(this.#of(cell), heardFlow(unit.heardOn), 1)
    unit.heardIn = unit.heardOn === 0 ? undefined : cell
    unit.heardInOn = unit.heardOn
  }

  /** The pool has lent to a unit of the cell. */
  countLoan({ cell }: Profile): void {
    addFlow(this.#of(cell), loanFlow, 1)
  }

  /** In order of cells; cells that ended as they began are left out. */
  deltas(): FoldDelta[] {
    const deltas: FoldDelta[] = []
    for (const [cell, { sums, flows }] of this.#changes) {
      const moved = [...(flows ?? [])].filter(([, change]) => change !== 0).sort(([a], [b]) => compareText(a, b))
      if (moved.length === 0 && !sums.some((change) => change !== 0)) continue
      deltas.push({ cell: nameOfCell(cell), change: [...sums], ...(moved.length > 0 ? { flows: moved } : {}) })
    }
    return deltas.sort((a, b) => compareText(a.cell, b.cell))
  }

  #of(cell: Cell): CellChange {
    const known = this.#changes.get(cell)
    if (known) return known
    const change: CellChange = { sums: new Float64Array(shareNames.length), flows: undefined }
    this.#changes.set(cell, change)
    return change
  }
}

/**
 * Usable posts are missing before the first approval. A closed unit stands in no sum but one: what the state added to it
 * raised the cap for good (docs/decisions/0006). Written out in the order of `shareNames`: it runs twice for each unit
 * that a batch touches.
 */
function addShare(sums: Float64Array, unit: Unit, sign: 1 | -1): void {
  const { approvals, heads } = unit
  if (!unit.stands) {
    add(sums, movedByStateAt, sign * approvals.movedByState)
    return
  }
  add(sums, 0, sign)
  add(sums, 1, sign * approvals.approved)
  add(sums, 2, sign * unit.onLoan)
  if (unit.hasQuota) add(sums, 3, sign * unit.usable)
  add(sums, 4, sign * unit.filled)
  for (let basis = 0; basis < heads.length; basis++) add(sums, 5 + basis, sign * (heads[basis] as number))
  add(sums, 10, sign * unit.contract)
  add(sums, movedByStateAt, sign * approvals.movedByState)
  add(sums, colourAt + unit.worst, sign)
  if (unit.freeze?.state === 'frozen') add(sums, frozenAt, sign)
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] as number) + value
}

/** What arrived by lists happened, also when the unit was closed since; the quota of 1 January is of those that stand. */
function addFlows(change: CellChange, { approvals, stands }: Unit, { sector }: Cell, sign: 1 | -1): void {
  if (approvals.hasList)
    for (const [year, posts] of approvals.arrivedByList()) addFlow(change, listFlow(year), sign * posts)
  if (sector === 'innovation' && stands)
    for (const [year, posts] of approvals.addedByQuotaYear()) addFlow(change, quotaFlow(year), sign * posts)
}

function addFlow(change: CellChange, name: string, value: number): void {
  change.flows ??= new Map()
  change.flows.set(name, (change.flows.get(name) ?? 0) + value)
}

/** How often the pool has lent. */
export const loanFlow = 'loans'
export const listFlow = (year: number): string => `list/${year}`
/** Innovation quota, by the first year on whose 1 January it stood. */
export const quotaFlow = (year: number): string => `quota/${year}`
export const heardFlow = (day: DayNumber): string => `heard/${day}`
