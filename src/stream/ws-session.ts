/**
 * A client on a WebSocket.
 *
 * What a client owes us in reading cannot be seen from here: the kernel takes 46 kB for a connection over Ethernet and
 * 2.5 MB on loopback before a write waits, and may grow that to `net.ipv4.tcp_wmem` (4 MB). So every so many bytes a
 * ping of the WebSocket itself goes along, which any client answers without a word from its program; what was sent
 * before it has been read when the answer comes. Beyond `sendQueueBytesMax` without an answer nothing more is sent. That
 * bounds what the kernel holds for a client that has stopped reading, whatever its settings are.
 */
import type { WebSocket } from 'uWebSockets.js'
import { errorRow } from '../core/errors.js'
import type { N } from '../core/names.js'
import { pingFrame } from './frames.js'
import { closeOfDefect, type LastWords, type Pump, Session } from './session.js'

export interface SocketData {
  session: WsSession | undefined
}

export type Socket = WebSocket<SocketData>

export interface WsSessionSettings {
  /** A client that owes us so much reading is given nothing more until it has read. */
  readonly sendQueueBytesMax: number
  readonly clientFramesPerSecondMax: number
}

/** Frames are counted in thousandths, so that the allowance is a small whole number, which costs no object. */
export const frameUnits = 1000

export class WsSession extends Session {
  readonly socket: Socket
  readonly openedAtMs: number
  /** Thousandths of frames that it may still send, and since when they grow again. */
  frameAllowance: number
  allowedAtMs: number
  /** The socket library dropped a frame: the connection ends in the next turn. */
  dropped = false
  readonly #bytesMax: number
  /** Bytes that were sent and are not known to be read. */
  #owedBytes = 0
  /** Of these, the ones that the open probe speaks for; 0 while none is open. */
  #probedBytes = 0
  #probes = 0

  constructor(socket: Socket, settings: WsSessionSettings, nowMs: number, pump: Pump) {
    super(pump)
    this.socket = socket
    this.openedAtMs = nowMs
    this.frameAllowance = settings.clientFramesPerSecondMax * frameUnits
    this.allowedAtMs = nowMs
    this.#bytesMax = settings.sendQueueBytesMax
  }

  get apart(): boolean {
    return false
  }

  get open(): boolean {
    return this.state !== 'closed' && !this.dropped
  }

  get full(): boolean {
    return this.#owedBytes >= this.#bytesMax
  }

  send(frame: string | Buffer): void {
    if (!this.open) return
    this.socket.send(frame)
    this.owe(frame.length)
  }

  greet(frame: string): void {
    this.send(frame)
  }

  cork(write: () => void): void {
    if (!this.open) return
    const { corked } = this
    this.corked = true
    this.socket.cork(write)
    this.corked = corked
  }

  end({ code, frame }: LastWords): void {
    this.send(frame)
    this.socket.end(errorRow(code).close ?? closeOfDefect, code)
  }

  beat(nowMs: number, heads: () => Readonly<Record<string, N>>): void {
    this.pingOpen = nowMs
    this.send(pingFrame(nowMs, heads()))
  }

  owe(bytes: number): boolean {
    this.#owedBytes += bytes
    if (this.#probedBytes === 0 && this.#owedBytes >= this.#bytesMax / 2) this.#probe()
    return this.full
  }

  /** The answer to a ping of the WebSocket; any that we did not ask for is let be. */
  ponged(text: string): void {
    if (this.#probedBytes === 0 || text !== String(this.#probes)) return
    this.#owedBytes -= this.#probedBytes
    this.#probedBytes = 0
    if (this.#owedBytes >= this.#bytesMax / 2) this.#probe()
  }

  join(cohort: string): void {
    this.socket.subscribe(cohort)
  }

  leave(cohort: string): void {
    if (this.state !== 'closed') this.socket.unsubscribe(cohort)
  }

  #probe(): void {
    if (!this.open) return
    this.#probes += 1
    this.#probedBytes = this.#owedBytes
    this.socket.ping(String(this.#probes))
  }
}
