/**
 * The city's averages of economic contribution, by half-year: sum and count from all shards, and which are closed.
 *
 * A closed half-year whose sum moves is fed back to the shards within the same batch (design 7): they alone hold the
 * units' own values.
 */
import type { EventRef } from '../core/event.js'
import type { AssessmentKind, Mean } from './assessments.js'
import { namedEventsMax } from './moved.js'
import type { AssessedChange } from './shard-state.js'
import { sorted } from './sorted.js'

interface Held {
  sum: bigint
  count: number
  isClosed: boolean
}

/** The mean, and the events that closed the period or moved it. */
export interface Feed {
  readonly mean: Mean
  readonly events: readonly EventRef[]
  /** It, or a later one, was closed before: what moved it is a correction (domain 2, `assessment.closed`). */
  readonly late: boolean
}

export type MeansJson = readonly (readonly [
  period: string,
  held: { readonly sum: string; readonly count: number; readonly isClosed: boolean },
])[]

export class Means {
  readonly #periods = new Map<string, Held>()
  readonly #moved = new Map<string, EventRef[]>()
  /** Closed in the batch that is taken; and whether behind a later one. */
  readonly #closedNow = new Map<string, boolean>()

  /** Once for each shard that was told of the period. */
  add({ period, sum, count }: AssessedChange): void {
    const held = this.#of(period)
    held.sum += BigInt(sum)
    held.count += count
    if (held.isClosed) this.#note(period, [])
  }

  /** An event behind a closed half-year that moved in this batch. */
  name(period: string, event: EventRef): void {
    if (this.#moved.has(period)) this.#note(period, [event])
  }

  close(kind: AssessmentKind, period: string, event: EventRef): void {
    if (kind !== 'economic_contribution') return
    const held = this.#of(period)
    if (held.isClosed) return
    held.isClosed = true
    this.#closedNow.set(period, this.#isClosedBehind(period))
    this.#note(period, [event])
  }

  /** What to feed after this batch; by period. */
  takeFeeds(): Feed[] {
    const feeds = sorted(this.#moved).map(([period, events]) => ({
      mean: this.#mean(period),
      events: events.slice(0, namedEventsMax),
      late: this.#closedNow.get(period) ?? true,
    }))
    this.#moved.clear()
    this.#closedNow.clear()
    return feeds
  }

  toJson(): MeansJson {
    return sorted(this.#periods).map(([period, held]) => [period, { ...held, sum: String(held.sum) }])
  }

  restore(json: MeansJson): void {
    for (const [period, held] of json) this.#periods.set(period, { ...held, sum: BigInt(held.sum) })
  }

  #isClosedBehind(period: string): boolean {
    return [...this.#periods].some(([other, { isClosed }]) => isClosed && other > period)
  }

  #note(period: string, events: readonly EventRef[]): void {
    const named = this.#moved.get(period)
    if (named) named.push(...events)
    else this.#moved.set(period, [...events])
  }

  #mean(period: string): Mean {
    const { sum, count } = this.#of(period)
    // Text, for a thread's message and a snapshot alike.
    return { period, sum: String(sum), count }
  }

  #of(period: string): Held {
    const known = this.#periods.get(period)
    if (known) return known
    const held = { sum: 0n, count: 0, isClosed: false }
    this.#periods.set(period, held)
    return held
  }
}
