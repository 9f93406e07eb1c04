/**
 * The writer's end of the socket to the core: it comes back by itself when the core was away.
 */
import { connect, type Socket } from 'node:net'
import { hear, reportAtLeastEveryMs, type Settled, type WriterReport } from './writer-words.js'

export interface WriterLinkSettings {
  readonly path: string
  readonly reconnectMs: number
  readonly reconnectMsMax: number
  readonly report: () => WriterReport
}

/** How often a change is looked for. */
const reportEveryMs = 50

export class WriterLink {
  readonly #settings: WriterLinkSettings
  readonly #timer: NodeJS.Timeout
  #socket: Socket | undefined
  #again: NodeJS.Timeout | undefined
  #failures = 0
  #stopped = false
  #said = ''
  #saidMs = 0
  #settled: Settled = { position: 0 as Settled['position'], n: 0 as Settled['n'] }

  constructor(settings: WriterLinkSettings) {
    this.#settings = settings
    this.#timer = setInterval(() => this.#say(), reportEveryMs)
    this.#connect()
  }

  /** The last that the core said; nothing before it has. */
  get settled(): Settled {
    return this.#settled
  }

  close(): void {
    this.#stopped = true
    clearInterval(this.#timer)
    clearTimeout(this.#again)
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = connect(this.#settings.path)
    socket.on('connect', () => {
      this.#socket = socket
      this.#failures = 0
      this.#said = ''
      this.#say()
    })
    hear<Settled>(socket, (settled) => {
      this.#settled = settled
    })
    socket.on('close', () => this.#lost())
  }

  #lost(): void {
    this.#socket = undefined
    if (this.#stopped) return
    const { reconnectMs, reconnectMsMax } = this.#settings
    this.#again = setTimeout(() => this.#connect(), Math.min(reconnectMs * 2 ** this.#failures, reconnectMsMax))
    this.#failures = Math.min(this.#failures + 1, 30)
  }

  #say(): void {
    const text = JSON.stringify(this.#settings.report())
    const isDue = performance.now() - this.#saidMs >= reportAtLeastEveryMs
    if (!this.#socket || (text === this.#said && !isDue)) return
    this.#said = text
    this.#saidMs = performance.now()
    this.#socket.write(`${text}\n`)
  }
}
