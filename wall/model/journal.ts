/**
 * The last transitions, newest first, from two sources that overlap: what is read over HTTP and what the stream brings.
 */
import type { Transition } from '../../client/stream.js'

/** As `GET /v1/transitions` and the stream show it. */
export type Entry = Omit<Transition, 'type' | 'topic' | 'p'> & { readonly from: string; readonly to: string }

export class Journal {
  readonly #lengthMax: number
  #entries: readonly Entry[] = []
  /** Not put in their places yet: many may come between two looks. At most twice `lengthMax`. */
  #fresh: Entry[] = []

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax
  }

  /** Newest first. */
  get entries(): readonly Entry[] {
    if (this.#fresh.length > 0) {
      const byN = new Map([...this.#entries, ...this.#fresh].map((entry) => [entry.n, entry]))
      this.#entries = [...byN.values()].sort((a, b) => b.n - a.n).slice(0, this.#lengthMax)
      this.#fresh = []
    }
    return this.#entries
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.#fresh.push(entry)
    if (this.#fresh.length > 2 * this.#lengthMax) this.#fresh.sort((a, b) => b.n - a.n).splice(this.#lengthMax)
  }

  /** What is held is no longer followed without a gap. */
  clear(): void {
    this.#entries = []
    this.#fresh = []
  }
}

/** Counts of alerts by colour after each moment of the journal, oldest first; times in seconds since 1970. */
export interface Trend {
  readonly seconds: readonly number[]
  readonly red: readonly number[]
  readonly yellow: readonly number[]
}

/** A trend shows at least so long, so that a single change is a step and not an edge. */
const secondsMin = 15 * 60

/**
 * Walks back from what stands at `nowMs`: undoing each transition gives the counts before it. The oldest counts hold
 * from the beginning of the picture.
 */
export function trendOf(
  entries: readonly Entry[],
  now: { readonly red: number; readonly yellow: number },
  nowMs: number,
): Trend {
  const counts: Record<string, number> = { ...now }
  const points: { second: number; red: number; yellow: number }[] = []
  const note = (second: number): void => {
    points.push({ second, red: counts['red'] ?? 0, yellow: counts['yellow'] ?? 0 })
  }
  const newest = Math.max(Math.floor(nowMs / 1000), secondOf(entries[0]))
  note(newest)
  for (const entry of entries) {
    const second = secondOf(entry)
    // Of one second only the last moment is a point, and walking back it comes first.
    if (points.at(-1)?.second !== second) note(second)
    if (entry.kind !== 'alert') continue
    counts[entry.to] = (counts[entry.to] ?? 0) - 1
    counts[entry.from] = (counts[entry.from] ?? 0) + 1
  }
  note(Math.min((points.at(-1)?.second ?? newest) - 1, newest - secondsMin))
  points.reverse()
  return {
    seconds: points.map(({ second }) => second),
    red: points.map(({ red }) => red),
    yellow: points.map(({ yellow }) => yellow),
  }
}

const secondOf = (entry: Entry | undefined): number => (entry ? Math.floor(Date.parse(entry.at) / 1000) : 0)
