/**
 * What happens with transitions once they are judged: record, then push, then counted.
 *
 * While the log's tail is read back only the record hears of them: clients heard before, or will resume.
 */
import type { LogPosition } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import type { TransitionRecord } from '../log/record.js'
import type { Bus } from '../stream/bus.js'
import type { Judged } from '../workers/judge.js'
import { monotonicUs } from './clock.js'
import { DelayEstimate } from './delay.js'
import { ReceivedStamps } from './stamps.js'
import type { Ticker } from './ticker.js'

export interface FlowMetrics {
  readonly judged: (entries: number, tookUs: number) => void
  readonly transition: (transition: Transition) => void
}

export class JudgedFlow {
  readonly received = new ReceivedStamps()
  readonly delay = new DelayEstimate()
  readonly #record: TransitionRecord
  /** The position that the next entry would be given, less one. */
  readonly #taken: () => number
  readonly #ticker: Ticker
  readonly #metrics: FlowMetrics
  readonly #durableUs = new Map<LogPosition, number>()
  #position = 0 as LogPosition
  #waiting: { readonly position: LogPosition; readonly resolve: () => void }[] = []
  #bus: Bus | undefined
  #afterwards: () => void = () => undefined

  constructor(record: TransitionRecord, ticker: Ticker, metrics: FlowMetrics, taken: () => number) {
    this.#taken = taken
    this.#record = record
    this.#ticker = ticker
    this.#metrics = metrics
  }

  /** From now on what is judged is published, and `afterwards` is called after each batch. */
  publishTo(bus: Bus, afterwards: () => void): void {
    this.#bus = bus
    this.#afterwards = afterwards
  }

  /** Resolves when this entry was judged and what follows from it handed on; at once when it was before. */
  reached(position: LogPosition): Promise<void> {
    if (position <= this.#position) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ position, resolve }))
  }

  /** `count` entries from `first` on, of a request received at `receivedUs`, are in the log's hands. */
  appended(first: LogPosition, count: number, receivedUs: number): void {
    this.received.note(first, count, receivedUs)
    this.delay.began((first - 1) as LogPosition, monotonicUs())
  }

  /** A batch is on disk and on its way to the engine. */
  durable(firstPosition: LogPosition, durableUs: number): void {
    this.#durableUs.set(firstPosition, durableUs)
  }

  judged({ batch, lastPosition, transitions, nextDeadlineMs }: Judged): void {
    const judgedUs = monotonicUs()
    const durableUs = this.#durableUs.get(batch.firstPosition)
    this.#durableUs.delete(batch.firstPosition)
    this.#ticker.set(nextDeadlineMs)
    if (durableUs !== undefined) this.#metrics.judged(batch.entries.length, judgedUs - durableUs)
    if (transitions.length > 0) {
      this.#record.append(transitions)
      this.#publish(transitions, durableUs, judgedUs)
      for (const transition of transitions) this.#metrics.transition(transition)
    }
    this.received.forgetBefore((lastPosition + 1) as LogPosition)
    this.delay.judged(lastPosition, this.#taken() - lastPosition, judgedUs)
    this.#position = lastPosition
    this.#release()
    this.#afterwards()
  }

  #release(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = waiting.filter(({ position }) => position > this.#position)
    for (const { position, resolve } of waiting) if (position <= this.#position) resolve()
  }

  /** Neighbours that came with one request share their stamps and leave in one write. */
  #publish(transitions: readonly Transition[], durableUs: number | undefined, judgedUs: number): void {
    const bus = this.#bus
    if (!bus) return
    let from = 0
    let receivedUs = this.#receivedOf(transitions[0])
    for (let at = 1; at <= transitions.length; at++) {
      const next = this.#receivedOf(transitions[at])
      if (at < transitions.length && next === receivedUs) continue
      const stamps =
        receivedUs === undefined || durableUs === undefined ? undefined : { receivedUs, durableUs, judgedUs }
      bus.publish(transitions.slice(from, at), stamps)
      from = at
      receivedUs = next
    }
  }

  /** City verdicts carry the batch's last position, so within a batch positions only grow. */
  #receivedOf(transition: Transition | undefined): number | undefined {
    return transition && this.received.of(transition.position)
  }
}
