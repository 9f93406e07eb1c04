/**
 * A shard's whole history as text, and back: a line about the shard, then one for each unit, all JSON.
 *
 * Units come in the order in which the log first named them, and a restored shard has them in the same order; what a unit
 * has comes in the order of its ids. So the same history gives the same text, whatever way the shard came by it.
 * Deadlines, sums and caches follow from the rest and are made anew.
 */
import type { CalendarEntry } from '../core/entry.js'
import type { UnixMs } from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { RuleSet } from '../core/rule-set.js'
import type { Mean } from './assessments.js'
import type { Draft } from './draft.js'
import type { Load } from './load.js'
import { scheduleYear } from './pass-deadlines.js'
import { ShardState } from './shard-state.js'
import { sorted } from './sorted.js'
import { compareText } from './stamp.js'
import type { TellersJson } from './told.js'
import type { Unit } from './unit.js'
import { restoreUnit, type UnitJson, unitToJson } from './unit-snapshot.js'

/** Raised when the text changes; an older one is then read by code of its own. */
const format = 4
/** Of engine 2; what it lacks is empty. */
const formatBefore = 3

interface ShardJson {
  readonly format: number
  readonly nowMs: UnixMs
  readonly rules: RuleSet
  readonly policy: CountingPolicy
  readonly calendar?: CalendarEntry
  readonly loads: readonly { readonly name: string; readonly untilMs: UnixMs }[]
  readonly closedPeriods: readonly string[]
  readonly means: readonly Mean[]
  /** Units name them by their place. */
  readonly tellers?: TellersJson
  /** How many lines follow. */
  readonly units: number
}

/** The state as it is now; one that was begun before is given up. */
export const freezeShard = (state: ShardState): Draft =>
  state.beginDraft(JSON.stringify(shardToJson(state)), (unit) => JSON.stringify(unitToJson(state, unit)))

function shardToJson(state: ShardState): ShardJson {
  return {
    format,
    nowMs: state.nowMs,
    rules: state.rules.set,
    policy: state.policy,
    ...(state.calendarEntry ? { calendar: state.calendarEntry } : {}),
    loads: sorted(state.loads).map(([name, { untilMs }]) => ({ name, untilMs })),
    closedPeriods: [...state.closedPeriods].sort(compareText),
    means: sorted(state.means).map(([, mean]) => mean),
    tellers: state.tellers.toJson(),
    units: state.units.size,
  }
}

/** Takes the lines of a snapshot in pieces of whole lines. */
export class ShardReader {
  readonly #state = new ShardState()
  #unitsLeft: number | undefined

  /** @throws when they are not lines of a snapshot of this format. */
  add(text: string): void {
    for (const line of text.split('\n')) {
      if (line === '') continue
      if (this.#unitsLeft === undefined) this.#readHead(JSON.parse(line) as ShardJson)
      else {
        restoreUnit(this.#state, JSON.parse(line) as UnitJson)
        this.#unitsLeft -= 1
      }
    }
  }

  /** @throws when lines are missing, or were too many. */
  end(): ShardState {
    if (this.#unitsLeft !== 0) throw new Error(`${this.#unitsLeft ?? 'all'} lines of units are missing`)
    scheduleYear(this.#state)
    return this.#state
  }

  #readHead(json: ShardJson): void {
    if (json.format !== format && json.format !== formatBefore)
      throw new Error(`format ${json.format} is not ${format}`)
    const state = this.#state
    state.setNow(json.nowMs)
    state.setRules(json.rules)
    state.setPolicy(json.policy)
    state.setCalendar(json.calendar)
    for (const key of json.closedPeriods) state.closedPeriods.add(key)
    for (const mean of json.means) state.means.set(mean.period, mean)
    if (json.tellers) state.tellers.restore(json.tellers)
    for (const { name, untilMs } of json.loads) {
      const load: Load<Unit> = { kind: 'load', name, untilMs, touched: new Set(), dueMs: 0 }
      state.loads.set(name, load)
      state.deadlines.set(load, untilMs)
    }
    this.#unitsLeft = json.units
  }
}
