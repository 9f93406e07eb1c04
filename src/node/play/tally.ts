/**
 * What a play has shown: events by verdict, orders by answer, and every verdict that was not the expected one.
 */
import type { Order } from '../../core/order.js'
import type { SentEvent } from '../../scenario/scenario.js'
import type { EventAnswer, OrderAnswer, Sent, ShownTransition } from './city-client.js'

/** Listed one by one; more than these are only counted. */
const listedMax = 20

export class Tally {
  readonly #verdicts = new Map<string, number>()
  readonly #transitions = new Map<string, number>()
  readonly #orders = new Map<string, number>()
  readonly #listed: string[] = []
  events = 0
  unexpected = 0

  /** `mayRepeat`: the step may have been sent before, in a play that was cut off. */
  count(events: readonly SentEvent[], { items, repeated }: Sent, mayRepeat: boolean): void {
    for (const [index, sent] of events.entries()) {
      const answer = items[index]
      const said = answer ? verdictOf(answer) : 'no answer'
      const expected = wordsOf(sent.expected)
      const isKnown = said === 'duplicate' && sent.expected.verdict === 'accepted' && (mayRepeat || repeated)
      this.events += 1
      add(this.#verdicts, isKnown ? 'accepted before' : said)
      if (said === expected || isKnown) continue
      this.#isUnexpected(`${said}, expected ${expected}: ${JSON.stringify(sent.event)} ${answer?.reason ?? ''}`)
    }
  }

  order(order: Order, answer: OrderAnswer): void {
    add(this.#orders, `${order.order} ${answer.kind}`)
    if (answer.kind !== 'refused') return
    this.#isUnexpected(`refused: ${JSON.stringify(order)} ${answer.why}`)
  }

  add({ kind, rule, from, to }: ShownTransition): void {
    add(this.#transitions, `${kind === 'alert' ? rule : kind} ${from} → ${to}`)
  }

  #isUnexpected(line: string): void {
    this.unexpected += 1
    if (this.#listed.length < listedMax) this.#listed.push(line)
  }

  lines(): string[] {
    return [
      ...linesOf('events', this.#verdicts),
      ...linesOf('transitions', this.#transitions),
      ...linesOf('orders', this.#orders),
      `verdicts that were not expected: ${this.unexpected}`,
      ...this.#listed.map((line) => `  ${line}`),
    ]
  }
}

const verdictOf = ({ status, waiting, code }: EventAnswer): string =>
  status === 'quarantined' ? `${waiting ? 'waiting' : status} ${code}` : status

const wordsOf = (expected: SentEvent['expected']): string =>
  'code' in expected ? `${expected.verdict} ${expected.code}` : expected.verdict

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function linesOf(title: string, counts: ReadonlyMap<string, number>): string[] {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  return [`${title}: ${all}`, ...sorted.map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`)]
}
