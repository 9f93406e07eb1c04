/**
 * A WebSocket client on a bare TCP socket, for benches that hold 100,000 of them: handshake, frames, pings, nothing else.
 *
 * What the frames say is its owner's business (bench/stream-client.ts, bench/fanout/dialects.ts).
 */
import { type ClockUs, nowUs } from './clock.js'
import type { Source } from './source.js'
import { Tcp } from './tcp.js'
import { clientFrame, FrameReader, opcodes } from './ws-frames.js'

export interface WsTarget {
  readonly host: string
  readonly port: number
  /** With query, for example `/v1/stream`. */
  readonly path: string
  readonly subprotocol?: string
  readonly source?: Source
  readonly clock?: ClockUs
  /** Called at each read, before anything is done with it. */
  readonly onRead?: () => void
}

export interface Loss {
  readonly reason: string
  /** The server asked to stay away at least so long. */
  readonly afterMs?: number
}

export interface WsOwner {
  readonly onOpen: () => void
  /** `bytes` from `start` to `end` is the payload; it is overwritten by the next one. */
  readonly onMessage: (opcode: number, bytes: Buffer, start: number, end: number, receivedUs: number) => void
  /** The connection ended, for whatever reason; not called after `close()` or `reset()`. */
  readonly onLost: (loss: Loss) => void
}

// The pair of RFC 6455, section 1.3. A new key for each of 100,000 connections would prove nothing more.
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Source ports that are taken by somebody else are passed over, at most so many. */
const portsTriedMax = 200

export class WsClient {
  readonly #target: WsTarget
  readonly #owner: WsOwner
  #socket: Tcp
  #reader: FrameReader | undefined
  #handshake = ''
  #receivedUs = 0
  #closed = false
  #portsTried = 0

  constructor(target: WsTarget, owner: WsOwner) {
    this.#target = target
    this.#owner = owner
    this.#socket = this.#connect()
  }

  /** Masked with zeros, which costs nothing to apply: the mask protects proxies, and there are none here. */
  sendText(text: string): void {
    if (!this.#closed) this.#socket.write(clientFrame(opcodes.text, Buffer.from(text), 0))
  }

  /** Several frames in one write. */
  sendTexts(...texts: readonly string[]): void {
    if (!this.#closed)
      this.#socket.write(Buffer.concat(texts.map((text) => clientFrame(opcodes.text, Buffer.from(text), 0))))
  }

  sendBinary(bytes: Buffer): void {
    if (!this.#closed) this.#socket.write(clientFrame(opcodes.binary, bytes))
  }

  /** Stops reading; what the server sends fills the kernel's buffers. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends the connection with a reset, which leaves nothing behind in either kernel table. */
  reset(): void {
    this.#closed = true
    this.#socket.end('reset')
  }

  /** Ends the connection and says why to the owner. */
  lose(loss: Loss): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.end('close')
    this.#owner.onLost(loss)
  }

  #connect(): Tcp {
    const { host, port, source } = this.#target
    const local = source && { address: source.address, port: source.port() }
    return new Tcp(
      { host, port, ...(local && { local }) },
      {
        onConnect: () => this.#upgrade(),
        onBytes: (bytes, length) => this.#take(bytes, length),
        onEnd: (code) => this.#ended(code),
      },
    )
  }

  #ended(code: string | undefined): void {
    const taken = code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'
    this.#portsTried += 1
    if (taken && this.#target.source && this.#portsTried < portsTriedMax) this.#socket = this.#connect()
    else this.lose({ reason: code ?? 'closed' })
  }

  #upgrade(): void {
    const { host, port, path, subprotocol } = this.#target
    const text =
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n` +
      `${subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`}\r\n`
    this.#socket.write(Buffer.from(text))
  }

  /** Must not keep `bytes`: they are overwritten by what comes in next, on whatever connection. */
  #take(bytes: Buffer, length: number): void {
    if (this.#closed) return
    const { clock = nowUs, onRead } = this.#target
    this.#receivedUs = clock()
    onRead?.()
    try {
      if (this.#reader === undefined) this.#shake(bytes.subarray(0, length))
      else this.#reader.push(bytes, length)
    } catch (error) {
      this.lose({ reason: error instanceof Error ? error.message : String(error) })
    }
  }

  #shake(chunk: Buffer): void {
    this.#handshake += chunk.toString('latin1')
    const end = this.#handshake.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#handshake.slice(0, end)
    const rest = Buffer.from(this.#handshake.slice(end + 4), 'latin1')
    this.#handshake = ''
    if (!head.startsWith('HTTP/1.1 101 ') || !head.includes(accept)) {
      this.lose(refusal(head))
      return
    }
    this.#reader = new FrameReader((opcode, payload, start, stop) => this.#message(opcode, payload, start, stop))
    this.#owner.onOpen()
    if (rest.length > 0) this.#reader?.push(rest, rest.length)
  }

  #message(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (this.#closed) return
    if (opcode === opcodes.ping) this.#socket.write(clientFrame(opcodes.pong, Buffer.from(bytes.subarray(start, end))))
    else if (opcode === opcodes.close)
      this.lose({ reason: `closed with ${end - start >= 2 ? bytes.readUInt16BE(start) : 'no code'}` })
    else this.#owner.onMessage(opcode, bytes, start, end, this.#receivedUs)
  }
}

/** What a server says that does not upgrade: its status, and how long to stay away. */
const refusal = (head: string): Loss => {
  const after = /\r\nretry-after: *([0-9.]+)/i.exec(head)?.[1]
  const reason = `no upgrade: ${head.split('\r\n', 1)[0]}`
  return after === undefined ? { reason } : { reason, afterMs: Number(after) * 1e3 }
}
