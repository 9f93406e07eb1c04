/**
 * The last transitions, without a gap, with an index by topic: what a push process resumes its clients from.
 *
 * Everything that is sent is read from here by a cursor: a cohort has one, a client that catches up has one. So a
 * backlog is never copied, and the ring's bound is the bound of every backlog. Whoever falls behind its floor asks the
 * core.
 */
import type { N } from '../core/names.js'
import { Fifo } from './fifo.js'
import type { TopicName } from './topics.js'
import type { Frame } from './wire.js'

export interface RingSettings {
  readonly ringTransitionsMax: number
  readonly ringBytesMax: number
}

/** Head, stamps and the objects around a body, roughly; so that a flood of tiny transitions is bounded too. */
const frameOverheadBytes = 400

const bytesOf = (frame: Frame): number => frame.body.length + frameOverheadBytes

export class Ring {
  readonly #settings: RingSettings
  #frames = new Fifo<Frame>()
  #byTopic = new Map<string, Fifo<Frame>>()
  #bytes = 0
  #floor = 0 as N

  constructor(settings: RingSettings) {
    this.#settings = settings
  }

  /** Every transition with floor < n <= head is here. */
  get floor(): N {
    return this.#floor
  }

  get head(): N {
    return (this.#floor + this.#frames.length) as N
  }

  /** Takes the transition after `head`; any other is a defect of the caller. */
  append(frame: Frame): void {
    if (frame.n !== this.head + 1) throw new RangeError(`the ring stands at ${this.head} and was given ${frame.n}`)
    this.#frames.push(frame)
    this.#bytes += bytesOf(frame)
    for (const { topic } of frame.topics) {
      const list = this.#byTopic.get(topic)
      if (list) list.push(frame)
      else {
        const fresh = new Fifo<Frame>()
        fresh.push(frame)
        this.#byTopic.set(topic, fresh)
      }
    }
    while (this.#frames.length > this.#settings.ringTransitionsMax || this.#bytes > this.#settings.ringBytesMax)
      this.#evict()
  }

  /** Forgets everything and goes on after `floor`. */
  reset(floor: N): void {
    this.#frames = new Fifo()
    this.#byTopic = new Map()
    this.#bytes = 0
    this.#floor = floor
  }

  /** Transitions of the topic with n > `after`, oldest first, at most `limit`. The caller asks only for after >= floor. */
  read(topic: TopicName, after: N, limit: number): Frame[] {
    const list = this.#byTopic.get(topic.base)
    const found: Frame[] = []
    if (!list) return found
    for (let index = indexAfter(list, after); found.length < limit; index += 1) {
      const frame = list.at(index)
      if (!frame) break
      if (passes(frame, topic)) found.push(frame)
    }
    return found
  }

  /** The last `n` of the topic, as far as the ring knows it. */
  lastOf(topic: TopicName): N | undefined {
    const list = this.#byTopic.get(topic.base)
    for (let index = (list?.length ?? 0) - 1; index >= 0; index -= 1) {
      const frame = list?.at(index)
      if (frame && passes(frame, topic)) return frame.n
    }
    return undefined
  }

  #evict(): void {
    const frame = this.#frames.shift()
    if (!frame) return
    this.#floor = frame.n
    this.#bytes -= bytesOf(frame)
    for (const { topic } of frame.topics) {
      const list = this.#byTopic.get(topic)
      list?.shift()
      if (list?.length === 0) this.#byTopic.delete(topic)
    }
  }
}

/** Whether a transition of the topic's base belongs to the topic. */
export const passes = (frame: Frame, topic: TopicName): boolean =>
  topic.colourBit === 0 || (frame.colourBits & topic.colourBit) !== 0

/** Index of the first frame with n > `after`, by halving. */
function indexAfter(list: Fifo<Frame>, after: N): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const frame = list.at(middle)
    if (frame && frame.n <= after) low = middle + 1
    else high = middle
  }
  return low
}
