/**
 * What follows from the log for the tables: a unit's figures after each batch that changed them, and the sums per county
 * and sector as they stood when an hour ended.
 *
 * A pure function of the batches and their transitions, like the engine: the same log gives the same rows, whenever the
 * writer died and wherever it began again. The roll-ups are written by it too and not by a materialised view, because a
 * view's rows are a second insert that can be lost when the server dies between the two, and nobody could ask for them.
 */
import type { EventEntry } from '../core/entry.js'
import type { County, Sector, UnitId } from '../core/names.js'
import { type CountingPolicy, firstPolicy, policyNameOf } from '../core/policy.js'
import type { Transition } from '../core/transition.js'
import { HourlySums, type HourRow, type KeptHour } from './hourly.js'
import type { StoredBatch } from './source.js'
import type { Field } from './tsv.js'
import { applyEvent, applyTransition, newUnit, type UnitFigures } from './unit-figures.js'
import { type Shown, showUnit } from './unit-row.js'

/** A row of `unit_state` without position and time. Fields in the order of the table. */
export interface UnitRow {
  readonly unit: UnitId
  readonly fields: readonly Field[]
}

export interface Derived {
  readonly units: readonly UnitRow[]
  readonly hours: readonly HourRow[]
}

/** Where a subject belongs; empty where that is nowhere. */
export interface Place {
  readonly county: County | ''
  readonly sector: Sector | ''
}

const nowhere: Place = { county: '', sector: '' }

export class Derivation {
  readonly #units = new Map<UnitId, UnitFigures>()
  readonly #shown = new Map<UnitId, Shown>()
  readonly #hourly: HourlySums
  #policy: CountingPolicy = firstPolicy

  constructor(kept?: Kept) {
    this.#hourly = new HourlySums(kept?.hour)
    if (!kept) return
    this.#policy = kept.policy
    for (const unit of kept.units) {
      this.#units.set(unit.id, unit)
      this.#shown.set(unit.id, showUnit(unit, this.#policy))
    }
    this.#hourly.restore([...this.#shown.values()].flatMap(({ share }) => share ?? []))
  }

  /** `transitions`: those of the batch's positions. Rows of hours that the batch's time shows to be over come with it. */
  step(batch: StoredBatch, transitions: readonly Transition[]): Derived {
    const hours = this.#hourly.advance(batch.nowMs, policyNameOf(this.#policy))
    const touched = new Set<UnitFigures>()
    for (const entry of batch.entries) {
      if (entry.kind === 'event') this.#applyEvent(entry, touched)
      if (entry.kind !== 'policy') continue
      this.#policy = entry.policy
      for (const unit of this.#units.values()) touched.add(unit)
    }
    for (const transition of transitions) {
      const unit = transition.unit === undefined ? undefined : this.#units.get(transition.unit)
      if (!unit) continue
      applyTransition(unit, transition)
      touched.add(unit)
    }
    const units: UnitRow[] = []
    for (const unit of touched) {
      const row = this.#changed(unit)
      if (row) units.push(row)
    }
    return { units, hours }
  }

  placeOf(subject: string): Place {
    return this.#units.get(subject)?.profile ?? nowhere
  }

  /** Everything, for a checkpoint. To be read to its end before the next step. */
  kept(): Kept {
    return { policy: this.#policy, hour: this.#hourly.kept(), units: this.#units.values() }
  }

  #applyEvent(entry: EventEntry, touched: Set<UnitFigures>): void {
    const id = entry.event.subject
    const known = this.#units.get(id)
    const unit = known ?? newUnit(id)
    if (!applyEvent(unit, entry)) return
    if (!known) this.#units.set(id, unit)
    touched.add(unit)
  }

  #changed(unit: UnitFigures): UnitRow | undefined {
    const before = this.#shown.get(unit.id)
    const after = showUnit(unit, this.#policy)
    if (before && sameFields(before.fields, after.fields)) return undefined
    this.#shown.set(unit.id, after)
    this.#hourly.replace(before?.share, after.share)
    return { unit: unit.id, fields: after.fields }
  }
}

export interface Kept {
  readonly policy: CountingPolicy
  readonly hour: KeptHour
  readonly units: Iterable<UnitFigures>
}

function sameFields(a: readonly Field[], b: readonly Field[]): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
