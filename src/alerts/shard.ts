/**
 * Door of the engine, first half: the units that hash to one shard.
 *
 * `(state, step) -> (state, output)`: a deterministic function of the log's batches, without clock, timer, I/O or
 * randomness. Every shard takes every step, also one without items, because deadlines pass by the batch's `nowMs`. What
 * it says goes to the fold (fold.ts), which judges figures over units and gives each verdict its number; where a unit's
 * rule needs such a figure the fold feeds it back within the same batch (`feed`).
 */
import type { LogEntry } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { Verdict } from '../core/transition.js'
import { applyEntry } from './apply.js'
import { type AssessmentKind, keyOfPeriod } from './assessments.js'
import type { FoldDelta } from './cells.js'
import { type Draft, wholeOf } from './draft.js'
import { eachGateRow, type TakeRow } from './gate.js'
import { judgeUnit } from './judge-unit.js'
import type { Feed } from './means.js'
import { compareVerdicts } from './order-of-verdicts.js'
import { passDeadlines } from './pass-deadlines.js'
import { type AssessedChange, type FundNews, type PoolRequestNews, ShardState } from './shard-state.js'
import { freezeShard, ShardReader } from './snapshot.js'
import { sorted } from './sorted.js'
import { compareText } from './stamp.js'
import { touch } from './touch.js'
import { readShard, type ShardQuery } from './views.js'

export { goesToFold, mayFeed, shardsOf } from './route.js'
export type { Draft, Feed, FoldDelta, ShardQuery, TakeRow }

/** Stands in the log as an entry; raised with every change that can give another verdict for the same log. */
export const engineVersion = '4'

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
  /** moved.ts reads it. */
  readonly moved: readonly number[]
  /** Open loads that touched a unit in this step. */
  readonly touchedLoads: readonly string[]
  /** Sources that were heard. */
  readonly heard: readonly string[]
  /** Requests to the pool that are pending, or no longer. */
  readonly requests: readonly PoolRequestNews[]
  /** What came to accounts by events about units. */
  readonly funds: readonly FundNews[]
  /** What became of half-years' sums. */
  readonly assessed: readonly AssessedChange[]
  /** When the next deadline passes: the core appends a tick then. */
  readonly nextDeadlineMs?: UnixMs
}

/** What followed from feeds, after the step. */
export type FedOutput = Pick<ShardOutput, 'verdicts' | 'deltas' | 'nextDeadlineMs'>

export interface Shard {
  step(step: Step): ShardOutput
  /** After the step whose last position is `position`: the means of closed half-years that moved in it. */
  feed(position: LogPosition, feeds: readonly Feed[]): FedOutput
  /** Plain JSON, as of the last step. Undefined: there is no such thing here. */
  read(query: ShardQuery): unknown
  /** The state as it is now, to be written while steps go on. One at a time: another one gives up the one before. */
  freeze(): Draft
  /** The same in one piece. Lines of JSON; the same history gives the same text. */
  snapshot(): string
  /** What the gate must know: of all units, or of those that the last step or feed touched. */
  gateRows(of: 'all' | 'touched', take: TakeRow): void
}

export const createShard = (): Shard => shardOver(new ShardState())

/** A shard from the pieces of its snapshot, each of whole lines. All of it throws QwError QW_SNAPSHOT_DAMAGED. */
export interface ShardRestore {
  add(lines: string): void
  end(): Shard
}

export function beginRestore(): ShardRestore {
  const reader = new ShardReader()
  return {
    add: (lines) => orDamaged(() => reader.add(lines)),
    end: () => orDamaged(() => shardOver(reader.end())),
  }
}

/** @throws QwError QW_SNAPSHOT_DAMAGED */
export function restoreShard(snapshot: string): Shard {
  const restore = beginRestore()
  restore.add(snapshot)
  return restore.end()
}

function orDamaged<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new QwError('QW_SNAPSHOT_DAMAGED', { file: 'of a shard', reason: (error as Error).message })
  }
}

function shardOver(state: ShardState): Shard {
  return {
    step: (step) => takeStep(state, step),
    feed: (position, feeds) => takeFeeds(state, position, feeds),
    read: (query) => readShard(state, query),
    freeze: () => freezeShard(state),
    snapshot: () => wholeOf(freezeShard(state)),
    gateRows: (of, take) => eachGateRow(state, of === 'all' ? state.units.values() : state.touched, take),
  }
}

function takeStep(state: ShardState, { firstPosition, nowMs, items }: Step): ShardOutput {
  if (nowMs < state.nowMs) throw new Error(`time went back from ${state.nowMs} to ${nowMs} at ${firstPosition}`)
  state.beginStep(nowMs, items.length)
  passDeadlines(state, firstPosition)
  const passed = state.verdicts.sort(compareVerdicts)
  state.verdicts = []
  state.ahead.look(state.units, items)
  for (let i = 0; i < items.length; i++) {
    const { position, entry } = items[i] as Step['items'][number]
    applyEntry(state, position, entry, state.ahead.units[i])
  }
  state.settleSums()
  const nextDeadlineMs = state.deadlines.next
  return {
    passed,
    verdicts: state.verdicts.sort(compareVerdicts),
    deltas: state.changes.deltas(state.interned.cells),
    moved: state.moved,
    touchedLoads: [...state.touchedLoads],
    heard: [...state.heard.keys()].sort(compareText),
    requests: state.requests,
    funds: state.funds,
    assessed: sorted(state.assessed).map(([period, { sum, count }]) => ({ period, sum: String(sum), count })),
    ...(nextDeadlineMs === undefined ? {} : { nextDeadlineMs }),
  }
}

const economic: AssessmentKind = 'economic_contribution'

/** Each closed half-year judges all its units again (domain 4, "Assessments"). */
function takeFeeds(state: ShardState, position: LogPosition, feeds: readonly Feed[]): FedOutput {
  state.verdicts = []
  state.beginFeed()
  for (const { mean, events, late } of feeds) {
    state.means.set(mean.period, mean)
    for (const unit of state.assessedIn.get(keyOfPeriod(economic, mean.period)) ?? []) {
      state.touch(unit)
      judgeUnit(state, unit, touch.mean, { position, events, late })
    }
  }
  state.settleSums()
  const nextDeadlineMs = state.deadlines.next
  return {
    verdicts: state.verdicts.sort(compareVerdicts),
    deltas: state.changes.deltas(state.interned.cells),
    ...(nextDeadlineMs === undefined ? {} : { nextDeadlineMs }),
  }
}
