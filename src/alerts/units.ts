/**
 * The units of a shard, in the order in which the log first named them, and by id.
 *
 * A table of hashes and places, and not a Map: each event asks for its unit, and with 60,000 of them a Map is four or five
 * waits for memory (bucket, entry, key, and again where two share a bucket). Here hash and place lie side by side, and
 * `ahead.ts` can have many of them under way at once.
 */
import type { UnitId } from '../core/names.js'
import type { Unit } from './unit.js'

const firstSize = 1024

export class Units {
  readonly #units: Unit[] = []
  /** Pairs of hash and place from 1; 0 is free. At most half of it is used. */
  #table = new Int32Array(2 * firstSize)
  #mask = firstSize - 1

  get size(): number {
    return this.#units.length
  }

  get(id: UnitId): Unit | undefined {
    const hash = hashOf(id)
    const table = this.#table
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const place = table[2 * at + 1] as number
      if (place === 0) return undefined
      if (table[2 * at] !== hash) continue
      const unit = this.#units[place - 1] as Unit
      if (unit.id === id) return unit
    }
  }

  /** One with an id that is new. */
  add(unit: Unit): void {
    this.#units.push(unit)
    if (2 * this.#units.length > this.#mask) this.#grow()
    this.#enter(hashOf(unit.id), this.#units.length)
  }

  values(): IterableIterator<Unit> {
    return this.#units.values()
  }

  *keys(): Generator<UnitId> {
    for (const { id } of this.#units) yield id
  }

  *entries(): Generator<[UnitId, Unit]> {
    for (const unit of this.#units) yield [unit.id, unit]
  }

  /** The first so many hashes become the first place of each, 0 where there is none. Not one id is looked at. */
  placesOf(hashes: Int32Array, length: number): void {
    const table = this.#table
    const mask = this.#mask
    for (let i = 0; i < length; i++) {
      const hash = hashes[i] as number
      let at = hash & mask
      while (table[2 * at] !== hash && table[2 * at + 1] !== 0) at = (at + 1) & mask
      hashes[i] = table[2 * at + 1] as number
    }
  }

  at(place: number): Unit | undefined {
    return place === 0 ? undefined : this.#units[place - 1]
  }

  #enter(hash: number, place: number): void {
    const table = this.#table
    let at = hash & this.#mask
    while (table[2 * at + 1] !== 0) at = (at + 1) & this.#mask
    table[2 * at] = hash
    table[2 * at + 1] = place
  }

  #grow(): void {
    const before = this.#table
    this.#table = new Int32Array(2 * before.length)
    this.#mask = before.length - 1
    for (let at = 0; at < before.length; at += 2)
      if (before[at + 1] !== 0) this.#enter(before[at] as number, before[at + 1] as number)
  }
}

/** Over the code units, 32 bits. Ids of one county differ in a few digits, so the bits are mixed once more at the end. */
export function hashOf(id: UnitId): number {
  let hash = id.length
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x5bd1e995)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 13)
}
