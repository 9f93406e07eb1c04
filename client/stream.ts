/**
 * The client of the stream, for browsers and Node: `connect`, then `subscribe`. The door of this library.
 *
 * It keeps a cursor per topic, notices what was lost, asks for it, comes back by itself when the connection ends, and
 * says at any moment whether what is shown is the present. It has no dependency; in Node before 22 a WebSocket
 * constructor must be given, for example that of the package `ws`.
 */
import { Backoff } from './backoff.js'
import { type Clock, systemClock } from './clock.js'
import { Connection, type ConnectionSettings, type Ending, type SocketConstructor } from './connection.js'
import type { Bye, ServerFrame, Welcome } from './frames.js'
import { type Consequence, Topic, type TopicHandlers } from './topic.js'

export type { Clock } from './clock.js'
export type { Socket, SocketConstructor } from './connection.js'
export type { Colour, FreezeState, Proposed, Rung, Transition, Welcome, Why } from './frames.js'
export type { TopicHandlers } from './topic.js'

/** Whether what is shown is the present. Times are milliseconds since 1970. */
export type StreamState =
  /** Nothing was ever shown. */
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Connected, and the service says that it is behind itself. */
  | { readonly kind: 'stale'; readonly sinceMs: number; readonly why: string }
  /** Not connected, or not yet caught up; comes back by itself. */
  | { readonly kind: 'offline'; readonly sinceMs: number; readonly why: string }
  /** The service does not want this client back. */
  | { readonly kind: 'ended'; readonly sinceMs: number; readonly why: string }

export interface StreamSettings {
  /** `ws://host:port/v1/stream`. */
  readonly url: string
  readonly token?: string
  /** The history that the topics' `since` are of, as `Stream.epoch` named it; without it they are believed. */
  readonly epoch?: string
  readonly locale?: 'zh' | 'en'
  /** The global one when absent. */
  readonly WebSocket?: SocketConstructor
  readonly onState?: (state: StreamState) => void
  readonly onWelcome?: (welcome: Welcome) => void
  /** First wait before a new attempt; doubles. Default 500. */
  readonly reconnectMsMin?: number
  /** Longest of these waits. Default 30,000. */
  readonly reconnectMsMax?: number
  /** From an attempt to the server's welcome. Default 10,000. */
  readonly welcomeWaitMs?: number
  /** Heartbeats without a frame until the connection is given up. Default 2. */
  readonly heartbeatsMissedMax?: number
  /** Longest frame that is read, in UTF-16 units. Default 16 Mi. */
  readonly frameLengthMax?: number
  /** Largest snapshot that is put together. Default 1,000,000. */
  readonly snapshotItemsMax?: number
  readonly clock?: Clock
  readonly random?: () => number
}

export interface Subscription {
  readonly topic: string
  /** The last `n` that was shown; hand it to `since` to go on from there another time. */
  readonly cursor: number | undefined
  /** How often something was missing and asked for again. */
  readonly gaps: number
  unsubscribe(): void
}

export interface Stream {
  readonly state: StreamState
  /** Names the history that the cursors are of; keep it beside them. Undefined before the first welcome. */
  readonly epoch: string | undefined
  /** Follows a topic until unsubscribed. Throws when this topic is followed already. */
  subscribe(topic: string, handlers: TopicHandlers): Subscription
  close(): void
}

/** Connects, and stays connected until closed. Throws a TypeError for an address that is none. */
export const connect = (settings: StreamSettings): Stream => new StreamClient(settings)

// 64 topics, the most a server takes by default, are two frames far below the size that it reads.
const topicsPerFrame = 32
/** A server keeps eight frames that came before its welcome; these are half of them. */
const topicsEarlyMax = 4 * topicsPerFrame
/** No process that died is believed to have left more clients behind than this spreads. */
const longestReturnMs = 30_000
/** How often in a row the server may send us elsewhere. */
const redirectsMax = 3
/** Close codes after which the same attempt would end the same way: not authenticated, not allowed. */
const finalCodes = new Set([4401, 4403])

class StreamClient implements Stream {
  readonly #settings: StreamSettings
  readonly #connectionSettings: ConnectionSettings
  readonly #clock: Clock
  readonly #backoff: Backoff
  readonly #topics = new Map<string, Topic>()
  #address: string
  #epoch: string | undefined
  #connection: Connection | undefined
  /** Asked for on this connection before its welcome, which saves a round trip. */
  #early: readonly Topic[] = []
  #redirects = 0
  /** The place that the server gave us for the case that it dies; 0 once it was used. */
  #returnAfterMs = 0
  #cancelAttempt: () => void = () => undefined
  #state: StreamState = { kind: 'connecting' }
  #hasBeenLive = false
  #ended = false
  #heardMs = 0
  /** Set while what is shown is not the present. */
  #behind: { readonly sinceMs: number; readonly why: string } | undefined
  /** The service said so on this connection. */
  #serverStale = false

