/**
 * The core's side of the stream: every transition is encoded once and written once per push process. The door of the
 * core side; called by the core process of room node.
 *
 * Clients never reach the core. A push process that does not read is cut off when it owes too much: it comes back, says
 * what it holds, and gets the rest from the record.
 */
import type { Socket } from 'node:net'
import type { N, UnixMs } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { Answers, type AnswersCallbacks, type AnswersSettings } from './answers.js'
import { BusPeer, type PeerSettings } from './bus-peer.js'
import { addStats, newStats, type PushStats } from './counters.js'
import { KeptSocket } from './kept-socket.js'
import { jsonMessage, kinds, type Stamps, transitionsMessage } from './wire.js'

export type { Stamps } from './wire.js'

export interface BusSettings extends AnswersSettings, PeerSettings, AnswersCallbacks {
  /** Path of the Unix socket; a file that is left there is replaced. */
  readonly path: string
  /** Names the history that is published: a cursor of another one is worth nothing here. */
  readonly epoch: string
  /** The last transition that was published before this start. */
  readonly n: N
  readonly figuresEveryMs: number
  /** The service's clock, told to the push processes once a second. */
  readonly clock: () => { readonly nowMs: UnixMs; readonly kind: 'system' | 'scenario' }
}

export interface BusStats extends PushStats {
  /** Push processes that are connected. */
  readonly processes: number
  /** Push processes that were cut off because they did not read. */
  readonly cutOff: number
  /** Times that the socket's file was gone and made anew. */
  readonly renewals: number
  /** Why no push process can connect for now; undefined when all is well. */
  readonly failure: string | undefined
}

export interface Bus {
  /** The last transition that was published. */
  readonly n: N
  /**
   * Publishes transitions n+1 … in order, several in one write. `onCatchUp` must already find them: call it after the
   * record has taken them.
   */
  publish(transitions: readonly Transition[], stamps?: Stamps): void
  /**
   * Publishes figures of a topic: the latest wins, at most one frame per figuresEveryMs and topic. `read` is called
   * when they are sent, so what was overwritten before can be gathered into what comes after.
   */
  figures(topic: string, read: () => unknown): void
  /** Topics that somebody wants figures of. */
  subscribedFigures(): ReadonlySet<string>
  /** Sums over all push processes, those that have ended included. */
  stats(): BusStats
  close(): Promise<void>
}

const clockEveryMs = 1000

/** Listens for push processes. */
export async function openBus(settings: BusSettings): Promise<Bus> {
  const bus = new CoreBus(settings)
  await bus.listen()
  return bus
}

class CoreBus implements Bus {
  readonly #settings: BusSettings
  #socket: KeptSocket | undefined
  readonly #answers: Answers
  readonly #peers = new Set<BusPeer>()
  readonly #ended = newStats()
  readonly #clockTimer: NodeJS.Timeout
  /** Figures that wait for their turn. */
  readonly #figures = new Map<string, () => unknown>()
  #figuresTimer: NodeJS.Timeout | undefined
  #cutOff = 0
  #n: N

  constructor(settings: BusSettings) {
    this.#settings = settings
    this.#n = settings.n
    this.#answers = new Answers(settings, settings, () => this.#n)
    this.#clockTimer = setInterval(() => this.#tellClock(), clockEveryMs)
  }

  get n(): N {
    return this.#n
  }

  async listen(): Promise<void> {
    this.#socket = await KeptSocket.open(this.#settings.path, (socket) => this.#connected(socket))
  }

  publish(transitions: readonly Transition[], stamps?: Stamps): void {
    const last = transitions.at(-1)
    if (!last) return
    if (transitions[0]?.n !== this.#n + 1 || last.n !== this.#n + transitions.length)
      throw new RangeError(`the bus stands at ${this.#n} and was given ${transitions[0]?.n} to ${last.n}`)
    this.#n = last.n
    const message = transitionsMessage(transitions, stamps)
    for (const peer of this.#peers) peer.publish(message)
  }

  figures(topic: string, read: () => unknown): void {
    this.#figures.set(topic, read)
    if (this.#figuresTimer) return
    this.#tellFigures()
    this.#figuresTimer = setInterval(() => this.#tellFigures(), this.#settings.figuresEveryMs)
  }

  subscribedFigures(): ReadonlySet<string> {
    const topics = new Set<string>()
    for (const peer of this.#peers) for (const topic of peer.interest) topics.add(topic)
    return topics
  }

  stats(): BusStats {
    const sum = addStats(newStats(), this.#ended)
    for (const peer of this.#peers) addStats(sum, peer.stats)
    const { renewals = 0, failure } = this.#socket ?? {}
    return { ...sum, processes: this.#peers.size, cutOff: this.#cutOff, renewals, failure }
  }

  async close(): Promise<void> {
    clearInterval(this.#clockTimer)
    clearInterval(this.#figuresTimer)
    const closed = this.#socket?.close()
    for (const peer of this.#peers) peer.close()
    await closed
  }

  #tellFigures(): void {
    if (this.#figures.size === 0) {
      clearInterval(this.#figuresTimer)
      this.#figuresTimer = undefined
      return
    }
    for (const [topic, read] of this.#figures) {
      const wanting = [...this.#peers].filter((peer) => peer.interest.has(topic))
      if (wanting.length === 0) continue
      const message = jsonMessage(kinds.figures, { topic, values: read() })
      for (const peer of wanting) peer.send(message)
    }
    this.#figures.clear()
  }

  #tellClock(): void {
    const message = jsonMessage(kinds.clock, this.#settings.clock())
    for (const peer of this.#peers) peer.send(message)
  }

  #connected(socket: Socket): void {
    const peer = new BusPeer(socket, this.#settings, {
      answers: this.#answers,
      n: () => this.#n,
      clock: this.#settings.clock,
      epoch: this.#settings.epoch,
      onEnd: () => this.#left(peer),
    })
    this.#peers.add(peer)
  }

  #left(peer: BusPeer): void {
    this.#peers.delete(peer)
    if (peer.cutOff) this.#cutOff += 1
    // Its clients and subscriptions are gone; what it counted is not.
    addStats(this.#ended, { ...peer.stats, clients: 0, waiting: 0, subscriptions: 0 })
  }
}
