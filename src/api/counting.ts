/**
 * Counters that cost an addition: plain numbers on the hot path, handed to prom-client when somebody scrapes.
 *
 * prom-client hashes labels on each `inc`; at 500,000 events a second that would be work for a figure which is read
 * every fifteen seconds.
 */
import { Counter, Gauge, type Registry } from 'prom-client'

export interface Tally {
  value: number
}

export interface Naming {
  readonly name: string
  readonly help: string
}

/** A counter with one label set per tally. Call it once per label set and keep the tally. */
export function countedBy(registry: Registry, naming: Naming, labelNames: readonly string[]) {
  const tallies = new Map<string, { readonly labels: Record<string, string>; readonly tally: Tally }>()
  new Counter({
    ...naming,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, tally } of tallies.values()) this.inc(labels, tally.value)
    },
  })
  return (...values: readonly string[]): Tally => {
    const key = JSON.stringify(values)
    const known = tallies.get(key)
    if (known) return known.tally
    const labels = Object.fromEntries(labelNames.map((name, index) => [name, values[index] ?? '']))
    const tally = { value: 0 }
    tallies.set(key, { labels, tally })
    return tally
  }
}

/** A gauge that is asked when somebody scrapes; `current` yields label values and the figure. */
export function askedWhenScraped(
  registry: Registry,
  naming: Naming,
  labelNames: readonly string[],
  current: () => Iterable<readonly [readonly string[], number]>,
): void {
  new Gauge({
    ...naming,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const [values, figure] of current())
        this.set(Object.fromEntries(labelNames.map((name, index) => [name, values[index] ?? ''])), figure)
    },
  })
}

/** Like `askedWhenScraped`, for figures that only grow: totals that another process counts. */
export function totalsWhenScraped(
  registry: Registry,
  naming: Naming,
  labelNames: readonly string[],
  current: () => Iterable<readonly [readonly string[], number]>,
): void {
  new Counter({
    ...naming,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const [values, figure] of current())
        this.inc(Object.fromEntries(labelNames.map((name, index) => [name, values[index] ?? ''])), figure)
    },
  })
}
