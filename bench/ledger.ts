/**
 * The coordinator's half of the ledger: what each subscription should have got, from the record of transitions.
 *
 * The record (`GET /v1/transitions`) is fetched after the run. Which topics carry a transition is worked out here from
 * its subject and from the bench's own list of units, not taken from the service: what is checked must not be the check.
 */
import type { Receipt } from './receipts.js'
import { emptyTally, sameTally, scramble, type Tally } from './tally.js'

/** The fields of a recorded transition that the ledger needs. */
export interface RecordedTransition {
  readonly n: number
  /** `freeze` stands on the topic `freezes` too. */
  readonly kind?: string
  readonly subject: string
}

/** A topic's transitions in order of n, with the tally of all from each one to the end. */
interface TopicBook {
  readonly ns: readonly number[]
  readonly fromHere: readonly Tally[]
}

export interface Expectation {
  /** The tally of a topic's transitions after `baseline`, of all of them or of those that are not after `until`. */
  readonly after: (topic: string, baseline: number, until?: number) => Tally
}

type CountyOf = (unit: string) => string | undefined

const topicsOf = ({ kind, subject }: RecordedTransition, countyOf: CountyOf): readonly string[] => {
  const unit = subject.split('/', 1)[0] ?? subject
  const county = countyOf(unit)
  const own = county === undefined ? [subject] : [`unit/${unit}`, `county/${county}`]
  return kind === 'freeze' ? [...own, 'freezes'] : own
}

const bookOf = (ns: readonly number[]): TopicBook => {
  const fromHere: Tally[] = new Array(ns.length)
  let later = emptyTally()
  for (let i = ns.length - 1; i >= 0; i -= 1) {
    const n = ns[i] ?? 0
    later = { count: later.count + 1, sum: later.sum + n, mix: (later.mix ^ scramble(n)) >>> 0 }
    fromHere[i] = later
  }
  return { ns, fromHere }
}

/** Index of the first n beyond `baseline`. */
const firstAfter = (ns: readonly number[], baseline: number): number => {
  let low = 0
  let high = ns.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ns[middle] ?? 0) > baseline) high = middle
    else low = middle + 1
  }
  return low
}

/** `transitions` in order of n. */
export const expect = (transitions: readonly RecordedTransition[], countyOf: CountyOf): Expectation => {
  const byTopic = new Map<string, number[]>()
  for (const transition of transitions)
    for (const topic of topicsOf(transition, countyOf)) {
      const { n } = transition
      const ns = byTopic.get(topic)
      if (ns === undefined) byTopic.set(topic, [n])
      else ns.push(n)
    }
  const books = new Map([...byTopic].map(([topic, ns]) => [topic, bookOf(ns)]))
  const toTheEnd = (topic: string, baseline: number): Tally => {
    const book = books.get(topic)
    return book?.fromHere[firstAfter(book.ns, baseline)] ?? emptyTally()
  }
  return {
    after: (topic, baseline, until) =>
      until === undefined
        ? toTheEnd(topic, baseline)
        : without(toTheEnd(topic, baseline), toTheEnd(topic, Math.max(baseline, until))),
  }
}

const without = (all: Tally, later: Tally): Tally => ({
  count: all.count - later.count,
  sum: all.sum - later.sum,
  mix: (all.mix ^ later.mix) >>> 0,
})

export interface Balance {
  subscriptions: number
  expected: number
  received: number
  gaps: number
  duplicates: number
  brokenChains: number
  /** Subscriptions whose tally is not exactly the expected one. */
  mismatched: number
  /** The first few of them, for the reader. */
  readonly examples: string[]
}

const examplesMax = 5

const describe = (receipt: Receipt, wanted: Tally): string =>
  `${receipt.topic}: received ${receipt.tally.count} of ${wanted.count} after n ${receipt.baseline}` +
  ` (sums ${receipt.tally.sum} and ${wanted.sum})`

/** Compares every subscription with what it should have got. */
export const balance = (receipts: readonly Receipt[], expectation: Expectation): Balance => {
  const total: Balance = {
    subscriptions: receipts.length,
    expected: 0,
    received: 0,
    gaps: 0,
    duplicates: 0,
    brokenChains: 0,
    mismatched: 0,
    examples: [],
  }
  for (const receipt of receipts) {
    const wanted = expectation.after(receipt.topic, receipt.baseline, receipt.until)
    total.expected += wanted.count
    total.received += receipt.tally.count
    total.gaps += receipt.gaps
    total.duplicates += receipt.duplicates
    total.brokenChains += receipt.brokenChains
    if (sameTally(wanted, receipt.tally)) continue
    total.mismatched += 1
    if (total.examples.length < examplesMax) total.examples.push(describe(receipt, wanted))
  }
  return total
}
