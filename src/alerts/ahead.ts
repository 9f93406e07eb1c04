/**
 * What a batch is about to ask for, fetched before it is judged: its units, and of each what nearly every event reads.
 *
 * With 60,000 units all of that has to come from memory, and judging waits for one thing after the other. The loops here
 * only read, and no turn of a loop needs the turn before, so the processor has a dozen of these waits under way at once
 * (bench engine). No verdict hangs on what is seen here: the units are those that `ShardState.unit` would find.
 */
import type { LogEntry } from '../core/entry.js'
import { Task } from './task.js'
import type { Unit } from './unit.js'
import { hashOf, type Units } from './units.js'

type Items = readonly { readonly entry: LogEntry }[]

export class Ahead {
  /** By item: the unit that its event is about; undefined where it is no event, or its unit is new. */
  readonly units: (Unit | undefined)[] = []
  #hashes = new Int32Array(256)
  /** Hangs on all that was read, so that no compiler may leave the reading out. */
  seen = 0

  look(units: Units, items: Items): void {
    if (this.#hashes.length < items.length) this.#hashes = new Int32Array(2 * items.length)
    this.#readIds(units, items)
    this.#find(units, items)
    this.#readUnits(items)
    this.#readBehind(items)
  }

  #readIds(units: Units, items: Items): void {
    const hashes = this.#hashes
    let seen = 0
    for (let i = 0; i < items.length; i++) {
      const { entry } = items[i] as Items[number]
      const hash = entry.kind === 'event' ? hashOf(entry.event.subject) : 0
      hashes[i] = hash
      seen ^= units.peek(hash)
    }
    this.seen ^= seen
  }

  #find(units: Units, items: Items): void {
    const found = this.units
    for (let i = 0; i < items.length; i++) {
      const { entry } = items[i] as Items[number]
      found[i] = entry.kind === 'event' ? units.find(entry.event.subject, this.#hashes[i] as number) : undefined
    }
  }

  /** One member of each 64 bytes of it. */
  #readUnits({ length }: Items): void {
    let seen = 0
    for (let i = 0; i < length; i++) {
      const unit = this.units[i]
      if (unit === undefined) continue
      seen ^= unit.filled ^ unit.worst ^ unit.heardOn ^ unit.enteredWhileFrozen ^ unit.latestMs
      if (unit.alerts !== undefined) seen ^= 1
    }
    this.seen ^= seen
  }

  /** What hangs on units. */
  #readBehind(items: Items): void {
    let seen = 0
    for (let i = 0; i < items.length; i++) {
      const unit = this.units[i]
      if (unit === undefined) continue
      const { alerts, freeze, extras } = unit
      if (alerts !== undefined) seen ^= alerts.levels
      if (freeze !== undefined) seen ^= freeze.sequence
      if (extras !== undefined) seen ^= this.#readTask(unit, (items[i] as Items[number]).entry)
    }
    this.seen ^= seen
  }

  #readTask(unit: Unit, entry: LogEntry): number {
    if (entry.kind !== 'event' || entry.event.type !== 'task.progressed') return 0
    const task = unit.matter('task', entry.event.data.taskId)
    return task instanceof Task && task.plan && task.report ? task.plan.dueOn ^ task.report.done : 0
  }
}
