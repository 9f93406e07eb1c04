/**
 * A shard's whole history as text, and back: a line about the shard, then one for each unit, all JSON.
 *
 * Units, matters and alerts are written in the order of their ids, so that the same history gives the same text whatever
 * way the shard came by it. Deadlines, sums and caches follow from the rest and are made anew.
 */
import type { CalendarEntry } from '../core/entry.js'
import type { UnixMs } from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { RuleSet } from '../core/rule-set.js'
import type { Mean } from './assessments.js'
import type { Load } from './load.js'
import { scheduleYear } from './pass-deadlines.js'
import { ShardState } from './shard-state.js'
import { sorted } from './sorted.js'
import { compareText } from './stamp.js'
import type { Unit } from './unit.js'
import { restoreUnit, type UnitJson, unitToJson } from './unit-snapshot.js'

/** Raised when the text changes; an older one is then read by code of its own. */
const format = 2

interface ShardJson {
  readonly format: number
  readonly nowMs: UnixMs
  readonly rules: RuleSet
  readonly policy: CountingPolicy
  readonly calendar?: CalendarEntry
  readonly loads: readonly { readonly name: string; readonly untilMs: UnixMs; readonly touched: readonly string[] }[]
  readonly closedPeriods: readonly string[]
  readonly means: readonly Mean[]
}

export const writeSnapshot = (state: ShardState): string =>
  [shardToJson(state), ...sorted(state.units).map(([, unit]) => unitToJson(unit))]
    .map((line) => JSON.stringify(line))
    .join('\n')

function shardToJson(state: ShardState): ShardJson {
  return {
    format,
    nowMs: state.nowMs,
    rules: state.rules.set,
    policy: state.policy,
    ...(state.calendarEntry ? { calendar: state.calendarEntry } : {}),
    loads: sorted(state.loads).map(([name, load]) => ({
      name,
      untilMs: load.untilMs,
      touched: [...load.touched].map(({ id }) => id).sort(compareText),
    })),
    closedPeriods: [...state.closedPeriods].sort(compareText),
    means: sorted(state.means).map(([, mean]) => mean),
  }
}

/** @throws when the text is not a snapshot of this format. */
export function readSnapshot(text: string): ShardState {
  const [head = '', ...lines] = text.split('\n')
  const json = JSON.parse(head) as ShardJson
  if (json.format !== format) throw new Error(`format ${json.format} is not ${format}`)
  const state = new ShardState()
  state.setNow(json.nowMs)
  state.setRules(json.rules)
  state.setPolicy(json.policy)
  state.setCalendar(json.calendar)
  for (const key of json.closedPeriods) state.closedPeriods.add(key)
  for (const mean of json.means) state.means.set(mean.period, mean)
  for (const line of lines) restoreUnit(state, JSON.parse(line) as UnitJson)
  for (const load of json.loads) restoreLoad(state, load)
  scheduleYear(state)
  return state
}

function restoreLoad(state: ShardState, { name, untilMs, touched }: ShardJson['loads'][number]): void {
  const load: Load<Unit> = {
    kind: 'load',
    name,
    untilMs,
    touched: new Set(touched.map((id) => state.unit(id))),
    dueMs: 0,
  }
  for (const unit of load.touched) unit.openLoads += 1
  state.loads.set(name, load)
  state.deadlines.set(load, untilMs)
}
