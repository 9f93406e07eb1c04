/**
 * How a client of each server says what it must say to hear the broadcast, and knows one when it comes.
 *
 * Each is as small as the protocol allows, so that what is compared are the servers.
 */
import { opcodes } from '../ws-frames.js'

export interface Voice {
  readonly sendText: (text: string) => void
  readonly sendBinary: (bytes: Buffer) => void
}

/** What a payload was: the broadcast, or the sign that the client hears broadcasts from now on. */
export type Heard = 'broadcast' | 'ready' | undefined

export interface Dialect {
  readonly path: string
  readonly subprotocol?: string
  /** After the upgrade. */
  readonly greet: (voice: Voice) => Heard
  readonly hear: (voice: Voice, opcode: number, bytes: Buffer, start: number, end: number) => Heard
}

const code = (letter: string): number => letter.charCodeAt(0)

/** Everything that comes is the broadcast; who is connected hears it. */
const plain = (path: string): Dialect => ({
  path,
  greet: () => 'ready',
  hear: (_, opcode) => (opcode === opcodes.text ? 'broadcast' : undefined),
})

const typeAt = '{"type":"'.length
const transitionByte = code('t')

/** docs/stream.md, with one subscription on the city-wide rules. */
const service: Dialect = {
  path: '/v1/stream',
  greet: (voice) => {
    voice.sendText('{"type":"hello","v":1}')
    return undefined
  },
  hear: (voice, _, bytes, start, end) => {
    if (bytes[start + typeAt] === transitionByte) return 'broadcast'
    const frame = JSON.parse(bytes.toString('utf8', start, end)) as {
      type: string
      t?: unknown
      parts?: number
      part?: number
    }
    if (frame.type === 'welcome') voice.sendText('{"type":"subscribe","topics":[{"topic":"city"}]}')
    if (frame.type === 'ping') voice.sendText(`{"type":"pong","t":${JSON.stringify(frame.t)}}`)
    return frame.type === 'snapshot' && frame.part === frame.parts ? 'ready' : undefined
  },
}

/** Engine.IO 4 and Socket.IO 5 over WebSocket: `0` opens, `40` joins, `2` pings, `42` is an event. */
const socketIo: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  greet: () => undefined,
  hear: (voice, _, bytes, start) => {
    const engine = bytes[start]
    const socket = bytes[start + 1]
    if (engine === code('0')) voice.sendText('40')
    if (engine === code('2')) voice.sendText('3')
    if (engine !== code('4')) return undefined
    return socket === code('2') ? 'broadcast' : socket === code('0') ? 'ready' : undefined
  },
}

const nats: Dialect = {
  path: '/',
  greet: () => undefined,
  hear: (voice, _, bytes, start) => {
    switch (bytes.toString('latin1', start, start + 4)) {
      case 'INFO':
        voice.sendBinary(Buffer.from('CONNECT {"verbose":false,"pedantic":false}\r\nSUB bench 1\r\nPING\r\n'))
        return undefined
      case 'PING':
        voice.sendBinary(Buffer.from('PONG\r\n'))
        return undefined
      case 'PONG':
        return 'ready'
      case 'MSG ':
        return 'broadcast'
      default:
        return undefined
    }
  },
}

export const dialects = {
  floor: plain('/'),
  service,
  ws: plain('/'),
  'socket.io': socketIo,
  nchan: plain('/sub'),
  nats,
} as const satisfies Record<string, Dialect>

export type DialectName = keyof typeof dialects
