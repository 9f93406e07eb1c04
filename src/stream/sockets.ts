/**
 * What the socket library calls: a client knocks, is connected, speaks, answers a ping, is gone. WebSocket and
 * server-sent events become sessions here; from then on nobody asks which of the two it is.
 */
import uWS from 'uWebSockets.js'
import type { CatchUp } from './catch-up.js'
import type { Crowd } from './crowd.js'
import { isOriginAllowed, originRefusal } from './origin.js'
import type { Reception } from './reception.js'
import { type Header, type Refusal, refuse, standingHeaders } from './refusal.js'
import type { Session } from './session.js'
import { eventsPath, originHeaders, readEventsRequest } from './sse.js'
import { SseSession } from './sse-session.js'
import { type Socket, type SocketData, WsSession, type WsSessionSettings } from './ws-session.js'

export interface SocketsSettings extends WsSessionSettings {
  readonly clientsMax: number
  readonly clientFrameBytesMax: number
  /** What a response of server-sent events may carry. */
  readonly eventStreamBytesMax: number
  /** Hosts that pages may come from which open a connection; a client without an Origin is no page. */
  readonly originHosts: readonly string[]
  /** The service's: what comes from a scenario clock is an exercise, and every answer says so. */
  readonly clock: 'system' | 'scenario'
}

export interface SocketsNeeds {
  readonly settings: SocketsSettings
  readonly crowd: Crowd
  readonly catchUp: CatchUp
  readonly reception: Reception
  readonly epoch: () => string | undefined
  readonly monotonicMs: () => number
  /** The connection is over, whoever ended it. */
  readonly onLeft: (session: Session) => void
  readonly onDropped: () => void
}

/** A frame up to so many times over the limit is answered with 4413; beyond that the socket library hangs up. */
const oversizeAnswered = 4

const socketPath = '/v1/stream'
const paths: readonly string[] = [socketPath, eventsPath, '/livez']
/** When a process that is full is asked again there may be room, or another process answers. */
const fullAfterMs = 1000

export class Sockets {
  /** Nobody is let in any more. */
  closed = false
  readonly #needs: SocketsNeeds
  readonly #headers: readonly Header[]

  constructor(needs: SocketsNeeds) {
    this.#needs = needs
    this.#headers = standingHeaders(needs.settings.clock)
  }

  route(app: uWS.TemplatedApp): void {
    const { clientFrameBytesMax, sendQueueBytesMax } = this.#needs.settings
    app
      .get('/livez', (res) => {
        for (const [name, value] of this.#headers) res.writeHeader(name, value)
        res.writeHeader('content-type', 'text/plain').end('ok')
      })
      .get(eventsPath, (res, req) => this.#openEvents(res, req))
      .ws<SocketData>(socketPath, {
        compression: uWS.DISABLED,
        maxPayloadLength: clientFrameBytesMax * oversizeAnswered,
        maxBackpressure: sendQueueBytesMax,
        // Heartbeats are ours: the library's own timeouts would ping in one sweep.
        idleTimeout: 0,
        sendPingsAutomatically: false,
        upgrade: (res, req, context) => this.#upgrade(res, req, context),
        open: (socket) => this.#opened(socket),
        message: (socket, bytes, isBinary) => {
          const { session } = socket.getUserData()
          if (session) this.#needs.reception.received(session, bytes, isBinary)
        },
        pong: (socket, bytes) => this.#ponged(socket, Buffer.from(bytes).toString()),
        dropped: (socket) => this.#dropped(socket),
        close: (socket) => {
          const { session } = socket.getUserData()
          if (session) this.#needs.onLeft(session)
        },
      })
      .any('/*', (res, req) => this.#nothingHere(res, req))
  }

  /** Answered before anything is read of it, which costs the least. */
  #isTurnedAway(res: uWS.HttpResponse, path: string): boolean {
    const { crowd, settings } = this.#needs
    if (!this.closed && crowd.size < settings.clientsMax) return false
    const refusal: Refusal = this.closed
      ? { code: 'QW_STOPPING' }
      : { code: 'QW_BUSY', detail: { afterMs: fullAfterMs } }
    refuse(res, refusal, path, this.#headers)
    return true
  }

  #nothingHere(res: uWS.HttpResponse, req: uWS.HttpRequest): void {
    const [path, method] = [req.getUrl(), req.getMethod().toUpperCase()]
    const isRead = method === 'GET'
    if (isRead || !paths.includes(path)) {
      const what = path === socketPath ? 'answer at this address but to a WebSocket' : 'such address'
      refuse(res, { code: 'QW_NOT_FOUND', detail: { what } }, path, this.#headers)
      return
    }
    refuse(res, { code: 'QW_METHOD_NOT_ALLOWED', detail: { method } }, path, [...this.#headers, ['allow', 'GET']])
  }

  #upgrade(res: uWS.HttpResponse, req: uWS.HttpRequest, context: uWS.us_socket_context_t): void {
    if (this.#isTurnedAway(res, socketPath)) return
    // A browser lets any page open a WebSocket to any host and tells only where the page came from.
    if (!isOriginAllowed(req.getHeader('origin'), this.#needs.settings.originHosts)) {
      refuse(res, originRefusal, socketPath, this.#headers)
      return
    }
    res.upgrade<SocketData>(
      { session: undefined },
      req.getHeader('sec-websocket-key'),
      req.getHeader('sec-websocket-protocol'),
      req.getHeader('sec-websocket-extensions'),
      context,
    )
  }

  #opened(socket: Socket): void {
    const { settings, crowd, catchUp, monotonicMs } = this.#needs
    const session = new WsSession(socket, settings, monotonicMs(), catchUp)
    socket.getUserData().session = session
    crowd.came()
    crowd.isSilent(session)
  }

  #openEvents(res: uWS.HttpResponse, req: uWS.HttpRequest): void {
    if (this.#isTurnedAway(res, eventsPath)) return
    const { settings, crowd, catchUp, reception, epoch, onLeft } = this.#needs
    const asked = readEventsRequest(req, settings.originHosts)
    const headers = this.#headers
    if ('refused' in asked) {
      refuse(res, asked.refused, eventsPath, [...headers, ...originHeaders(asked.origin)])
      return
    }
    const session: SseSession = new SseSession(res, asked, {
      bytesMax: settings.eventStreamBytesMax,
      epoch,
      pump: catchUp,
      headers,
      onClosed: () => onLeft(session),
    })
    crowd.came()
    void reception.hello(session, asked.token)
  }

  /** The client has read what was sent before the ping: it may be given more. */
  #ponged(socket: Socket, text: string): void {
    const { session } = socket.getUserData()
    if (!session) return
    session.ponged(text)
    if (session.catching > 0 && !session.full) this.#needs.catchUp.queue(session)
  }

  /**
   * The library dropped a frame because the client owes us too much reading. Later frames might pass again and leave a
   * hole, so the connection ends; not here, in the middle of the library's own loop over subscribers, but in a moment.
   */
  #dropped(socket: Socket): void {
    const { session } = socket.getUserData()
    if (!session?.open) return
    session.dropped = true
    this.#needs.onDropped()
    setImmediate(() => this.#needs.reception.bye(session, 'QW_TOO_SLOW'))
  }
}
