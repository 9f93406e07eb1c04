/**
 * Was an event taken twice? The sequencer's memory, kept a second time by whoever follows the log: `quotawatch verify`
 * and the simulation of faults.
 */
import type { EventEntry } from '../core/entry.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { Fingerprint } from './fingerprint.js'
import { hourOf, keptForGood, PairMemory } from './pair-memory.js'

export class PairCheck {
  readonly #horizonMs: number
  readonly #memory = new PairMemory()
  readonly #print = new Fingerprint()

  constructor(duplicateHorizonMs: number) {
    this.#horizonMs = duplicateHorizonMs
  }

  /** Where its pair was taken before; undefined when it was not, as far as the horizon at `nowMs` goes. */
  take({ event, timeMs }: EventEntry, position: LogPosition, nowMs: UnixMs): LogPosition | undefined {
    const oldestHour = Math.floor((nowMs - this.#horizonMs) / 3_600_000)
    const print = this.#print.of(event, timeMs)
    const before = this.#memory.find(print.keyLo, print.keyHi, oldestHour) ? this.#memory.position : undefined
    this.#memory.put(print, position, event.load === undefined ? hourOf(timeMs) : keptForGood, oldestHour)
    return before
  }
}
