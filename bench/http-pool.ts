/**
 * A small HTTP/1.1 client for one kind of request: POST a JSON body over kept-alive connections, as cheaply as possible.
 *
 * Open loop needs a free connection for every request that is due, whatever the earlier ones are waiting for, so the
 * pool grows up to a bound. It reads only what the bench needs: the status and whether the event was accepted.
 */
import net from 'node:net'
import { Fifo } from '../src/stream/fifo.js'
import { type ClockUs, nowUs } from './clock.js'

export interface HttpPoolSettings {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly contentType: string
  /** Requests in flight at once; a further one waits, and its lateness is the generator's own. */
  readonly connectionsMax: number
  readonly answerWaitMs: number
  readonly clock?: ClockUs
}

export interface Answer {
  /** 0 when the connection failed or no answer came in time. */
  readonly status: number
  readonly body: string
  readonly sentUs: number
  readonly answeredUs: number
  /** Of a 503: the seconds that its Retry-After says, as it stands there. */
  readonly retryAfter?: string
  /** Why the status is 0. */
  readonly reason?: string
}

type OnAnswer = (answer: Answer) => void

interface Waiting {
  readonly body: string
  readonly onAnswer: OnAnswer
}

const answersMark = '\r\n\r\n'

/** One connection: at most one request in flight. */
class Connection {
  /** Resolves when it is open, or has failed. */
  readonly connected: Promise<void>
  readonly #socket: net.Socket
  readonly #clock: ClockUs
  readonly #onFree: (connection: Connection) => void
  readonly #onGone: (connection: Connection) => void
  #text = ''
  #sentUs = 0
  #onAnswer: OnAnswer | undefined

  constructor(
    settings: HttpPoolSettings,
    onFree: (connection: Connection) => void,
    onGone: (connection: Connection) => void,
  ) {
    this.#clock = settings.clock ?? nowUs
    this.#onFree = onFree
    this.#onGone = onGone
    this.#socket = net.connect({ host: settings.host, port: settings.port, noDelay: true })
    this.connected = new Promise((resolve) => {
      this.#socket.once('connect', resolve).once('close', () => resolve())
    })
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#fail(error.message))
    this.#socket.on('close', () => this.#fail('the connection was closed'))
  }

  send(head: string, { body, onAnswer }: Waiting): void {
    this.#onAnswer = onAnswer
    this.#sentUs = this.#clock()
    this.#socket.write(`${head}${Buffer.byteLength(body)}${answersMark}${body}`)
  }

  /** Ends the request in flight when it was sent before `sentBeforeUs`. */
  expire(sentBeforeUs: number): void {
    if (this.#onAnswer !== undefined && this.#sentUs < sentBeforeUs) this.#fail('no answer in time')
  }

  close(): void {
    this.#fail('the pool was closed')
  }

  #take(chunk: Buffer): void {
    // Nobody asked: the server says that it waited too long for a request, and closes.
    if (this.#onAnswer === undefined) {
      this.#fail('an answer without a request')
      return
    }
    this.#text = this.#text === '' ? chunk.toString('latin1') : this.#text + chunk.toString('latin1')
    const headEnd = this.#text.indexOf(answersMark)
    if (headEnd < 0) return
    const length = /\r\ncontent-length: *([0-9]+)/i.exec(this.#text.slice(0, headEnd))
    if (length === null) {
      this.#fail('an answer without content-length')
      return
    }
    const bodyStart = headEnd + answersMark.length
    const bodyEnd = bodyStart + Number(length[1])
    if (this.#text.length >= bodyEnd) this.#answer(this.#text.slice(0, headEnd), this.#text.slice(bodyStart, bodyEnd))
  }

  #answer(head: string, body: string): void {
    const onAnswer = this.#onAnswer
    const status = Number(head.slice(9, 12))
    this.#text = ''
    this.#onAnswer = undefined
    const retryAfter = status === 503 ? /\r\nretry-after: *([0-9]+)/i.exec(head)?.[1] : undefined
    const times = { sentUs: this.#sentUs, answeredUs: this.#clock() }
    onAnswer?.({ status, body, ...times, ...(retryAfter !== undefined && { retryAfter }) })
    this.#onFree(this)
  }

  #fail(reason: string): void {
    const onAnswer = this.#onAnswer
    this.#onAnswer = undefined
    this.#socket.destroy()
    this.#onGone(this)
    onAnswer?.({ status: 0, body: '', sentUs: this.#sentUs, answeredUs: this.#clock(), reason })
  }
}

export class HttpPool {
  readonly #settings: HttpPoolSettings
  readonly #head: string
  readonly #all = new Set<Connection>()
  readonly #free: Connection[] = []
  #waiting = new Fifo<Waiting>()
  readonly #timer: NodeJS.Timeout
  #closed = false

  constructor(settings: HttpPoolSettings) {
    this.#settings = settings
    this.#head =
      `POST ${settings.path} HTTP/1.1\r\nHost: ${settings.host}:${settings.port}\r\n` +
      `Content-Type: ${settings.contentType}\r\nContent-Length: `
    const clock = settings.clock ?? nowUs
    this.#timer = setInterval(() => {
      const sentBeforeUs = clock() - settings.answerWaitMs * 1e3
      for (const connection of this.#all) connection.expire(sentBeforeUs)
    }, 1_000)
    this.#timer.unref()
  }

  get connections(): number {
    return this.#all.size
  }

  /**
   * Opens so many connections beforehand. Those that a stall calls for later must not wait for their handshakes: a
   * server that does not accept lets the kernel drop them, and the next try comes after a second, then three.
   */
  async warm(count: number): Promise<void> {
    const missing = Math.min(count, this.#settings.connectionsMax) - this.#all.size
    const opened = Array.from({ length: Math.max(0, missing) }, () => this.#open())
    this.#free.push(...opened)
    await Promise.all(opened.map(({ connected }) => connected))
  }

  /** Sends now when a connection is free or may be opened, else as soon as one is. */
  post(body: string, onAnswer: OnAnswer): void {
    const connection = this.#free.pop() ?? (this.#all.size < this.#settings.connectionsMax ? this.#open() : undefined)
    if (connection === undefined) this.#waiting.push({ body, onAnswer })
    else connection.send(this.#head, { body, onAnswer })
  }

  /** Ends what is in flight with status 0. */
  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
    this.#waiting = new Fifo()
    for (const connection of [...this.#all]) connection.close()
  }

  #open(): Connection {
    const connection = new Connection(
      this.#settings,
      (free) => this.#next(free),
      (gone) => this.#forget(gone),
    )
    this.#all.add(connection)
    return connection
  }

  #next(connection: Connection): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#free.push(connection)
    else connection.send(this.#head, waiting)
  }

  #forget(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const at = this.#free.indexOf(connection)
    if (at >= 0) this.#free.splice(at, 1)
    const waiting = this.#closed ? undefined : this.#waiting.shift()
    if (waiting !== undefined) this.#open().send(this.#head, waiting)
  }
}
