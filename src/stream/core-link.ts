/**
 * The push process's connection to the core: it comes back by itself, after a wait that grows and is never the same for
 * two processes.
 */
import { connect, type Socket } from 'node:net'
import { createSplitter, jsonMessage } from './wire.js'

export interface CoreLinkSettings {
  readonly corePath: string
  readonly coreQueueBytesMax: number
  readonly messageBytesMax: number
  readonly reconnectMinMs: number
  readonly reconnectMaxMs: number
  /** The core says something every second; after so long without a word it is taken for lost. */
  readonly coreSilenceMs: number
}

export interface CoreLinkCallbacks {
  /** Connected: what to say first. */
  readonly onOpen: () => void
  /** Throws for a message that cannot be: the connection ends and begins anew. */
  readonly onMessage: (kind: number, payload: Buffer) => void
  /** All messages of one read were given. */
  readonly onRead: () => void
  readonly onLost: (why: string) => void
}

export class CoreLink {
  readonly #settings: CoreLinkSettings
  readonly #callbacks: CoreLinkCallbacks
  readonly #random: () => number
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #stopped = false
  #silentMs = 0

  constructor(settings: CoreLinkSettings, callbacks: CoreLinkCallbacks, random: () => number) {
    this.#settings = settings
    this.#callbacks = callbacks
    this.#random = random
    this.#connect()
  }

  /** Nothing is kept for a core that is away: who needs an answer asks again when it is back. */
  send(kind: number, value: unknown): void {
    const socket = this.#socket
    if (!socket || socket.connecting) return
    socket.write(jsonMessage(kind, value))
    if (socket.writableLength > this.#settings.coreQueueBytesMax) socket.destroy(new Error('the core does not read'))
  }

  /** The core answered in order: the next loss begins with the shortest wait again. */
  settled(): void {
    this.#failures = 0
  }

  /**
   * Called every `passedMs`. Counted in calls, not read off a clock: a loop of ours that stood still has not heard the
   * core either, and must not blame it.
   */
  watchSilence(passedMs: number): void {
    this.#silentMs += passedMs
    if (this.#silentMs >= this.#settings.coreSilenceMs) this.#socket?.destroy(new Error('the core is silent'))
  }

  close(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = connect(this.#settings.corePath)
    const split = createSplitter(this.#settings.messageBytesMax, this.#callbacks.onMessage)
    let why = 'the core closed the connection'
    this.#socket = socket
    socket.on('connect', this.#callbacks.onOpen)
    this.#silentMs = 0
    socket.on('data', (chunk) => {
      this.#silentMs = 0
      if (socket.destroyed) return
      try {
        split(chunk)
      } catch (error) {
        socket.destroy(error as Error)
      }
      this.#callbacks.onRead()
    })
    socket.on('error', (error) => {
      why = error.message
    })
    socket.on('close', () => {
      this.#socket = undefined
      if (this.#stopped) return
      this.#callbacks.onLost(why)
      this.#timer = setTimeout(() => this.#connect(), this.#wait())
    })
  }

  #wait(): number {
    const { reconnectMinMs, reconnectMaxMs } = this.#settings
    const longest = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 30)
    return longest * (0.5 + this.#random() / 2)
  }
}
