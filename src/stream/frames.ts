/**
 * The frames of the protocol (docs/stream.md): how the client's are read and how ours are written.
 */
import { type ErrorCode, errorRow, explain, QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { EncodedSnapshot, Frame } from './wire.js'

export interface TopicRequest {
  readonly topic: string
  readonly since?: N
  readonly figures: boolean
}

export type ClientFrame =
  | { readonly type: 'hello'; readonly token?: string }
  | { readonly type: 'subscribe'; readonly topics: readonly TopicRequest[]; readonly epoch?: string }
  | { readonly type: 'unsubscribe'; readonly topics: readonly string[] }
  | { readonly type: 'pong'; readonly t: number }

type Fields = Readonly<Record<string, unknown>>

/** Reads a client's frame; QW_FRAME_INVALID says what is wrong with it. Fields that the protocol does not know are let be. */
export function readClientFrame(text: string): ClientFrame {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid('not JSON')
  }
  const fields = objectOf(value, 'not an object')
  switch (fields['type']) {
    case 'hello':
      return readHello(fields)
    case 'subscribe':
      return readSubscribe(fields)
    case 'unsubscribe':
      return { type: 'unsubscribe', topics: listOf(fields['topics']).map((topic) => textOf(topic, 'topic')) }
    case 'pong':
      return { type: 'pong', t: wholeOf(fields['t'], 't') }
    default:
      throw invalid('no such type')
  }
}

function readHello(fields: Fields): ClientFrame {
  if (fields['v'] !== 1) throw invalid('v must be 1')
  if (fields['locale'] !== undefined && fields['locale'] !== 'zh' && fields['locale'] !== 'en')
    throw invalid('locale must be zh or en')
  const token = fields['token']
  return token === undefined ? { type: 'hello' } : { type: 'hello', token: textOf(token, 'token') }
}

function readSubscribe(fields: Fields): ClientFrame {
  const topics = listOf(fields['topics']).map(readTopicRequest)
  const epoch = fields['epoch']
  return { type: 'subscribe', topics, ...(epoch !== undefined && { epoch: textOf(epoch, 'epoch') }) }
}

function readTopicRequest(value: unknown): TopicRequest {
  const fields = objectOf(value, 'topics must hold objects')
  const figures = fields['figures'] ?? false
  if (typeof figures !== 'boolean') throw invalid('figures must be a boolean')
  const topic = textOf(fields['topic'], 'topic')
  if (fields['since'] === undefined) return { topic, figures }
  return { topic, figures, since: wholeOf(fields['since'], 'since') as N }
}

function objectOf(value: unknown, reason: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(reason)
  return value as Fields
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid('topics must be a list that is not empty')
  return value
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`${name} must be a text`)
  return value
}

function wholeOf(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(`${name} must be a whole number, 0 or more`)
  return value as number
}

const invalid = (reason: string) => new QwError('QW_FRAME_INVALID', { reason })

// What we write. The order of fields is part of what people see in their tools, so `type` and `topic` come first.

export const subscribedFrame = (topic: string, head: N, resumed: boolean): string =>
  JSON.stringify({ type: 'subscribed', topic, head, resumed })

/** A snapshot as every client of its topic is sent it. */
export interface FramedSnapshot {
  readonly topic: string
  readonly n: N
  readonly frames: readonly Buffer[]
}

/** Made once and shared by all who ask: a city of 300 kB for 16,000 screens is not copied 16,000 times. */
export const framedSnapshot = ({ topic, n, parts }: EncodedSnapshot): FramedSnapshot => ({
  topic,
  n,
  frames: parts.map((items, index) => snapshotFrame(topic, n, index + 1, parts.length, items)),
})

/** `items` is JSON already. */
const snapshotFrame = (topic: string, n: N, part: number, parts: number, items: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      `{"type":"snapshot","topic":${JSON.stringify(topic)},"n":${n},"part":${part},"parts":${parts},"items":`,
    ),
    items,
    Buffer.from(closing),
  ])

/** A transition without stamps: resumed, so its moments would mean nothing. */
export const resumedFrame = (topic: string, p: N, frame: Frame): Buffer => transitionFrame(topic, p, frame, closing)

/** A transition as it is published; the first publication of a process sets the moment. */
export function liveFrame(topic: string, p: N, frame: Frame, nowUs: () => number): Buffer {
  frame.tail ??= stampsOf(frame, nowUs)
  return transitionFrame(topic, p, frame, frame.tail)
}

const closing = '}'

/** One buffer and one copy of the body: nothing of it outlives its publication. */
function transitionFrame(topic: string, p: N, { n, body }: Frame, tail: string): Buffer {
  const head = `{"type":"transition","topic":${JSON.stringify(topic)},"n":${n},"p":${p},`
  const headBytes = Buffer.byteLength(head)
  const frame = Buffer.allocUnsafe(headBytes + body.length + tail.length)
  frame.write(head)
  body.copy(frame, headBytes)
  frame.write(tail, headBytes + body.length, 'latin1')
  return frame
}

function stampsOf({ stamps }: Frame, nowUs: () => number): string {
  if (!stamps) return closing
  const { receivedUs: received, durableUs: durable, judgedUs: judged } = stamps
  return `,"stamps":${JSON.stringify({ received, durable, judged, published: nowUs() })}}`
}

/** `values` is JSON already. */
export const figuresFrame = (topic: string, values: string): string =>
  `{"type":"figures","topic":${JSON.stringify(topic)},"values":${values}}`

/** Sent instead of `welcome` to one who has to wait for it. */
export const waitFrame = (afterMs: number): string => JSON.stringify({ type: 'wait', afterMs })

export const pingFrame = (t: number, heads: Readonly<Record<string, N>>): string =>
  JSON.stringify({ type: 'ping', t, heads })

export const errorFrame = (code: ErrorCode, detail: Fields, topic?: string): string =>
  JSON.stringify({ type: 'error', code, title: explain(code, detail), ...(topic !== undefined && { topic }) })

export const byeFrame = (code: ErrorCode, detail: Fields, afterMs: number): string =>
  JSON.stringify({
    type: 'bye',
    code,
    title: explain(code, detail),
    reconnect: errorRow(code).retryable,
    afterMs,
    ...(detail['address'] !== undefined && { address: detail['address'] }),
  })
