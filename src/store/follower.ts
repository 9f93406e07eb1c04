/**
 * Reads the log and the record side by side: each batch with the transitions of its positions.
 *
 * Nothing is taken that is not settled, so that a batch never comes without its transitions. The reader of the log stays
 * open while there is more to read, because each opening has to find its place anew.
 */
import { QwError } from '../core/errors.js'
import type { LogPosition, N } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import type { StoredBatch, StoreSource } from './source.js'

export interface JudgedBatch {
  readonly batch: StoredBatch
  readonly last: LogPosition
  readonly transitions: readonly Transition[]
}

const pageTransitions = 1000

export const lastOf = ({ firstPosition, entries }: StoredBatch): LogPosition =>
  (firstPosition + entries.length - 1) as LogPosition

export class Follower {
  readonly #source: StoreSource
  #position: LogPosition
  #reader: AsyncIterator<StoredBatch> | undefined
  /** Read from the log, but not settled yet. */
  #held: StoredBatch | undefined
  #n: N
  #transitions: Transition[] = []
  /** All transitions of positions up to here are in `#transitions` or were taken. */
  #transitionsTo = 0 as LogPosition

  constructor(source: StoreSource, position: LogPosition, n: N) {
    this.#source = source
    this.#position = position
    this.#n = n
  }

  /** The last position and the last n that were taken. */
  get position(): LogPosition {
    return this.#position
  }

  get n(): N {
    return this.#n
  }

  /** The next settled batch; undefined when there is none now. QW_STORE_GAP where the log leaves some out. */
  async next(): Promise<JudgedBatch | undefined> {
    const settled = this.#source.settled
    if (settled <= this.#position) return undefined
    const batch = this.#held ?? (await this.#read())
    this.#held = batch
    if (!batch || lastOf(batch) > settled) return undefined
    if (batch.firstPosition !== this.#position + 1)
      throw new QwError('QW_STORE_GAP', { stored: this.#position, first: batch.firstPosition })
    const last = lastOf(batch)
    const transitions = await this.#transitionsUpTo(last, settled)
    this.#held = undefined
    this.#position = last
    return { batch, last, transitions }
  }

  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    await reader?.return?.()
  }

  async #read(): Promise<StoredBatch | undefined> {
    const from = (this.#position + 1) as LogPosition
    for (const open of [this.#reader, undefined]) {
      const reader = open ?? this.#source.read(from)[Symbol.asyncIterator]()
      this.#reader = reader
      for (let next = await reader.next(); !next.done; next = await reader.next())
        if (lastOf(next.value) >= from) return next.value
      this.#reader = undefined
      if (!open) break
    }
    return undefined
  }

  async #transitionsUpTo(last: LogPosition, settled: LogPosition): Promise<Transition[]> {
    while (this.#transitionsTo < last) {
      const since = this.#transitions.at(-1)?.n ?? this.#n
      const page = await this.#source.transitions(since, pageTransitions)
      this.#transitions.push(...page)
      // A full page ends somewhere inside the transitions of its last position.
      const complete = page.length < pageTransitions ? settled : (page.at(-1)?.position ?? 0) - 1
      this.#transitionsTo = Math.max(this.#transitionsTo, complete) as LogPosition
    }
    const beyond = this.#transitions.findIndex(({ position }) => position > last)
    const taken = this.#transitions.splice(0, beyond < 0 ? this.#transitions.length : beyond)
    this.#n = taken.at(-1)?.n ?? this.#n
    return taken
  }
}
