/**
 * Sums over units, by cell: all units that share county, sector, level, kind and frontline.
 *
 * Every sum that is shown or judged (city, county, sector, level, kind) is a sum of cells. Shards send what changed in a
 * step, the fold adds it up; whole numbers, so the order of adding changes nothing. What is counted by year or by day
 * (posts that arrived by lists, units heard of) are flows beside the sums, by name.
 */
import type { DayNumber } from '../core/names.js'
import { bases } from '../core/names.js'
import { addedByQuotaYear, arrivedByList } from './approvals.js'
import type { InternedCell } from './profile.js'
import { compareText } from './stamp.js'
import type { CountedFlows, Unit } from './unit.js'

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
  /** In the order of `shareNames`. */
  readonly sums: number[]
  flows: Map<string, number> | undefined
}

/** Collects the changes of one step of a shard. */
export class CellChanges {
  /** By the index of the cell. */
  readonly #changes: (CellChange | undefined)[] = []

  /** Adds (1) or takes out (-1) what a unit counts for. */
  add(unit: Unit, cell: InternedCell, sign: 1 | -1): void {
    addShare(this.#of(cell).sums, unit, sign)
  }

  /** What its approvals count for by year, when they, its cell or its standing are others than were counted. */
  moveFlows(unit: Unit): void {
    const { cell, countedFlows: was } = unit
    if (!cell || (!was && cell.sector !== 'innovation' && !unit.hasList)) return
    const { list } = unit.approvals
    if (was && was.cell === cell && was.list === list && was.stands === unit.stands) return
    const now = { cell, list, stands: unit.stands }
    if (was) addFlows(this.#of(was.cell), was, -1)
    addFlows(this.#of(now.cell), now, 1)
    unit.countedFlows = now
  }

  /** A unit was heard of on another day than before, or stands in another cell. */
  moveHeard(unit: Unit): void {
    const cell = unit.stands ? unit.cell : undefined
    if (unit.heardIn === cell && unit.heardInOn === unit.heardOn) return
    if (unit.heardIn) addFlow(this.#of(unit.heardIn), heardFlow(unit.heardInOn), -1)
    if (cell && unit.heardOn !== 0) addFlow(this.#of(cell), heardFlow(unit.heardOn), 1)
    unit.heardIn = unit.heardOn === 0 ? undefined : cell
    unit.heardInOn = unit.heardOn
  }

  /** The pool has lent to a unit of the cell. */
  countLoan(cell: InternedCell): void {
    addFlow(this.#of(cell), loanFlow, 1)
  }

  /** `cells`: all of the shard, in the order of their names. Those that ended as they began are left out. */
  deltas(cells: readonly InternedCell[]): FoldDelta[] {
    const deltas: FoldDelta[] = []
    for (const { index, name } of cells) {
      const change = this.#changes[index]
      if (!change) continue
      const { sums, flows } = change
      const moved = flows ? movedOf(flows) : []
      if (moved.length > 0) deltas.push({ cell: name, change: sums, flows: moved })
      else if (!isZero(sums)) deltas.push({ cell: name, change: sums })
    }
    return deltas
  }

  #of(cell: InternedCell): CellChange {
    const known = this.#changes[cell.index]
    if (known) return known
    const change: CellChange = { sums: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], flows: undefined }
    this.#changes[cell.index] = change
    return change
  }
}

const movedOf = (flows: ReadonlyMap<string, number>) =>
  [...flows].filter(([, change]) => change !== 0).sort(([a], [b]) => compareText(a, b))

function isZero(sums: readonly number[]): boolean {
  for (const sum of sums) if (sum !== 0) return false
  return true
}

/**
 * Usable posts are missing before the first approval. A closed unit stands in no sum but one: what the state added to it
 * raised the cap for good (docs/decisions/0006). Written out in the order of `shareNames`: it runs twice for each unit
 * that a batch touches.
 */
function addShare(sums: number[], unit: Unit, sign: 1 | -1): void {
  if (!unit.stands) {
    add(sums, movedByStateAt, sign * unit.movedByState)
    return
  }
  add(sums, 0, sign)
  add(sums, 1, sign * unit.approved)
  add(sums, 2, sign * unit.onLoan)
  if (unit.hasQuota) add(sums, 3, sign * unit.usable)
  add(sums, 4, sign * unit.filled)
  add(sums, 5, sign * unit.permanent)
  add(sums, 6, sign * unit.secondedIn)
  add(sums, 7, sign * unit.secondedOut)
  add(sums, 8, sign * unit.postedIn)
  add(sums, 9, sign * unit.postedOut)
  add(sums, 10, sign * unit.contract)
  add(sums, movedByStateAt, sign * unit.movedByState)
  add(sums, colourAt + unit.worst, sign)
  if (unit.freeze?.state === 'frozen') add(sums, frozenAt, sign)
}

function add(sums: number[], at: number, value: number): void {
  sums[at] = (sums[at] as number) + value
}

/** What arrived by lists happened, also when the unit was closed since; the quota of 1 January is of those that stand. */
function addFlows(change: CellChange, { cell, list, stands }: CountedFlows, sign: 1 | -1): void {
  for (const [year, posts] of arrivedByList(list)) addFlow(change, listFlow(year), sign * posts)
  if (cell.sector === 'innovation' && stands)
    for (const [year, posts] of addedByQuotaYear(list)) addFlow(change, quotaFlow(year), sign * posts)
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
export const isHeardFlow = (name: string): boolean => name.startsWith('heard/')
export const heardFlow = (day: DayNumber): string => `heard/${day}`
