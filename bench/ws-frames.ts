/**
 * WebSocket framing (RFC 6455, section 5) for a client: what is needed of it, and cheap enough for 100,000 in a bench.
 *
 * Server frames are unmasked and cut anywhere by TCP; client frames are masked. `ws` does the same with an emitter, a
 * receiver and several objects per connection; the bench would then measure that.
 */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** More than any frame of the protocol (a snapshot part); a length beyond it is a framing error. */
const payloadBytesMax = 16 * 1024 * 1024

export type OnMessage = (opcode: number, payload: Buffer) => void

/** One client frame, masked. `payload` must be shorter than 64 KiB, as every frame of a client is. */
export const clientFrame = (opcode: number, payload: Buffer, mask = Math.floor(Math.random() * 2 ** 32)): Buffer => {
  if (payload.length > 0xffff) throw new RangeError(`a client frame of ${payload.length} bytes`)
  const short = payload.length < 126
  const headerBytes = short ? 6 : 8
  const frame = Buffer.allocUnsafe(headerBytes + payload.length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (short ? payload.length : 126)
  if (!short) frame.writeUInt16BE(payload.length, 2)
  frame.writeUInt32BE(mask >>> 0, headerBytes - 4)
  for (let i = 0; i < payload.length; i += 1)
    frame[headerBytes + i] = (payload[i] ?? 0) ^ (frame[headerBytes - 4 + (i & 3)] ?? 0)
  return frame
}

interface Header {
  readonly final: boolean
  readonly opcode: number
  readonly start: number
  readonly end: number
}

/** Reads server frames from chunks, of which it keeps nothing. Control frames may stand between the parts of a fragmented message. */
export class FrameReader {
  readonly #onMessage: OnMessage
  #rest: Buffer | undefined
  #parts: Buffer[] = []
  #partsOpcode = 0

  constructor(onMessage: OnMessage) {
    this.#onMessage = onMessage
  }

  /** Calls back for each message that is complete. Throws on what no server may send. */
  push(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (let header = headerAt(bytes, at); header !== undefined; header = headerAt(bytes, at)) {
      at = header.end
      this.#take(header, bytes.subarray(header.start, header.end))
    }
    // a copy: the chunk may be overwritten by the next one, here and for the parts below
    this.#rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at))
  }

  #take(header: Header, payload: Buffer): void {
    if (header.opcode >= opcodes.close || (header.final && header.opcode !== opcodes.continuation)) {
      this.#onMessage(header.opcode, payload)
      return
    }
    if (header.opcode !== opcodes.continuation) this.#partsOpcode = header.opcode
    this.#parts.push(Buffer.from(payload))
    if (!header.final) return
    const whole = Buffer.concat(this.#parts)
    this.#parts = []
    this.#onMessage(this.#partsOpcode, whole)
  }
}

/** The frame that begins at `at`, when all of it is there. */
const headerAt = (bytes: Buffer, at: number): Header | undefined => {
  if (bytes.length - at < 2) return undefined
  const first = bytes[at] ?? 0
  const second = bytes[at + 1] ?? 0
  if ((second & 0x80) !== 0) throw new Error('a server frame is masked')
  const short = second & 0x7f
  const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
  if (bytes.length < start) return undefined
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
  if (length > payloadBytesMax) throw new Error(`a server frame of ${length} bytes`)
  if (bytes.length < start + length) return undefined
  return { final: (first & 0x80) !== 0, opcode: first & 0x0f, start, end: start + length }
}
