/**
 * Door of the engine, first half: the units that hash to one shard.
 *
 * `(state, step) -> (state, output)`: a deterministic function of the log's batches, without clock, timer, I/O or
 * randomness. Every shard takes every step, also one without items, because deadlines pass by the batch's `nowMs`. What
 * it says goes to the fold (fold.ts), which judges figures over units and gives each verdict its number.
 */
import type { LogEntry } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { Verdict } from '../core/transition.js'
import { applyEntry, passDeadlines } from './apply.js'
import type { FoldDelta } from './cells.js'
import { compareVerdicts } from './order-of-verdicts.js'
import { type MovedEvent, ShardState } from './shard-state.js'
import { readSnapshot, writeSnapshot } from './snapshot.js'
import { readShard, type ShardQuery } from './views.js'

export { routeOf } from './route.js'
export type { FoldDelta, MovedEvent, ShardQuery }

/** Stands in the log as an entry; raised with every change that can give another verdict for the same log. */
export const engineVersion = '1'

export interface Step {
  readonly firstPosition: LogPosition
  readonly nowMs: UnixMs
  readonly items: readonly { readonly position: LogPosition; readonly entry: LogEntry }[]
}

export interface ShardOutput {
  /** What deadlines caused; they pass before the first entry, so these come first. Sorted. */
  readonly passed: readonly Verdict[]
  /** What entries caused. Sorted. */
  readonly verdicts: readonly Verdict[]
  readonly deltas: readonly FoldDelta[]
  readonly moved: readonly MovedEvent[]
  /** Open loads that touched a unit in this step. */
  readonly touchedLoads: readonly string[]
  /** When the next deadline passes: the core appends a tick then. */
  readonly nextDeadlineMs?: UnixMs
}

export interface Shard {
  step(step: Step): ShardOutput
  /** Plain JSON, as of the last step. Undefined: there is no such thing here. */
  read(query: ShardQuery): unknown
  /** JSON; the same history gives the same text. */
  snapshot(): string
}

export const createShard = (): Shard => shardOver(new ShardState())

/** @throws QwError QW_SNAPSHOT_DAMAGED */
export function restoreShard(snapshot: string): Shard {
  try {
    return shardOver(readSnapshot(snapshot))
  } catch (error) {
    throw new QwError('QW_SNAPSHOT_DAMAGED', { file: 'of a shard', reason: (error as Error).message })
  }
}

function shardOver(state: ShardState): Shard {
  return {
    step: (step) => takeStep(state, step),
    read: (query) => readShard(state, query),
    snapshot: () => writeSnapshot(state),
  }
}

function takeStep(state: ShardState, { firstPosition, nowMs, items }: Step): ShardOutput {
  if (nowMs < state.nowMs) throw new Error(`time went back from ${state.nowMs} to ${nowMs} at ${firstPosition}`)
  state.beginStep(nowMs)
  passDeadlines(state, firstPosition)
  const passed = state.verdicts.sort(compareVerdicts)
  state.verdicts = []
  for (const { position, entry } of items) applyEntry(state, position, entry)
  state.settleSums()
  const nextDeadlineMs = state.deadlines.next
  return {
    passed,
    verdicts: state.verdicts.sort(compareVerdicts),
    deltas: state.changes.deltas(),
    moved: state.moved,
    touchedLoads: [...state.touchedLoads],
    ...(nextDeadlineMs === undefined ? {} : { nextDeadlineMs }),
  }
}
