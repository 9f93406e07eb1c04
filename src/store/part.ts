/**
 * The rows of one range for one table and one month: what is inserted at once, and is there as a whole or not at all.
 *
 * An insert that touches several partitions is several parts, and a crash may keep some of them; so a range is split by
 * month before it is sent, and each part has a deduplication token of its own.
 */
import type { LogPosition } from '../core/names.js'
import type { Row } from './rows.js'
import { type Table, tableOf } from './tables.js'
import { tsvRow } from './tsv.js'

export interface Part {
  readonly table: Table
  /** `2024-07`, by UTC. */
  readonly month: string
  /** Rows as TabSeparated, with their keys beside them. */
  readonly rows: string[]
  readonly keys: number[]
  /** Of `timeMs % checkModulus`: tells rows of this log from rows of another at the same positions. */
  timeCheck: number
  minMs: number
  maxMs: number
}

/** Keeps sums of up to a million times below 2^53, here as there. */
export const checkModulus = 1_000_000_007

export const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7)

/** Sorts rows into parts. `bytes` counts characters, which is near enough for a bound. */
export class PartSorter {
  readonly #parts = new Map<string, Part>()
  #bytes = 0
  #rows = 0

  get bytes(): number {
    return this.#bytes
  }

  get rows(): number {
    return this.#rows
  }

  add({ table, key, ms, fields }: Row): void {
    const part = this.#partOf(table, monthOf(ms), ms)
    const row = tsvRow(fields)
    part.rows.push(row)
    part.keys.push(key)
    part.timeCheck += ms % checkModulus
    part.minMs = Math.min(part.minMs, ms)
    part.maxMs = Math.max(part.maxMs, ms)
    this.#bytes += row.length
    this.#rows += 1
  }

  parts(): readonly Part[] {
    return [...this.#parts.values()]
  }

  #partOf(table: Row['table'], month: string, ms: number): Part {
    const name = `${table}/${month}`
    const known = this.#parts.get(name)
    if (known) return known
    const part: Part = { table: tableOf(table), month, rows: [], keys: [], timeCheck: 0, minMs: ms, maxMs: ms }
    this.#parts.set(name, part)
    return part
  }
}

/** The rows of a part whose keys are not among those that are there. */
export function without(part: Part, present: ReadonlySet<number>): Part {
  const kept = part.keys.flatMap((key, at) => (present.has(key) ? [] : [at]))
  return { ...part, rows: kept.map((at) => part.rows[at] ?? ''), keys: kept.map((at) => part.keys[at] ?? 0) }
}

/** The same range always has the same token. */
export const tokenOf = (from: LogPosition, to: LogPosition, { table, month }: Part): string =>
  `${from}-${to}/${table.name}/${month}`
