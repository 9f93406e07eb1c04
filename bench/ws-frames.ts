/**
 * WebSocket framing (RFC 6455, section 5) for a client: what is needed of it, and cheap enough for 100,000 in a bench.
 *
 * Server frames are unmasked and cut anywhere by TCP; client frames are masked. `ws` does the same with an emitter, a
 * receiver and several objects per connection; the bench would then measure that.
 */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** More than any frame of the protocol (a snapshot part); a length beyond it is a framing error. */
const payloadBytesMax = 16 * 1024 * 1024

/** `bytes` from `start` to `end` is the payload; it may be overwritten once the call has returned. */
export type OnMessage = (opcode: number, bytes: Buffer, start: number, end: number) => void

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
  if (mask === 0) payload.copy(frame, headerBytes)
  else
    for (let i = 0; i < payload.length; i += 1)
      frame[headerBytes + i] = (payload[i] ?? 0) ^ (frame[headerBytes - 4 + (i & 3)] ?? 0)
  return frame
}

/** Where a frame stands in the bytes read. */
interface Header {
  final: boolean
  opcode: number
  start: number
  end: number
}

/** One for all readers, overwritten frame by frame: 60,000 a second are read. */
const header: Header = { final: true, opcode: 0, start: 0, end: 0 }

/** Reads server frames from chunks, of which it keeps nothing. Control frames may stand between the parts of a fragmented message. */
export class FrameReader {
  readonly #onMessage: OnMessage
  #rest: Buffer | undefined
  #parts: Buffer[] | undefined
  #partsOpcode = 0

  constructor(onMessage: OnMessage) {
    this.#onMessage = onMessage
  }

  /** Calls back for each message that is complete in the first `length` bytes. Throws on what no server may send. */
  push(chunk: Buffer, length = chunk.length): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk.subarray(0, length)])
    const stop = this.#rest === undefined ? length : bytes.length
    let at = 0
    while (readHeader(bytes, at, stop)) {
      at = header.end
      this.#take(bytes, header)
    }
    // a copy: the chunk may be overwritten by the next one, here and for the parts below
    this.#rest = at === stop ? undefined : Buffer.from(bytes.subarray(at, stop))
  }

  #take(bytes: Buffer, { final, opcode, start, end }: Header): void {
    if (opcode >= opcodes.close || (final && opcode !== opcodes.continuation)) {
      this.#onMessage(opcode, bytes, start, end)
      return
    }
    if (opcode !== opcodes.continuation) this.#partsOpcode = opcode
    this.#parts ??= []
    this.#parts.push(Buffer.from(bytes.subarray(start, end)))
    if (!final) return
    const whole = Buffer.concat(this.#parts)
    this.#parts = undefined
    this.#onMessage(this.#partsOpcode, whole, 0, whole.length)
  }
}

/** Fills `header` with the frame that begins at `at`; false when not all of it is there. */
const readHeader = (bytes: Buffer, at: number, stop: number): boolean => {
  if (stop - at < 2) return false
  const first = bytes[at] ?? 0
  const second = bytes[at + 1] ?? 0
  if ((second & 0x80) !== 0) throw new Error('a server frame is masked')
  const short = second & 0x7f
  const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
  if (stop < start) return false
  const length = short < 126 ? short : lengthAt(bytes, at + 2, short)
  if (length > payloadBytesMax) throw new Error(`a server frame of ${length} bytes`)
  if (stop < start + length) return false
  header.final = (first & 0x80) !== 0
  header.opcode = first & 0x0f
  header.start = start
  header.end = start + length
  return true
}

const lengthAt = (bytes: Buffer, at: number, short: number): number =>
  short === 126 ? ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0) : Number(bytes.readBigUInt64BE(at))
