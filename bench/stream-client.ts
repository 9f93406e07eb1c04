/**
 * One client of `/v1/stream` on a bare TCP socket: handshake, hello, subscribe, answer pings, count transitions.
 *
 * 100,000 of these live in a handful of processes, so each is a few fields and one reader. It speaks docs/stream.md and
 * nothing else, and leaves judging to its owner (bench/clients-process.ts).
 */
import { createHash, randomBytes } from 'node:crypto'
import net from 'node:net'
import { type ClockUs, nowUs } from './clock.js'
import { emptyTransitionText, isTransitionText, readTransition, type TransitionText } from './frame-text.js'
import { type Receipt, receive, startReceipt } from './receipts.js'
import { clientFrame, FrameReader, opcodes } from './ws-frames.js'

export interface StreamClientSettings {
  readonly host: string
  readonly port: number
  /** Loopback address to come from; one address has only 28,000 ports. */
  readonly sourceAddress?: string
  readonly clock?: ClockUs
}

/** What a client tells its owner. */
export interface StreamClientEvents {
  /** Every topic is subscribed and its snapshot is in. */
  readonly onReady: () => void
  /** A transition that is no duplicate. `frame` is overwritten by the next one. */
  readonly onTransition: (frame: TransitionText, receivedUs: number) => void
  readonly onMalformed: (text: string) => void
  /** The connection ended, for whatever reason; not called after `close()`. */
  readonly onLost: (reason: string) => void
}

/**
 * Shared by all clients of a process, since bytes are read one chunk at a time: without a stream and a buffer for each
 * chunk a delivery costs a third less.
 */
const sharedBytes = Buffer.allocUnsafe(64 * 1024)
const scratch = emptyTransitionText()

const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

interface ServerFrame {
  readonly type?: string
  readonly topic?: string
  readonly head?: number
  readonly n?: number
  readonly resumed?: boolean
  readonly parts?: number
  readonly t?: unknown
  readonly code?: string
}

export class StreamClient {
  readonly receipts: readonly Receipt[]
  readonly #settings: StreamClientSettings
  readonly #events: StreamClientEvents
  readonly #clock: ClockUs
  readonly #socket: net.Socket
  readonly #key = randomBytes(16).toString('base64')
  #reader: FrameReader | undefined
  #handshake = ''
  /** Parts of snapshots and `subscribed` frames still awaited, per topic. */
  readonly #awaited: Map<string, number>
  #receivedUs = 0
  #closed = false

  constructor(settings: StreamClientSettings, receipts: readonly Receipt[], events: StreamClientEvents) {
    this.receipts = receipts
    this.#settings = settings
    this.#events = events
    this.#clock = settings.clock ?? nowUs
    this.#awaited = new Map(receipts.map((receipt) => [receipt.topic, Number.POSITIVE_INFINITY]))
    const { host, port, sourceAddress } = settings
    this.#socket = net.connect({
      host,
      port,
      noDelay: true,
      onread: { buffer: sharedBytes, callback: (length, bytes) => this.#take(bytes as Buffer, length) },
      ...(sourceAddress && { localAddress: sourceAddress }),
    })
    this.#socket.on('connect', () => this.#upgrade())
    this.#socket.on('error', (error) => this.#lose(error.message))
    this.#socket.on('close', () => this.#lose('closed'))
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #upgrade(): void {
    const { host, port } = this.#settings
    this.#socket.write(
      `GET /v1/stream HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${this.#key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
  }

  /** Must not keep `bytes`: they are overwritten by what comes in next, on whatever connection. */
  #take(bytes: Buffer, length: number): boolean {
    if (this.#closed) return false
    const chunk = bytes.subarray(0, length)
    this.#receivedUs = this.#clock()
    try {
      if (this.#reader === undefined) this.#shake(chunk)
      else this.#reader.push(chunk)
    } catch (error) {
      this.#lose(error instanceof Error ? error.message : String(error))
    }
    return !this.#closed
  }

  #shake(chunk: Buffer): void {
    this.#handshake += chunk.toString('latin1')
    const end = this.#handshake.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#handshake.slice(0, end)
    const rest = Buffer.from(this.#handshake.slice(end + 4), 'latin1')
    this.#handshake = ''
    if (!head.startsWith('HTTP/1.1 101 ') || !head.includes(acceptOf(this.#key)))
      throw new Error(`no upgrade: ${head.split('\r\n', 1)[0]}`)
    this.#reader = new FrameReader((opcode, payload) => this.#message(opcode, payload))
    this.#send({ type: 'hello', v: 1 })
    if (rest.length > 0) this.#reader.push(rest)
  }

  #send(frame: object): void {
    this.#socket.write(clientFrame(opcodes.text, Buffer.from(JSON.stringify(frame))))
  }

  #message(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.text) this.#text(payload)
    else if (opcode === opcodes.ping) this.#socket.write(clientFrame(opcodes.pong, payload))
    else if (opcode === opcodes.close)
      this.#lose(`closed with ${payload.length >= 2 ? payload.readUInt16BE(0) : 'no code'}`)
  }

  #text(payload: Buffer): void {
    // latin1: what is searched for is ASCII, and decoding UTF-8 would cost several times as much
    const text = payload.toString('latin1')
    if (isTransitionText(text)) this.#transition(text)
    else this.#other(JSON.parse(payload.toString()) as ServerFrame, text)
  }

  #transition(text: string): void {
    if (!readTransition(text, scratch)) {
      this.#events.onMalformed(text)
      return
    }
    const receipt = this.#receiptOf(scratch.topic)
    if (receipt === undefined) this.#events.onMalformed(text)
    else if (receive(receipt, scratch.n, scratch.p)) this.#events.onTransition(scratch, this.#receivedUs)
  }

  #receiptOf(topic: string): Receipt | undefined {
    for (const receipt of this.receipts) if (receipt.topic === topic) return receipt
    return undefined
  }

  #other(frame: ServerFrame, text: string): void {
    switch (frame.type) {
      case 'welcome':
        this.#send({ type: 'subscribe', topics: this.receipts.map(({ topic }) => ({ topic })) })
        return
      case 'subscribed':
        this.#subscribed(frame)
        return
      case 'snapshot':
        this.#snapshotPart(frame)
        return
      case 'ping':
        this.#send({ type: 'pong', t: frame.t })
        return
      case 'transition':
        this.#transition(text)
        return
      case 'error':
      case 'bye':
        this.#lose(`${frame.type} ${frame.code}`)
    }
  }

  #subscribed(frame: ServerFrame): void {
    const receipt = this.#receiptOf(frame.topic ?? '')
    if (receipt === undefined || frame.head === undefined) return
    startReceipt(receipt, frame.head)
    if (frame.resumed === true) this.#topicReady(receipt.topic)
  }

  #snapshotPart(frame: ServerFrame): void {
    const topic = frame.topic ?? ''
    const receipt = this.#receiptOf(topic)
    if (receipt !== undefined && frame.n !== undefined) startReceipt(receipt, frame.n)
    const awaited = this.#awaited.get(topic)
    if (awaited === undefined) return
    const left = (awaited === Number.POSITIVE_INFINITY ? (frame.parts ?? 1) : awaited) - 1
    if (left <= 0) this.#topicReady(topic)
    else this.#awaited.set(topic, left)
  }

  #topicReady(topic: string): void {
    if (this.#awaited.delete(topic) && this.#awaited.size === 0) this.#events.onReady()
  }

  #lose(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    this.#events.onLost(reason)
  }
}