  constructor(settings: StreamSettings) {
    const { reconnectMsMin = 500, reconnectMsMax = 30_000, random = Math.random, clock = systemClock } = settings
    this.#settings = settings
    this.#clock = clock
    this.#address = addressOf(settings.url)
    this.#epoch = settings.epoch
    this.#connectionSettings = {
      WebSocket: settings.WebSocket ?? globalWebSocket(),
      clock,
      token: settings.token,
      locale: settings.locale,
      welcomeWaitMs: settings.welcomeWaitMs ?? 10_000,
      heartbeatsMissedMax: settings.heartbeatsMissedMax ?? 2,
      frameLengthMax: settings.frameLengthMax ?? 16 * 1024 * 1024,
    }
    this.#backoff = new Backoff({ reconnectMsMin, reconnectMsMax, random })
    this.#attempt()
  }

  get state(): StreamState {
    return this.#state
  }

  get epoch(): string | undefined {
    return this.#epoch
  }

  subscribe(name: string, handlers: TopicHandlers): Subscription {
    if (this.#topics.has(name)) throw new TypeError(`the topic ${name} is followed already`)
    const topic = new Topic(name, handlers, this.#settings.snapshotItemsMax ?? 1_000_000, callSafely)
    this.#topics.set(name, topic)
    this.#ask([topic])
    return {
      topic: name,
      get cursor() {
        return topic.cursor
      },
      get gaps() {
        return topic.gaps
      },
      unsubscribe: () => this.#forget(topic),
    }
  }

  close(): void {
    this.#ended = true
    this.#cancelAttempt()
    this.#connection?.leave()
    this.#connection = undefined
    this.#fellBehind(this.#heardMs, 'closed by its user')
    this.#review()
  }

  #attempt(): void {
    this.#serverStale = false
    this.#early = []
    this.#connection = new Connection(this.#address, this.#connectionSettings, {
      onGreeted: () => this.#greeted(),
      onWelcome: (welcome) => this.#welcomed(welcome),
      onFrame: (frame) => this.#received(frame),
      onEnd: (ending) => this.#disconnected(ending),
    })
  }

  #greeted(): void {
    this.#early = [...this.#topics.values()].slice(0, topicsEarlyMax)
    this.#send(this.#early)
  }

  #welcomed(welcome: Welcome): void {
    this.#heardMs = this.#clock.nowMs()
    if (this.#epoch !== undefined && this.#epoch !== welcome.epoch)
      for (const topic of this.#topics.values()) topic.otherHistory()
    this.#epoch = welcome.epoch
    this.#returnAfterMs = Math.min(welcome.returnAfterMs ?? 0, longestReturnMs)
    callSafely(() => this.#settings.onWelcome?.(welcome))
    this.#settle()
    this.#review()
  }

  /** Asks for what was not asked for early, and takes back what is not wanted any more. */
  #settle(): void {
    const early = this.#early
    this.#ask([...this.#topics.values()].filter((topic) => !early.includes(topic)))
    const gone = early.map(({ name }) => name).filter((name) => !this.#topics.has(name))
    if (gone.length > 0) this.#connection?.send({ type: 'unsubscribe', topics: gone })
  }

  #ask(topics: readonly Topic[]): void {
    if (this.#connection?.ready) this.#send(topics)
  }

  #send(topics: readonly Topic[]): void {
    for (let at = 0; at < topics.length; at += topicsPerFrame) {
      const asked = topics.slice(at, at + topicsPerFrame).map((topic) => topic.ask())
      const epoch = asked.some(({ since }) => since !== undefined) ? this.#epoch : undefined
      this.#connection?.send({ type: 'subscribe', topics: asked, ...(epoch !== undefined && { epoch }) })
    }
  }

  #received(frame: ServerFrame): void {
    this.#heardMs = this.#clock.nowMs()
    switch (frame.type) {
      case 'stale':
        this.#serverStale = true
        this.#fellBehind(Date.parse(frame.since), frame.why)
        break
      case 'fresh':
        this.#serverStale = false
        break
      case 'ping':
        for (const topic of this.#topics.values()) this.#follow(topic, topic.pinged(frame.heads[topic.name]))
        break
      case 'welcome':
      case 'wait':
      case 'bye':
        break
      default: {
        const topic = frame.topic === undefined ? undefined : this.#topics.get(frame.topic)
        if (topic) this.#follow(topic, topic.received(frame))
      }
    }
    this.#review()
  }

  #follow(topic: Topic, consequence: Consequence): void {
    if (consequence === 'ask-again') this.#ask([topic])
    else if (consequence === 'refused') this.#forget(topic)
    else if (consequence === 'ask-later') {
      const connection = this.#connection
      this.#clock.after(this.#backoff.nextMs(), () => {
        if (connection === this.#connection && this.#topics.get(topic.name) === topic) this.#ask([topic])
      })
    }
  }

  #forget(topic: Topic): void {
    if (this.#topics.get(topic.name) !== topic) return
    this.#topics.delete(topic.name)
    if (this.#connection?.ready) this.#connection.send({ type: 'unsubscribe', topics: [topic.name] })
    this.#review()
  }

  #disconnected(ending: Ending): void {
    this.#connection = undefined
    this.#serverStale = false
    for (const topic of this.#topics.values()) topic.disconnected()
    const { why, afterMs, final } = this.#verdictOn(ending)
    this.#returnAfterMs = 0
    this.#fellBehind(this.#heardMs, why)
    if (final) this.#ended = true
    else this.#cancelAttempt = this.#clock.after(this.#backoff.nextMs(afterMs), () => this.#attempt())
    this.#review()
  }

  #verdictOn(ending: Ending): { readonly why: string; readonly afterMs: number; readonly final: boolean } {
    const afterMs = this.#returnAfterMs
    if (ending.kind === 'given-up') return { why: ending.why, afterMs, final: false }
    if (ending.kind === 'closed')
      return { why: `closed with ${ending.code}`, afterMs, final: finalCodes.has(ending.code) }
    return this.#verdictOnBye(ending.bye)
  }

  #verdictOnBye(bye: Bye): { readonly why: string; readonly afterMs: number; readonly final: boolean } {
    const { title, reconnect, afterMs, address } = bye
    const moved = address !== undefined && this.#moveTo(address)
    return { why: title, afterMs, final: !reconnect && !moved }
  }

  /** A token is not carried from an encrypted connection to one that is not, nor round in circles. */
  #moveTo(address: string): boolean {
    if (this.#redirects >= redirectsMax || !URL.canParse(address)) return false
    const { protocol } = new URL(address)
    if (protocol !== 'wss:' && protocol !== new URL(this.#address).protocol) return false
    this.#redirects += 1
    this.#address = address
    return true
  }

  #fellBehind(sinceMs: number, why: string): void {
    this.#behind = { sinceMs: Math.min(sinceMs, this.#behind?.sinceMs ?? sinceMs), why }
  }

  /** Says what follows from it all, when that is something new. */
  #review(): void {
    const topics = [...this.#topics.values()]
    const caughtUp = this.#connection?.ready === true && topics.every((topic) => topic.current)
    if (caughtUp && !this.#serverStale) {
      this.#behind = undefined
      this.#redirects = 0
      this.#hasBeenLive = true
      this.#backoff.succeeded()
    }
    const next = this.#stateNow(caughtUp)
    const { kind } = this.#state
    const same = kind === next.kind && sinceOf(this.#state) === sinceOf(next)
    this.#state = next
    if (!same) callSafely(() => this.#settings.onState?.(next))
  }

  #stateNow(caughtUp: boolean): StreamState {
    const behind = this.#behind ?? { sinceMs: this.#heardMs, why: 'catching up' }
    if (this.#ended) return { kind: 'ended', ...behind }
    if (this.#serverStale && (this.#hasBeenLive || caughtUp)) return { kind: 'stale', ...behind }
    if (caughtUp && !this.#serverStale) return { kind: 'live' }
    return this.#hasBeenLive ? { kind: 'offline', ...behind } : { kind: 'connecting' }
  }
}

const sinceOf = (state: StreamState): number | undefined => ('sinceMs' in state ? state.sinceMs : undefined)

function addressOf(url: string): string {
  const { protocol, href } = new URL(url)
  if (protocol !== 'ws:' && protocol !== 'wss:') throw new TypeError(`${url} is not an address of a stream`)
  return href
}

function globalWebSocket(): SocketConstructor {
  const { WebSocket } = globalThis as { readonly WebSocket?: unknown }
  if (typeof WebSocket !== 'function')
    throw new TypeError('this runtime has no WebSocket: hand one over in the settings')
  return WebSocket as SocketConstructor
}

/** What a handler throws is its own affair: it is reported like any uncaught error, and the stream goes on. */
function callSafely(run: () => void): void {
  try {
    run()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
