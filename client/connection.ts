/**
 * One connection, from the first byte to the last: hello, heartbeats, and one word when it is over.
 *
 * A connection ends once. Whatever its socket still says after that belongs to the past and is not heard, because a
 * socket whose network is gone may take minutes to notice, and its late frames would mix with those of its successor.
 */
import type { Clock } from './clock.js'
import { BadFrame, type Bye, type ClientFrame, readServerFrame, type ServerFrame, type Welcome } from './frames.js'

/** What is needed of a WebSocket: the browser's, Node's (from 22), and that of the package `ws` all have it. */
export interface Socket {
  readonly readyState: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
}

export type SocketConstructor = new (address: string) => Socket

export interface ConnectionSettings {
  readonly WebSocket: SocketConstructor
  readonly clock: Clock
  readonly token: string | undefined
  readonly locale: 'zh' | 'en' | undefined
  /** From the attempt to `welcome`, beside the wait that the server asks for. */
  readonly welcomeWaitMs: number
  /** So many of the server's heartbeats without any frame, and the connection is taken for dead. */
  readonly heartbeatsMissedMax: number
  /** A longer frame ends the connection. UTF-16 units. */
  readonly frameLengthMax: number
}

/** How a connection ended. */
export type Ending =
  /** The server said so. */
  | { readonly kind: 'bye'; readonly bye: Bye }
  /** The socket closed with a WebSocket close code. */
  | { readonly kind: 'closed'; readonly code: number }
  /** We gave up on it. */
  | { readonly kind: 'given-up'; readonly why: string }

export interface ConnectionEvents {
  /** `hello` was said. What is sent now need not wait for the welcome: the server keeps it until then. */
  readonly onGreeted: () => void
  readonly onWelcome: (welcome: Welcome) => void
  /** Every frame after `welcome`, except `bye`. */
  readonly onFrame: (frame: ServerFrame) => void
  readonly onEnd: (ending: Ending) => void
}

// Close codes that a client may use are 1000 and 3000 to 4999 (RFC 6455, 7.4.2).
const normalClosure = 1000
const badFrameClosure = 4400
const open = 1
/** No server is believed to have a longer queue than this. */
const longestWaitMs = 120_000

export class Connection {
  readonly #settings: ConnectionSettings
  readonly #events: ConnectionEvents
  readonly #socket: Socket
  #state: 'greeting' | 'ready' | 'over' = 'greeting'
  #cancelTimer: () => void
  #heard = false
  #missed = 0

  constructor(address: string, settings: ConnectionSettings, events: ConnectionEvents) {
    this.#settings = settings
    this.#events = events
    this.#cancelTimer = this.#awaitWelcome(0)
    this.#socket = new settings.WebSocket(address)
    this.#socket.addEventListener('open', () => this.#hello())
    this.#socket.addEventListener('message', ({ data }) => this.#received(data))
    this.#socket.addEventListener('close', ({ code }) => this.#end({ kind: 'closed', code }))
    // What went wrong follows as a close; without a listener `ws` would throw it.
    this.#socket.addEventListener('error', () => undefined)
  }

  get ready(): boolean {
    return this.#state === 'ready'
  }

  send(frame: ClientFrame): void {
    if (this.#state !== 'over' && this.#socket.readyState === open) this.#socket.send(JSON.stringify(frame))
  }

  /** Leaves without a word to `onEnd`. */
  leave(): void {
    this.#silence()
    this.#socket.close(normalClosure)
  }

  #hello(): void {
    const { token, locale } = this.#settings
    this.send({ type: 'hello', v: 1, ...(token !== undefined && { token }), ...(locale && { locale }) })
    if (this.#state === 'greeting') this.#events.onGreeted()
  }

  #received(data: unknown): void {
    if (this.#state === 'over') return
    this.#heard = true
    try {
      this.#obey(this.#read(data))
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error
      this.#giveUp(error.message, badFrameClosure)
    }
  }

  #read(data: unknown): ServerFrame | undefined {
    if (typeof data !== 'string') throw new BadFrame('is not text')
    if (data.length > this.#settings.frameLengthMax) throw new BadFrame('is too long')
    return readServerFrame(data)
  }

  #obey(frame: ServerFrame | undefined): void {
    if (frame?.type === 'bye') {
      this.#end({ kind: 'bye', bye: frame })
      this.#socket.close(normalClosure)
    } else if (frame?.type === 'welcome') this.#welcomed(frame)
    else if (frame?.type === 'wait') this.#wait(frame.afterMs)
    else if (frame && this.#state === 'greeting') throw new BadFrame('came before welcome')
    else if (frame) {
      if (frame.type === 'ping') this.send({ type: 'pong', t: frame.t })
      this.#events.onFrame(frame)
    }
  }

  /** The service is busy with others who came at once: this one stays where it is in the queue. */
  #wait(afterMs: number): void {
    if (this.#state !== 'greeting') throw new BadFrame('lets one wait who is welcome')
    this.#cancelTimer()
    this.#cancelTimer = this.#awaitWelcome(Math.min(afterMs, longestWaitMs))
  }

  #awaitWelcome(afterMs: number): () => void {
    const { clock, welcomeWaitMs } = this.#settings
    return clock.after(afterMs + welcomeWaitMs, () => this.#giveUp('no welcome came'))
  }

  #welcomed(welcome: Welcome): void {
    if (this.#state === 'ready') throw new BadFrame('is a second welcome')
    this.#state = 'ready'
    this.#cancelTimer()
    this.#listen(welcome.heartbeatMs)
    this.#events.onWelcome(welcome)
  }

  /** Looks once a heartbeat whether anything came: no timer is set anew for each frame. */
  #listen(heartbeatMs: number): void {
    this.#cancelTimer = this.#settings.clock.after(heartbeatMs, () => {
      this.#missed = this.#heard ? 0 : this.#missed + 1
      this.#heard = false
      if (this.#missed >= this.#settings.heartbeatsMissedMax) this.#giveUp('the server fell silent')
      else this.#listen(heartbeatMs)
    })
  }

  #giveUp(why: string, code = normalClosure): void {
    this.#end({ kind: 'given-up', why })
    this.#socket.close(code)
  }

  #end(ending: Ending): void {
    if (this.#state === 'over') return
    this.#silence()
    this.#events.onEnd(ending)
  }

  #silence(): void {
    this.#state = 'over'
    this.#cancelTimer()
  }
}
