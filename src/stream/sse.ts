/**
 * `GET /v1/stream/sse`: the stream as server-sent events, for whoever cannot open a WebSocket.
 *
 * Topics stand in the query, the cursors in `Last-Event-ID`, and a token in `Authorization`, never in the address. What
 * follows is what a WebSocket client of the same topics is told. Called by the push process for each request.
 */
import type { HttpRequest } from 'uWebSockets.js'
import type { N } from '../core/names.js'
import type { TopicRequest } from './frames.js'
import { isOriginAllowed } from './origin.js'
import { parseTopic } from './topics.js'

export interface EventsRequest {
  readonly topics: readonly TopicRequest[]
  /** The history of the topics' `since`. */
  readonly epoch: string | undefined
  readonly token: string | undefined
  /** The page that asks, when it may. */
  readonly origin: string
}

export interface Refused {
  /** HTTP status line. */
  readonly refused: string
  readonly why: string
}

/** What a request asks for. Everything that is wanted of it is read at once: the library keeps none of it. */
export function readEventsRequest(request: HttpRequest, originHosts: readonly string[]): EventsRequest | Refused {
  const origin = request.getHeader('origin')
  if (!isOriginAllowed(origin, originHosts))
    return { refused: '403 Forbidden', why: 'QW_NOT_ALLOWED this origin may not open a stream' }
  const names = [...new Set(new URLSearchParams(request.getQuery()).getAll('topic'))]
  const unknown = names.find((name) => parseTopic(name) === undefined)
  if (names.length === 0 || unknown !== undefined)
    return {
      refused: '400 Bad Request',
      why: `QW_TOPIC_UNKNOWN no topic ${unknown ?? 'is named'}: ?topic=… one or more`,
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
