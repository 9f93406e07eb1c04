/**
 * The rows of one range for one table and one month: what is inserted at once, and is there as a whole or not at all.
 *
 * An insert that touches several partitions is several parts, and a crash may keep some of them; so a range is split by
 * month before it is sent, and each part has a deduplication token of its own.
 */
import type { LogPosition } from '../core/names.js'
import { RowBuffer } from './row-buffer.js'
import type { Row } from './rows.js'
import { type Table, tableOf } from './tables.js'
import { tsvRow } from './tsv.js'

export interface Part {
  readonly table: Table
  /** `2024-07`, by UTC. */
  readonly month: string
  /** Rows as TabSeparated, in order, with their keys and their times beside them. */
  readonly rows: RowBuffer
  readonly keys: number[]
  readonly times: number[]
}

const dayLengthMs = 86_400_000
const months = new Map<number, string>()

export function monthOf(ms: number): string {
  const day = Math.floor(ms / dayLengthMs)
  const known = months.get(day)
  if (known !== undefined) return known
  if (months.size > 10_000) months.clear()
  const month = new Date(ms).toISOString().slice(0, 7)
  months.set(day, month)
  return month
}

/** Sorts rows into parts. */
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
    const part = this.#partOf(table, monthOf(ms))
    const before = part.rows.length
    part.rows.add(tsvRow(fields))
    part.keys.push(key)
    part.times.push(ms)
    this.#bytes += part.rows.length - before
    this.#rows += 1
  }

  parts(): readonly Part[] {
    return [...this.#parts.values()]
  }

  #partOf(table: Row['table'], month: string): Part {
    const name = `${table}/${month}`
    const known = this.#parts.get(name)
    if (known) return known
    const part: Part = { table: tableOf(table), month, rows: new RowBuffer(), keys: [], times: [] }
    this.#parts.set(name, part)
    return part
  }
}

/** The rows of a part whose keys are not among those that are there. */
export function without(part: Part, present: { has(key: number): boolean }): Part {
  const at = part.keys.flatMap((key, i) => (present.has(key) ? [] : [i]))
  return {
    ...part,
    rows: part.rows.only(at),
    keys: at.map((i) => part.keys[i] ?? 0),
    times: at.map((i) => part.times[i] ?? 0),
  }
}

/** The same range always has the same token. */
export const tokenOf = (from: LogPosition, to: LogPosition, { table, month }: Part): string =>
  `${from}-${to}/${table.name}/${month}`
