/**
 * A request's body -> its candidates for events, in order, by content type (CloudEvents 1.0 HTTP binding, and NDJSON).
 *
 * A body that is broken as a whole is a bad request and throws; in NDJSON each line stands for itself, so a bad line is
 * a candidate like any other, carrying its fault.
 */
import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import { explain, QwError } from '../core/errors.js'
import { jsonOf, keptOfBytes, keptOfText } from './kept-event.js'
import { losesNumbers, membersIn } from './sent-json.js'
import { isObject, type JsonObject } from './validate.js'
import type { Refusal } from './verdict.js'

export interface Candidate {
  /** Parsed, not validated. */
  readonly value?: JsonObject
  /** The JSON that it was parsed from. */
  readonly text?: string
  /** In binary mode: that of `data` alone. */
  readonly dataText?: string
  readonly refusal?: Refusal
  /** NDJSON: 1 for the first line; blank lines count but are no candidates. */
  readonly line?: number
}

export const mediaTypes = {
  structured: 'application/cloudevents+json',
  batch: 'application/cloudevents-batch+json',
  lines: 'application/x-ndjson',
  json: 'application/json',
} as const

export interface ReadLimits {
  readonly eventsPerRequestMax: number
  /** Of what is kept of an event that is none. */
  readonly quarantinedEventBytesMax: number
}

/**
 * Reads a body of one media type; lines only as they are taken, because 50,000 at once would hold up everybody for a tenth
 * of a second. @throws QwError when the request as a whole is bad
 */
export type ReadBody = (body: Buffer, headers: IncomingHttpHeaders, limits: ReadLimits) => Iterable<Candidate>

/** `application/json` is one structured event, or with `ce-` headers the data of one in binary mode. */
function readOne(body: Buffer, headers: IncomingHttpHeaders): Candidate[] {
  const { text, value } = parse(body)
  if ('ce-specversion' in headers || 'ce-id' in headers) return [{ value: fromHeaders(headers, value), dataText: text }]
  if (isObject(value)) return [{ value, text }]
  const hint = Array.isArray(value) ? `; a list is sent as ${mediaTypes.batch}` : ''
  throw new QwError('QW_BODY_INVALID', { reason: `it must be one event, a JSON object${hint}` })
}

function readBatch(body: Buffer, _: IncomingHttpHeaders, limits: ReadLimits): Candidate[] {
  const { eventsPerRequestMax: eventsMax, quarantinedEventBytesMax: keptMax } = limits
  const { text, value } = parse(body)
  if (!Array.isArray(value)) throw new QwError('QW_BODY_INVALID', { reason: 'a batch must be a JSON array of events' })
  if (value.length > eventsMax) throw new QwError('QW_TOO_MANY_EVENTS', { limit: eventsMax })
  if (value.length === 0) throw new QwError('QW_BODY_EMPTY')
  const texts = new ElementTexts(text)
  return value.map((element, at) => {
    if (!isObject(element)) return { refusal: notAnEvent(element, texts.of(at), keptMax) }
    return {
      value: element,
      get text() {
        return texts.of(at)
      },
    }
  })
}

/** Of a list; looked for only when somebody asks. */
class ElementTexts {
  readonly #list: string
  #texts: readonly string[] | undefined

  constructor(list: string) {
    this.#list = list
  }

  of(at: number): string {
    this.#texts ??= membersIn(this.#list).map(([, text]) => text)
    return this.#texts[at] as string
  }
}

function readLines(body: Buffer, _: IncomingHttpHeaders, limits: ReadLimits): Iterable<Candidate> {
  const eventsMax = limits.eventsPerRequestMax
  const lines = [...linesOf(body)]
  let count = 0
  for (const text of lines) if (!isBlank(text)) count++
  if (count > eventsMax) throw new QwError('QW_TOO_MANY_EVENTS', { limit: eventsMax })
  if (count === 0) throw new QwError('QW_BODY_EMPTY')
  return candidatesOf(lines)
}

