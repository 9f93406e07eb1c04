/**
 * One topic that is followed: its cursor, and what each frame means for it.
 *
 * The rule behind everything: a transition is shown only if its `p` is not beyond the cursor and its `n` is. So frames
 * may be lost, repeated, or belong to a subscription before; what is shown is always the truth at the cursor, and
 * whatever does not fit leads to one question to the server, never to a second before the first is answered.
 */
import type { ServerFrame, SnapshotPart, TopicRequest, Transition } from './frames.js'

export interface TopicHandlers {
  /** Begin from here instead of with a snapshot: the last `n` that is already held for this topic. */
  readonly since?: number
  /** Ask for figures too. */
  readonly figures?: boolean
  /** Replaces everything that was held; true after transition `n`. */
  readonly onSnapshot?: (items: readonly unknown[], n: number) => void
  /** Once each, in order, without a gap. */
  readonly onTransition?: (transition: Transition) => void
  /** The latest values; some in between may never come. */
  readonly onFigures?: (values: unknown) => void
  /** The server will not serve this topic; it is no longer followed. */
  readonly onRefused?: (code: string, title: string) => void
}

/** What the stream has to do after a frame. */
export type Consequence = 'none' | 'ask-again' | 'ask-later' | 'refused'

/** Refusals that pass: the service is busy, away, or stopping. */
const passing = new Set(['QW_CORE_AWAY', 'QW_OVERLOADED', 'QW_STOPPING', 'QW_INTERNAL', 'QW_TOO_MANY_FRAMES'])

const idlePingsMax = 2

type TopicFrame = Extract<ServerFrame, { readonly topic?: string }>

export class Topic {
  readonly name: string
  readonly handlers: TopicHandlers
  /** Everything of the topic with n <= cursor was shown. Undefined until a snapshot is complete. */
  cursor: number | undefined
  /** How often something was missing. */
  gaps = 0
  readonly #snapshotItemsMax: number
  readonly #call: (run: () => void) => void
  /** A `subscribe` is on its way, or has to be: what comes meanwhile belongs to the subscription before. */
  #asked = true
  /** Where the answer to the last `subscribe` said the topic stands: below that it is not the present. */
  #head = 0
  #idlePings = 0
  #parts: { readonly n: number; readonly items: unknown[]; next: number } | undefined

  constructor(name: string, handlers: TopicHandlers, snapshotItemsMax: number, call: (run: () => void) => void) {
    this.name = name
    this.handlers = handlers
    this.cursor = handlers.since
    this.#snapshotItemsMax = snapshotItemsMax
    this.#call = call
  }

  /** Everything up to what the server last named was shown. */
  get current(): boolean {
    return !this.#asked && this.cursor !== undefined && this.cursor >= this.#head
  }

  /** For a `subscribe` frame. */
  ask(): TopicRequest {
    this.#asked = true
    this.#idlePings = 0
    this.#parts = undefined
    return {
      topic: this.name,
      ...(this.cursor !== undefined && { since: this.cursor }),
      ...(this.handlers.figures && { figures: true as const }),
    }
  }

  /** The service stands on another history: the cursor says nothing in it. */
  otherHistory(): void {
    this.cursor = undefined
  }

  /** The connection is gone, and the answer with it. */
  disconnected(): void {
    this.#asked = true
    this.#parts = undefined
  }

  received(frame: TopicFrame): Consequence {
    this.#idlePings = 0
    switch (frame.type) {
      case 'subscribed':
        return this.#subscribed(frame.head, frame.resumed)
      case 'snapshot':
        return this.#snapshot(frame)
      case 'transition':
        return this.#transition(frame)
      case 'figures':
        this.#call(() => this.handlers.onFigures?.(frame.values))
        return 'none'
      case 'error':
        return this.#error(frame.code, frame.title)
    }
  }

  /**
   * The head that a ping names. Frames of a connection are in order, so it never overtakes what it speaks of. A topic
   * that stands still on its way to the present, from one ping to the one after the next, has lost an answer.
   */
  pinged(head: number | undefined): Consequence {
    if (!this.#asked && this.cursor !== undefined && head !== undefined && head > this.cursor) return this.#lost()
    this.#idlePings = this.current ? 0 : this.#idlePings + 1
    return this.#idlePings > idlePingsMax ? this.#lost() : 'none'
  }

  /** May also come unasked: a server that could not resume after all sends `resumed: false` and a snapshot. */
  #subscribed(head: number, resumed: boolean): Consequence {
    // Resumed from nothing: an answer to a question before the last.
    if (resumed && this.cursor === undefined) return 'none'
    this.#asked = false
    this.#head = head
    if (!resumed) this.cursor = undefined
    return 'none'
  }

  #snapshot({ n, part, parts, items }: SnapshotPart): Consequence {
    if (this.#asked) return 'none'
    if (part === 1) this.#parts = { n, items: [], next: 1 }
    const held = this.#parts
    if (!held || held.next !== part || held.n !== n) return this.#lost()
    if (held.items.length + items.length > this.#snapshotItemsMax) return this.#tooLarge()
    for (const item of items) held.items.push(item)
    held.next += 1
    if (part < parts) return 'none'
    this.#parts = undefined
    this.cursor = n
    this.#call(() => this.handlers.onSnapshot?.(held.items, n))
    return 'none'
  }

  #transition(frame: Transition): Consequence {
    if (this.#asked) return 'none'
    // A snapshot that is not complete, and already the next thing: its end was lost.
    if (this.cursor === undefined) return this.#lost()
    if (frame.n <= this.cursor) return 'none'
    if (frame.p > this.cursor) return this.#lost()
    this.cursor = frame.n
    this.#call(() => this.handlers.onTransition?.(frame))
    return 'none'
  }

  #lost(): Consequence {
    this.gaps += 1
    return 'ask-again'
  }

  #error(code: string, title: string): Consequence {
    this.#asked = true
    if (passing.has(code)) return 'ask-later'
    this.#call(() => this.handlers.onRefused?.(code, title))
    return 'refused'
  }

  #tooLarge(): Consequence {
    return this.#error(
      'snapshot-too-large',
      `the snapshot has more than snapshotItemsMax ${this.#snapshotItemsMax} items`,
    )
  }
}
