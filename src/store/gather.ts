/**
 * A range: whole batches of the log from one position to another, as the parts that are inserted for them.
 *
 * It ends when there is no more, when it is large enough, or where a range that was begun before a crash begins or ends:
 * that one must be met again exactly, because its tokens are made of its ends: where less is settled than was before the
 * crash, because the core is judging its log again, it is waited for.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { Derivation } from './derivation.js'
import type { Follower, JudgedBatch } from './follower.js'
import { type Part, PartSorter } from './part.js'
import { type Row, rowsOf } from './rows.js'

export interface RangeLimits {
  readonly rangeRowsMax: number
  readonly rangeBytesMax: number
}

export interface Range {
  readonly from: LogPosition
  readonly to: LogPosition
  /** The last transition up to `to`. */
  readonly n: N
  readonly nowMs: UnixMs
  readonly rows: number
  readonly parts: readonly Part[]
  /** It ended because it was large enough: there is more. */
  readonly full: boolean
}

/** Ends of a range that was begun before. */
export interface Ends {
  readonly from: LogPosition
  readonly to: LogPosition
}

export interface GatherWaits {
  /** The follower's next batch, whatever it takes to read it. */
  readonly next: () => Promise<JudgedBatch | undefined>
  /** Until it is worth looking again; throws when the writer is stopping. */
  readonly wait: () => Promise<void>
}

export async function gatherRange(
  follower: Follower,
  derivation: Derivation,
  limits: RangeLimits,
  begun: Ends | undefined,
  { next, wait }: GatherWaits,
): Promise<Range | undefined> {
  const from = (follower.position + 1) as LogPosition
  const sorter = new PartSorter()
  let nowMs: UnixMs | undefined
  let full = false
  while (!full) {
    const judged = await next()
    if (!judged) {
      if (nowMs === undefined || begun?.from !== from || follower.position >= begun.to) break
      await wait()
      continue
    }
    await sortRows(sorter, rowsOf(derivation, judged.batch, judged.transitions))
    nowMs = judged.batch.nowMs
    full = hasEnough(sorter, limits, from, judged.last, begun)
  }
  if (nowMs === undefined) return undefined
  return { from, to: follower.position, n: follower.n, nowMs, rows: sorter.rows, parts: sorter.parts(), full }
}

/** About two milliseconds; then whoever else lives on this thread gets a turn. */
const rowsPerTurn = 200

async function sortRows(sorter: PartSorter, rows: Iterable<Row>): Promise<void> {
  for (const row of rows) {
    sorter.add(row)
    if (sorter.rows % rowsPerTurn === 0) await nextTurn()
  }
}

function hasEnough(
  sorter: PartSorter,
  limits: RangeLimits,
  from: number,
  last: number,
  begun: Ends | undefined,
): boolean {
  if (begun && begun.from === from) return last >= begun.to
  if (begun && last === begun.from - 1) return true
  return sorter.rows >= limits.rangeRowsMax || sorter.bytes >= limits.rangeBytesMax
}
