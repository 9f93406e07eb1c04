/**
 * `GET /v1/stream/sse`: the stream as server-sent events, for whoever cannot open a WebSocket.
 *
 * Topics stand in the query, the cursors in `Last-Event-ID`, and a token in `Authorization`, never in the address. What
 * follows is what a WebSocket client of the same topics is told. Called by the push process for each request.
 */
import type { HttpRequest } from 'uWebSockets.js'
import type { N } from '../core/names.js'
import type { TopicRequest } from './frames.js'
import { isOriginAllowed, originRefusal } from './origin.js'
import type { Header, Refusal } from './refusal.js'
import { parseTopic } from './topics.js'

export const eventsPath = '/v1/stream/sse'

/** A page may read what it may ask for. */
export const originHeaders = (origin: string): readonly Header[] =>
  origin === ''
    ? []
    : [
        ['access-control-allow-origin', origin],
        ['vary', 'origin'],
      ]

export interface EventsRequest {
  readonly topics: readonly TopicRequest[]
  /** The history of the topics' `since`. */
  readonly epoch: string | undefined
  readonly token: string | undefined
  /** The page that asks, when it may. */
  readonly origin: string
}

export interface Refused {
  readonly refused: Refusal
  /** As in `EventsRequest`; empty also where the page may not ask. */
  readonly origin: string
}

/** What a request asks for. Everything that is wanted of it is read at once: the library keeps none of it. */
export function readEventsRequest(request: HttpRequest, originHosts: readonly string[]): EventsRequest | Refused {
  const origin = request.getHeader('origin')
  if (!isOriginAllowed(origin, originHosts)) return { refused: originRefusal, origin: '' }
  const names = [...new Set(new URLSearchParams(request.getQuery()).getAll('topic'))]
  const unknown = names.find((name) => parseTopic(name) === undefined)
  if (names.length === 0 || unknown !== undefined)
    return {
      refused: { code: 'QW_TOPIC_UNKNOWN', detail: { topic: unknown ?? '(none is named: ?topic=…, one or more)' } },
      origin,
    }
  const held = readLastEventId(request.getHeader('last-event-id'), names.length)
  const topics = names.map((topic, index) => {
    const since = held?.cursors[index]
    return { topic, figures: false, ...(since !== undefined && { since }) }
  })
  const [, token] = /^Bearer +(\S+)$/i.exec(request.getHeader('authorization')) ?? []
  return { topics, epoch: held?.epoch, token, origin }
}

/** Cursors as they stand in an `id`: the history, and an n for each topic of the request, `-` before its first. */
const idPattern = /^([^:]{1,64}):((?:\d{1,16}|-)(?:\.(?:\d{1,16}|-))*)$/

export interface Cursors {
  readonly epoch: string
  readonly cursors: readonly (N | undefined)[]
}

/** The cursors of `Last-Event-ID`; undefined when it is none of ours, or one of other topics. */
export function readLastEventId(id: string, topics: number): Cursors | undefined {
  const [, epoch, list] = idPattern.exec(id) ?? []
  const cursors = list?.split('.').map((text) => (text === '-' ? undefined : (Number(text) as N)))
  return epoch === undefined || cursors?.length !== topics ? undefined : { epoch, cursors }
}
