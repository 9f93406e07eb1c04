/**
 * The bytes between the core and a push process: length-prefixed messages on a Unix socket.
 *
 * A transition is encoded once in the core, as JSON without its braces and without topic, `n` and `p`; a small binary
 * head beside it names those. So a push process builds a frame by joining three buffers and never parses JSON that it
 * only passes on.
 *
 *   message      u32 length of what follows, u8 kind, payload
 *   transitions  u8 stamped, f64 received, f64 durable, f64 judged, u32 count, count × transition
 *   transition   f64 n, u8 colour bits, u8 topics, topics × (u16 length, topic, f64 p), u32 length, body
 *   snapshot     u16 length, topic, f64 n, u32 parts, parts × (u32 length, JSON array)
 *   all others   JSON
 */
import { QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import { shownFields } from '../core/shown.js'
import type { Transition } from '../core/transition.js'
import { colourBitsOf } from './topics.js'

export const kinds = {
  // push -> core
  hello: 1,
  need: 2,
  interest: 3,
  stats: 4,
  // core -> push
  sync: 10,
  transitions: 11,
  current: 12,
  clock: 13,
  figures: 14,
  snapshot: 15,
  catchUp: 16,
  refused: 17,
} as const

/** Moments of a frame, in microseconds of CLOCK_MONOTONIC. */
export interface Stamps {
  readonly receivedUs: number
  readonly durableUs: number
  readonly judgedUs: number
}

/** A transition as a push process holds it. */
export interface Frame {
  readonly n: N
  readonly colourBits: number
  readonly topics: readonly { readonly topic: string; readonly p: N }[]
  /** JSON of the transition without braces, `n` and topics. */
  readonly body: Buffer
  /** What ends the frame: `}`, or the stamps. Written when it is first published. */
  tail: string | undefined
  readonly stamps: Stamps | undefined
}

export interface EncodedSnapshot {
  readonly topic: string
  readonly n: N
  /** Each a JSON array of items. */
  readonly parts: readonly Buffer[]
}

const headBytes = 5

export function jsonMessage(kind: number, value: unknown): Buffer {
  const text = JSON.stringify(value)
  const message = Buffer.allocUnsafe(headBytes + Buffer.byteLength(text))
  message.writeUInt32LE(message.length - 4, 0)
  message[4] = kind
  message.write(text, headBytes)
  return message
}

function message(kind: number, pieces: readonly Buffer[]): Buffer {
  const head = Buffer.allocUnsafe(headBytes)
  const whole = Buffer.concat([head, ...pieces])
  whole.writeUInt32LE(whole.length - 4, 0)
  whole[4] = kind
  return whole
}

/** What a frame says of a transition, beside topic, `n` and `p`: the fields of `GET /v1/transitions`. */
export const bodyOf = (transition: Transition): string => JSON.stringify(shownFields(transition)).slice(1, -1)

function transitionPieces(transition: Transition): Buffer[] {
  const topics = Object.entries(transition.topics)
  const head = Buffer.allocUnsafe(10)
  head.writeDoubleLE(transition.n, 0)
  head[8] = colourBitsOf(transition)
  head[9] = topics.length
  const body = Buffer.from(bodyOf(transition))
  return [head, ...topics.flatMap(([topic, p]) => [sized16(topic), float64(p)]), uint32(body.length), body]
}

export function transitionsMessage(transitions: readonly Transition[], stamps?: Stamps): Buffer {
  const head = Buffer.alloc(29)
  head[0] = stamps ? 1 : 0
  head.writeDoubleLE(stamps?.receivedUs ?? 0, 1)
  head.writeDoubleLE(stamps?.durableUs ?? 0, 9)
  head.writeDoubleLE(stamps?.judgedUs ?? 0, 17)
  head.writeUInt32LE(transitions.length, 25)
  return message(kinds.transitions, [head, ...transitions.flatMap(transitionPieces)])
}

/** The answer to a catch-up: the transitions of `topic` with `since` < n <= `upTo`, complete. */
export function catchUpMessage(topic: string, since: N, upTo: N, transitions: readonly Transition[]): Buffer {
  const batch = transitionsMessage(transitions).subarray(headBytes)
  return message(kinds.catchUp, [sized16(topic), float64(since), float64(upTo), batch])
}

export function snapshotMessage(topic: string, n: N, parts: readonly string[]): Buffer {
  const pieces = parts.flatMap((part) => {
    const bytes = Buffer.from(part)
    return [uint32(bytes.length), bytes]
  })
  return message(kinds.snapshot, [sized16(topic), float64(n), uint32(parts.length), ...pieces])
}

function sized16(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.allocUnsafe(2)
  length.writeUInt16LE(bytes.length)
  return Buffer.concat([length, bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function float64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleLE(value)
  return bytes
}

/** Reads fields one after the other; a message that is shorter than it says throws a RangeError. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#advance(1))
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2))
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4))
  }

  float64(): number {
    return this.#bytes.readDoubleLE(this.#advance(8))
  }

  /** A number of a transition: kept as a small integer where it is one, which costs no object of its own. */
  n(): N {
    const value = this.float64()
    return (value < 2 ** 30 ? value | 0 : value) as N
  }

  slice(length: number): Buffer {
    const from = this.#advance(length)
    return this.#bytes.subarray(from, this.#at)
  }

  text(): string {
    return this.slice(this.uint16()).toString()
  }

  #advance(length: number): number {
    const from = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('the message is shorter than it says')
    return from
  }
}

function readFrames(reader: Reader): Frame[] {
  const stamped = reader.uint8() === 1
  const moments = { receivedUs: reader.float64(), durableUs: reader.float64(), judgedUs: reader.float64() }
  const stamps = stamped ? moments : undefined
  return Array.from({ length: reader.uint32() }, () => {
    const n = reader.n()
    const colourBits = reader.uint8()
    const topics = Array.from({ length: reader.uint8() }, () => ({ topic: reader.text(), p: reader.n() }))
    return { n, colourBits, topics, body: reader.slice(reader.uint32()), tail: undefined, stamps }
  })
}

export const readTransitions = (payload: Buffer): Frame[] => readFrames(new Reader(payload))

export function readCatchUp(payload: Buffer): { topic: string; since: N; upTo: N; frames: Frame[] } {
  const reader = new Reader(payload)
  const topic = reader.text()
  const since = reader.n()
  const upTo = reader.n()
  return { topic, since, upTo, frames: readFrames(reader) }
}

export function readSnapshot(payload: Buffer): EncodedSnapshot {
  const reader = new Reader(payload)
  const topic = reader.text()
  const n = reader.n()
  return { topic, n, parts: Array.from({ length: reader.uint32() }, () => reader.slice(reader.uint32())) }
}

export type OnMessage = (kind: number, payload: Buffer) => void

/**
 * Cuts a stream of bytes into messages. A message over `messageBytesMax` throws: the other side is not ours, or is
 * broken, and the connection must end.
 */
export function createSplitter(messageBytesMax: number, onMessage: OnMessage): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = headBytes
  return (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    if (held < wanted) return
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    while (rest.length >= headBytes) {
      const length = rest.readUInt32LE(0)
      if (length < 1 || length > messageBytesMax)
        throw new QwError('QW_FRAME_INVALID', { reason: `a message of ${length} bytes on the bus` })
      wanted = 4 + length
      if (rest.length < wanted) break
      onMessage(rest.readUInt8(4), rest.subarray(headBytes, wanted))
      rest = rest.subarray(wanted)
      wanted = headBytes
    }
    chunks = rest.length > 0 ? [rest] : []
    held = rest.length
  }
}
