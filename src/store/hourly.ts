/**
 * Sums per county and sector, kept while the log is followed; a row for each that changed, once its hour is over.
 *
 * A row holds the sums as they stood at the hour's end, not what was added in it: history needs no running total from
 * the beginning of time, only the newest row of each cell. That one may be years old, where nothing happened since, so no
 * row may go.
 */
import type { County, Sector, UnixMs } from '../core/names.js'

export const sumNames = [
  'units',
  'approved',
  'on_loan',
  'usable',
  'filled',
  'over_posts',
  'institution_approved',
  'contract',
  'green',
  'yellow',
  'red',
  'frozen',
] as const
export type Sums = Readonly<Record<(typeof sumNames)[number], number>>

/** What one unit adds to the sums of its county and sector. */
export interface Share {
  readonly county: County
  readonly sector: Sector
  /** In the order of `sumNames`. */
  readonly sums: readonly number[]
}

export interface HourRow {
  readonly hourMs: UnixMs
  readonly county: string
  readonly sector: string
  /** In the order of `sumNames`. */
  readonly sums: readonly number[]
  /** Under which they were counted, `name@version`: the one that held when the hour ended. */
  readonly policy: string
}

/** The hour that is not over, for a checkpoint. */
export interface KeptHour {
  readonly hourMs: UnixMs
  /** `county/sector` of the cells that changed in it. */
  readonly changed: readonly string[]
}

export const hourLengthMs = 3_600_000
const nothing: readonly number[] = sumNames.map(() => 0)

export class HourlySums {
  readonly #cells = new Map<string, number[]>()
  readonly #changed: Set<string>
  #hourMs: number

  constructor(kept?: KeptHour) {
    this.#hourMs = kept?.hourMs ?? 0
    this.#changed = new Set(kept?.changed)
  }

  /** The sums of a checkpoint, from the units it holds. */
  restore(shares: readonly Share[]): void {
    for (const share of shares) this.#add(share, 1)
  }

  /** Time goes on to `nowMs`: the rows of the hour that is over, if one is. In order of cells. `policy`: held until now. */
  advance(nowMs: UnixMs, policy: string): HourRow[] {
    const hourMs = Math.floor(nowMs / hourLengthMs) * hourLengthMs
    if (hourMs === this.#hourMs) return []
    const rows = [...this.#changed].sort().map((cell) => this.#rowOf(cell, policy))
    this.#changed.clear()
    this.#hourMs = hourMs
    return rows
  }

  replace(before: Share | undefined, after: Share | undefined): void {
    if (before) this.#changed.add(this.#add(before, -1))
    if (after) this.#changed.add(this.#add(after, 1))
  }

  kept(): KeptHour {
    return { hourMs: this.#hourMs as UnixMs, changed: [...this.#changed] }
  }

  #rowOf(cell: string, policy: string): HourRow {
    const [county = '', sector = ''] = cell.split('/')
    return { hourMs: this.#hourMs as UnixMs, county, sector, sums: [...(this.#cells.get(cell) ?? nothing)], policy }
  }

  #add({ county, sector, sums }: Share, sign: 1 | -1): string {
    const cell = `${county}/${sector}`
    const held = this.#cells.get(cell)
    if (!held) this.#cells.set(cell, sign === 1 ? [...sums] : sums.map((value) => -value))
    else for (let at = 0; at < sums.length; at++) held[at] = (held[at] ?? 0) + sign * (sums[at] ?? 0)
    return cell
  }
}
