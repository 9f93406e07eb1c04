/**
 * How long an event that is taken now would take until it is durable and judged: from what waits, and from how fast what
 * waited before was dealt with.
 *
 * While something waits all the time, the moments at which batches are judged say how long the pipeline takes for so many
 * entries: a fixed part (a sync, a call to a thread) and a part for each entry. A line through those moments gives both,
 * older ones count less and less. A pipeline that stands still says nothing by that: as long as it has stood is then what
 * is certain. Admission (admission.ts) compares the answer with its budget.
 */
import type { LogPosition } from '../core/names.js'

// A moment has half its weight after so many more. A second or so under load.
const halfLife = 256
const decay = 0.5 ** (1 / halfLife)
/** Judged within this of each other is one moment: batches of one call come together. */
const samplesApartUs = 1000
// Before anything was measured: 5 us an entry, which is 200,000 a second, and as sure of it as of a few moments.
const assumedUsPerEntry = 5
const sureness = 1000

export class DelayEstimate {
  #weight = 0
  #entries = 0
  #us = 0
  #entriesSquared = 0
  #entriesUs = 0
  /** The last moment since which something waited all the time; undefined when nothing did. */
  #since: { readonly us: number; readonly position: LogPosition } | undefined
  /** Since when something is known to wait and nothing was judged. */
  #stillSinceUs: number | undefined

  /**
   * Entries behind `position` wait from now on. Where nothing waited before, what they take is learnt like any other: a
   * pipeline that was slow for a moment, and has since been given one entry at a time, would else be held for slow for ever.
   */
  began(position: LogPosition, nowUs: number): void {
    this.#since ??= { us: nowUs, position }
    this.#stillSinceUs ??= nowUs
  }

  /** Everything up to `position` is judged, `waiting` entries behind it are not. Positions only grow. */
  judged(position: LogPosition, waiting: number, nowUs: number): void {
    const since = this.#since
    this.#stillSinceUs = waiting > 0 ? nowUs : undefined
    if (since && nowUs - since.us < samplesApartUs && waiting > 0) return
    if (since) this.#learn(position - since.position, nowUs - since.us)
    this.#since = waiting > 0 ? { us: nowUs, position } : undefined
  }

  /** In microseconds, for an entry that comes behind `waiting` others, of which there is at least one. */
  of(waiting: number, nowUs: number): number {
    this.#stillSinceUs ??= nowUs
    return Math.max(this.#byLine(waiting), nowUs - this.#stillSinceUs)
  }

  /** What of that is for the entries themselves: a queue that is kept short can do nothing about the fixed part. */
  ofQueue(waiting: number): number {
    return waiting * this.#usPerEntry()
  }

  #byLine(waiting: number): number {
    if (this.#weight === 0) return waiting * assumedUsPerEntry
    const [meanEntries, meanUs] = [this.#entries / this.#weight, this.#us / this.#weight]
    return Math.max(meanUs + this.#usPerEntry() * (waiting - meanEntries), 0)
  }

  #usPerEntry(): number {
    if (this.#weight === 0) return assumedUsPerEntry
    const [meanEntries, meanUs] = [this.#entries / this.#weight, this.#us / this.#weight]
    const spread = this.#entriesSquared - this.#entries * meanEntries + sureness
    const together = this.#entriesUs - this.#entries * meanUs + sureness * assumedUsPerEntry
    return Math.max(together / spread, 0)
  }

  #learn(entries: number, us: number): void {
    this.#weight = this.#weight * decay + 1
    this.#entries = this.#entries * decay + entries
    this.#us = this.#us * decay + us
    this.#entriesSquared = this.#entriesSquared * decay + entries * entries
    this.#entriesUs = this.#entriesUs * decay + entries * us
  }
}