function* candidatesOf(lines: readonly (string | Buffer)[]): Generator<Candidate> {
  for (const [index, text] of lines.entries()) if (!isBlank(text)) yield readLine(text, index + 1)
}

const isBlank = (text: string | Buffer): boolean => typeof text === 'string' && text.trim() === ''

export const readers: Readonly<Record<string, ReadBody>> = {
  [mediaTypes.structured]: readOne,
  [mediaTypes.json]: readOne,
  [mediaTypes.batch]: readBatch,
  [mediaTypes.lines]: readLines,
}

function readLine(text: string | Buffer, line: number): Candidate {
  if (typeof text !== 'string') return { line, refusal: lineFault('not UTF-8', keptOfBytes(text)) }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { line, refusal: lineFault(messageOf(error), keptOfText(text)) }
  }
  return isObject(value) ? { line, value, text } : { line, refusal: notAnObject(text) }
}

/** A line that is not UTF-8 as its bytes. */
function* linesOf(body: Buffer): Generator<string | Buffer> {
  if (isUtf8(body)) {
    yield* withoutMark(body.toString('utf8')).split('\n')
    return
  }
  let start = 0
  while (start <= body.length) {
    const found = body.indexOf(0x0a, start)
    const end = found < 0 ? body.length : found
    const bytes = body.subarray(start, end)
    yield isUtf8(bytes) ? withoutMark(bytes.toString('utf8')) : bytes
    start = end + 1
  }
}

function parse(body: Buffer): { readonly text: string; readonly value: unknown } {
  if (!isUtf8(body)) throw new QwError('QW_BODY_NOT_JSON', { reason: 'not UTF-8' })
  const text = withoutMark(body.toString('utf8'))
  if (text.trim() === '') throw new QwError('QW_BODY_EMPTY')
  try {
    return { text, value: JSON.parse(text) }
  } catch (error) {
    throw new QwError('QW_BODY_NOT_JSON', { reason: messageOf(error) })
  }
}

/** Some systems begin a file with a byte order mark. */
const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)

/**
 * CloudEvents HTTP binding 3.1: attributes are headers, percent-encoded; the body is `data`. Without a prototype, so that
 * no header's name can be anything but a name.
 */
function fromHeaders(headers: IncomingHttpHeaders, data: unknown): JsonObject {
  const event: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith('ce-') && typeof value === 'string') event[name.slice('ce-'.length)] = decoded(value)
  // The JavaScript SDK sends a source such as `/%E9%83%A8` as it is, so that decoding spoils what was a URI reference.
  const source = headers['ce-source']
  if (typeof source === 'string' && !uriCharacters.test(decoded(source))) event['source'] = source
  event['datacontenttype'] = mediaTypes.json
  event['data'] = data
  return event
}

const uriCharacters = /^[\x21-\x7e]*$/

function decoded(header: string): string {
  const text = header.length > 1 && header.startsWith('"') && header.endsWith('"') ? header.slice(1, -1) : header
  try {
    return decodeURIComponent(text)
  } catch {
    // Not percent-encoded after all. As it stands it is refused or not like any other text.
    return text
  }
}

const notAnObject = (text: string): Refusal => lineFault('it is JSON, but no object', keptOfText(text))

/** An element of a batch. */
const notAnEvent = (value: unknown, text: string, keptMax: number): Refusal => ({
  code: 'QW_EVENT_INVALID',
  reason: explain('QW_EVENT_INVALID', { reason: 'it is no JSON object' }),
  event: losesNumbers(text) ? keptOfText(text) : jsonOf(value, keptMax),
})

const lineFault = (reason: string, event: unknown): Refusal => ({
  code: 'QW_LINE_NOT_JSON',
  reason: explain('QW_LINE_NOT_JSON', { reason }),
  event,
})

/** V8 repeats a piece of the text in its message; short enough to be helpful. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 200) : String(error))
