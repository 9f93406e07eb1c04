/**
 * What push processes ask the core for: snapshots, and transitions from the record. Read once for all who ask at the
 * same time, a snapshot also for all who ask in the next moment; encoded once; and never more than a few at a time,
 * because reading takes turns from judging.
 */
import type { ErrorCode } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { keyOf, type Need } from './need.js'
import { SnapshotCache, type SnapshotCacheSettings } from './snapshot-cache.js'
import { itemPasses, parseTopic } from './topics.js'
import { catchUpMessage, jsonMessage, kinds, snapshotMessage } from './wire.js'

export interface AnswersSettings extends SnapshotCacheSettings {
  readonly catchUpTransitionsMax: number
  readonly snapshotPartBytesMax: number
  /** Snapshots and catch-ups that are read at the same time. */
  readonly coreReadsMax: number
}

export interface AnswersCallbacks {
  /** What is shown of a topic without filter, and the `n` it is true after; undefined when there is no such topic. */
  readonly onSnapshot: (topic: string) => Promise<{ readonly n: N; readonly items: readonly unknown[] } | undefined>
  /**
   * Transitions of a topic with n > since, oldest first, all that were published before the call; undefined when there
   * are more than `limit` or the record does not reach back so far.
   */
  readonly onCatchUp: (topic: string, since: N, limit: number) => Promise<readonly Transition[] | undefined>
}

export class Answers {
  readonly #settings: AnswersSettings
  readonly #callbacks: AnswersCallbacks
  readonly #n: () => N
  readonly #snapshots: SnapshotCache
  readonly #open = new Map<string, Promise<Buffer>>()
  readonly #waiting: (() => void)[] = []
  #reading = 0

  constructor(settings: AnswersSettings, callbacks: AnswersCallbacks, n: () => N) {
    this.#settings = settings
    this.#snapshots = new SnapshotCache(settings)
    this.#callbacks = callbacks
    this.#n = n
  }

  /** The message that answers a need; it never rejects. */
  answer(need: Need): Promise<Buffer> {
    const made = need.kind === 'snapshot' ? this.#made(need.topic) : undefined
    if (made) return Promise.resolve(made)
    const key = keyOf(need)
    const open = this.#open.get(key)
    if (open) return open
    const answer = this.#read(need)
      .catch(() => refused(need, 'QW_INTERNAL'))
      .finally(() => this.#open.delete(key))
    this.#open.set(key, answer)
    return answer
  }

  /** Everything after `since`; undefined when that is too much, or further back than the record reaches. */
  async everythingAfter(since: N): Promise<readonly Transition[] | undefined> {
    if (since > this.#n()) return undefined
    if (since === this.#n()) return []
    return await this.#callbacks.onCatchUp('all', since, this.#settings.catchUpTransitionsMax)
  }

  /** Whoever begins its ring after it asks for the rest as well. */
  #made(topic: string): Buffer | undefined {
    return this.#snapshots.get(topic, 0 as N, performance.now())?.frames[0]
  }

  async #read(need: Need): Promise<Buffer> {
    await this.#turn()
    try {
      return need.kind === 'snapshot' ? await this.#snapshot(need) : await this.#catchUp(need)
    } finally {
      this.#reading -= 1
      this.#waiting.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    while (this.#reading >= this.#settings.coreReadsMax)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#reading += 1
  }

  async #snapshot(need: Need & { kind: 'snapshot' }): Promise<Buffer> {
    const topic = parseTopic(need.topic)
    const snapshot = topic && (await this.#callbacks.onSnapshot(topic.base))
    if (!topic || !snapshot) return refused(need, 'QW_TOPIC_UNKNOWN')
    const items = snapshot.items.filter((item) => itemPasses(item, topic))
    const message = snapshotMessage(topic.name, snapshot.n, partsOf(items, this.#settings.snapshotPartBytesMax))
    this.#snapshots.put({ topic: topic.name, n: snapshot.n, frames: [message] }, performance.now())
    return message
  }

  async #catchUp(need: Need & { kind: 'catchUp' }): Promise<Buffer> {
    const { topic, since } = need
    const head = this.#n()
    // A client from another life of this service: nothing can be resumed.
    if (since > head) return refused(need)
    const transitions = await this.#callbacks.onCatchUp(topic, since, this.#settings.catchUpTransitionsMax)
    if (!transitions) return refused(need)
    const upTo = Math.max(head, transitions.at(-1)?.n ?? 0) as N
    return catchUpMessage(topic, since, upTo, transitions)
  }
}

/** Without a code: not to be resumed, a snapshot must follow. */
const refused = (need: Need, code?: ErrorCode): Buffer => jsonMessage(kinds.refused, { need, code })

/** Items as JSON arrays of at most `bytesMax` each, as far as single items allow; at least one array. */
export function partsOf(items: readonly unknown[], bytesMax: number): string[] {
  const parts: string[] = []
  let part: string[] = []
  let bytes = 0
  for (const item of items) {
    const text = JSON.stringify(item)
    const itemBytes = Buffer.byteLength(text) + 1
    if (part.length > 0 && bytes + itemBytes > bytesMax) {
      parts.push(`[${part.join()}]`)
      part = []
      bytes = 0
    }
    part.push(text)
    bytes += itemBytes
  }
  if (part.length > 0 || parts.length === 0) parts.push(`[${part.join()}]`)
  return parts
}
