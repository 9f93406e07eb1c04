/**
 * A small client of the stream for Node: keeps a cursor per topic, notices what was lost, resumes, reconnects.
 *
 * Used by `quotawatch watch` and by the tests; it is also the shortest description of what a client has to do.
 */
import WebSocket from 'ws'
import type { N } from '../core/names.js'

export interface WatchTopic {
  readonly topic: string
  /** Resume after this; without it the stream begins with a snapshot. */
  readonly since?: N
  readonly figures?: boolean
}

/** A frame as it came; transitions only once, in order and without a gap. */
export interface WatchFrame {
  readonly type: string
  readonly [field: string]: unknown
}

export interface WatchSettings {
  readonly topics: readonly WatchTopic[]
  /** The history that the topics' `since` are of, as `welcome` named it. */
  readonly epoch?: string
  readonly token?: string
  readonly onFrame: (frame: WatchFrame) => void
  /** The connection ended; `code` is its close code. */
  readonly onClose?: (code: number) => void
  /** Something was lost on a topic; the watcher subscribes again by itself. */
  readonly onGap?: (topic: string) => void
  readonly reconnectMinMs?: number
  readonly reconnectMaxMs?: number
  readonly random?: () => number
}

export interface Watch {
  /** Topic -> the last `n` that is held. */
  cursors(): Readonly<Record<string, N>>
  readonly gaps: number
  readonly repeats: number
  readonly connections: number
  /** Breaks the connection, as a network would: it comes back by itself. */
  disconnect(): void
  close(): void
}

interface Followed {
  readonly wish: WatchTopic
  cursor: N | undefined
  /** Subscribed, not answered yet: what comes meanwhile belongs to the subscription before. */
  asked: boolean
}

const reconnectMinMsDefault = 100
const reconnectMaxMsDefault = 10_000

/** Follows topics at `address` (`ws://host:port/v1/stream`) until closed. */
export const watch = (address: string, settings: WatchSettings): Watch => new Watcher(address, settings)

class Watcher implements Watch {
  gaps = 0
  repeats = 0
  connections = 0
  readonly #settings: WatchSettings
  readonly #topics: Map<string, Followed>
  readonly #random: () => number
  #address: string
  /** The history that the cursors are of. */
  #epoch: string | undefined
  #socket: WebSocket | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #afterMs = 0
  #ended = false

  constructor(address: string, settings: WatchSettings) {
    this.#address = address
    this.#settings = settings
    this.#epoch = settings.epoch
    this.#random = settings.random ?? Math.random
    this.#topics = new Map(
      settings.topics.map((wish) => [wish.topic, { wish, cursor: wish.since, asked: false }] as const),
    )
    this.#connect()
  }

  cursors(): Readonly<Record<string, N>> {
    const held = [...this.#topics].flatMap(([topic, { cursor }]) => (cursor === undefined ? [] : [[topic, cursor]]))
    return Object.fromEntries(held)
  }

  disconnect(): void {
    this.#socket?.terminate()
  }

  close(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#socket?.close()
  }

  #connect(): void {
    const socket = new WebSocket(this.#address, { perMessageDeflate: false })
    this.#socket = socket
    this.connections += 1
    this.#afterMs = 0
    socket.on('open', () => this.#hello())
    socket.on('message', (bytes) => this.#received(JSON.parse(bytes.toString()) as WatchFrame))
    // What went wrong follows as a close.
    socket.on('error', () => undefined)
    socket.on('close', (code) => this.#closed(code))
  }

  #hello(): void {
    const { token } = this.#settings
    this.#send({ type: 'hello', v: 1, ...(token !== undefined && { token }) })
    this.#subscribe([...this.#topics.values()])
  }

  #subscribe(followed: readonly Followed[]): void {
    if (followed.length === 0) return
    const topics = followed.map((one) => {
      one.asked = true
      const { topic, figures } = one.wish
      return { topic, ...(figures && { figures }), ...(one.cursor !== undefined && { since: one.cursor }) }
    })
    this.#send({ type: 'subscribe', topics, ...(this.#epoch !== undefined && { epoch: this.#epoch }) })
  }

  #received(frame: WatchFrame): void {
    switch (frame.type) {
      case 'transition':
        this.#transition(frame)
        return
      case 'ping':
        this.#ping(frame)
        break
      case 'bye':
        this.#bye(frame)
        break
      default:
        this.#topical(frame)
    }
    this.#settings.onFrame(frame)
  }

  /** Frames that say where a topic stands. */
  #topical(frame: WatchFrame): void {
    const followed = this.#topics.get(String(frame['topic']))
    if (frame.type === 'welcome') this.#welcomed(String(frame['epoch']), Number(frame['returnAfterMs'] ?? 0))
    if (!followed) return
    if (frame.type === 'subscribed') {
      followed.asked = false
      if (frame['resumed'] !== true) followed.cursor = undefined
    } else if (frame.type === 'snapshot' && frame['part'] === frame['parts']) followed.cursor = frame['n'] as N
    else if (frame.type === 'error') this.#refused(followed, frame)
  }

  /** What was subscribed before this frame named the history before: its answer tells whether that was another one. */
  #welcomed(epoch: string, returnAfterMs: number): void {
    this.#failures = 0
    this.#afterMs = returnAfterMs
    this.#epoch = epoch
  }

  #transition(frame: WatchFrame): void {
    const followed = this.#topics.get(String(frame['topic']))
    if (!followed || followed.asked || followed.cursor === undefined) return
    if ((frame['n'] as number) <= followed.cursor) {
      this.repeats += 1
      return
    }
    if ((frame['p'] as number) > followed.cursor) {
      this.#gap(followed)
      return
    }
    followed.cursor = frame['n'] as N
    this.#settings.onFrame(frame)
  }

  #ping(frame: WatchFrame): void {
    this.#send({ type: 'pong', t: frame['t'] })
    for (const [topic, head] of Object.entries(frame['heads'] as Record<string, number>)) {
      const followed = this.#topics.get(topic)
      if (followed && !followed.asked && followed.cursor !== undefined && head > followed.cursor) this.#gap(followed)
    }
  }

  #gap(followed: Followed): void {
    this.gaps += 1
    this.#settings.onGap?.(followed.wish.topic)
    this.#subscribe([followed])
  }

  /** What may succeed later is asked again with the next connection's wait; the rest is given up. */
  #refused(followed: Followed, frame: WatchFrame): void {
    if (frame['code'] === 'QW_CORE_AWAY' || frame['code'] === 'QW_OVERLOADED') {
      const socket = this.#socket
      setTimeout(() => {
        if (socket === this.#socket && socket?.readyState === WebSocket.OPEN) this.#subscribe([followed])
      }, this.#wait()).unref()
    } else this.#topics.delete(followed.wish.topic)
  }

  #bye(frame: WatchFrame): void {
    if (typeof frame['address'] === 'string') this.#address = frame['address']
    else if (frame['reconnect'] !== true) this.#ended = true
    this.#afterMs = frame['afterMs'] as number
  }

  #closed(code: number): void {
    this.#settings.onClose?.(code)
    if (this.#ended) return
    this.#timer = setTimeout(() => this.#connect(), Math.max(this.#afterMs, this.#wait()))
  }

  #wait(): number {
    const { reconnectMinMs = reconnectMinMsDefault, reconnectMaxMs = reconnectMaxMsDefault } = this.#settings
    const longest = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 30)
    return longest * (0.5 + this.#random() / 2)
  }

  #send(frame: unknown): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }
}
