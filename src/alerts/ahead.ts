/**
 * What a batch is about to ask for, fetched before it is judged: its units, and of each what nearly every event reads.
 *
 * With 60,000 units all of that has to come from memory, and judging waits for one thing after the other. The loops here
 * only read, no turn of a loop needs the turn before, and none decides anything by what it has just asked for: so the
 * processor has a dozen of these waits under way at once (bench engine). No verdict hangs on what is seen here: the units
 * are those that `ShardState.unit` would find.
 */
import type { LogEntry } from '../core/entry.js'
import { Task } from './task.js'
import type { Unit } from './unit.js'
import { hashOf, type Units } from './units.js'

type Items = readonly { readonly entry: LogEntry }[]

export class Ahead {
  /** By item: the unit that its event is about; undefined where it is no event, or its unit is new. */
  readonly units: (Unit | undefined)[] = []
  /** By item: the hash of its unit's id, then the place that it leads to. */
  #places = new Int32Array(256)
  /** Hangs on all that was read, so that no compiler may leave the reading out. */
  seen = 0

  look(units: Units, items: Items): void {
    const { length } = items
    if (this.#places.length < length) this.#places = new Int32Array(2 * length)
    this.#hash(items)
    units.placesOf(this.#places, length)
    for (let i = 0; i < length; i++) this.units[i] = units.at(this.#places[i] as number)
    this.seen ^= readUnits(this.units, length)
    this.seen ^= readBehind(this.units, length)
    this.#check(units, items)
  }

  #hash(items: Items): void {
    const places = this.#places
    for (let i = 0; i < items.length; i++) {
      const { entry } = items[i] as Items[number]
      places[i] = entry.kind === 'event' ? hashOf(entry.event.subject) : 0
    }
  }

  /** Of two ids that share a hash only one was found so far. */
  #check(units: Units, items: Items): void {
    let seen = 0
    for (let i = 0; i < items.length; i++) {
      const { entry } = items[i] as Items[number]
      const unit = this.units[i]
      if (entry.kind !== 'event') this.units[i] = undefined
      else if (unit !== undefined && unit.id !== entry.event.subject) this.units[i] = units.get(entry.event.subject)
      else if (unit?.extras !== undefined && entry.event.type === 'task.progressed')
        seen ^= readTask(unit, entry.event.data.taskId)
    }
    this.seen ^= seen
  }
}

/** One member of each 64 bytes. */
function readUnits(units: readonly (Unit | undefined)[], length: number): number {
  let seen = 0
  for (let i = 0; i < length; i++) {
    const unit = units[i]
    if (unit !== undefined)
      seen ^=
        unit.filled ^ unit.contract ^ unit.openLoads ^ unit.heardOn ^ unit.enteredWhileFrozen ^ (unit.hasList ? 1 : 0)
  }
  return seen
}

/** What hangs on them. */
function readBehind(units: readonly (Unit | undefined)[], length: number): number {
  let seen = 0
  for (let i = 0; i < length; i++) {
    const unit = units[i]
    if (unit === undefined) continue
    const { id, alerts, freeze } = unit
    seen ^= id.length
    if (alerts !== undefined) seen ^= alerts.levels
    if (freeze !== undefined) seen ^= freeze.sequence
  }
  return seen
}

function readTask(unit: Unit, taskId: string): number {
  const task = unit.matter('task', taskId)
  return task instanceof Task && task.plan && task.report ? task.plan.dueOn ^ task.report.done : 0
}
