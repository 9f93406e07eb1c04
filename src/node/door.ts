/**
 * The HTTP port, open from the core's first moment. Before the service serves, health says what it is doing and everybody
 * else is told to come again: so a start that takes long, or waits for the disk, is seen and not guessed.
 *
 * Its connections are bounded. When there are too many, those that rest make room; when all are busy, only health is
 * answered on new ones. Room node's core opens it first, hands it the service's own routes when they stand, and closes it
 * first.
 */
import { lookup } from 'node:dns/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Part } from '../api/api.js'
import type { Metrics } from '../api/metrics.js'
import type { QwError } from '../core/errors.js'
import { problemMediaType, problemText, refuseRaw, serverOptionsOf } from '../http/problem.js'

export interface DoorSettings {
  readonly host: string
  readonly port: number
  /** Connections beyond this are not served, but for health. */
  readonly connectionsMax: number
  /** Beyond the bound so many are let in to ask for health, one answer each. */
  readonly spareMax: number
  readonly exercise: boolean
  readonly metrics: Metrics
  /** What `/readyz` says before the service serves. */
  readonly parts: () => readonly Part[]
}

// A request that is not there by then is not coming: whole body within 30 s, the next request within 72 s.
const requestWaitMs = 30_000
const keepAliveMs = 72_000

/** Says what to refuse this request for events with, before anything knows of it; or nothing. */
export type Refuse = (request: IncomingMessage, response: ServerResponse) => QwError | undefined

// Connections whose answer went out while the door was closing are closed within so long.
const closeIdleEveryMs = 20

export class Door {
  readonly #settings: DoorSettings
  readonly #servers: Server[] = []
  readonly #open = new Set<Socket>()
  /** Of these, those that have not asked for anything yet, the oldest first. */
  readonly #silent = new Set<Socket>()
  #serving: RequestListener | undefined
  #refuse: Refuse = () => undefined
  #refused = 0
  #madeRoom = 0

  private constructor(settings: DoorSettings) {
    this.#settings = settings
  }

  /** Listens on every address of the host: `localhost` is two. */
  static async open(settings: DoorSettings): Promise<Door> {
    const door = new Door(settings)
    const addresses = await lookup(settings.host, { all: true })
    for (const { address } of addresses) await door.#listen(address)
    return door
  }

  /** The first of them, for Fastify to hold on to. */
  get server(): Server {
    const [first] = this.#servers
    if (!first) throw new Error('the door is not open')
    return first
  }

  get connections(): number {
    return this.#open.size
  }

  get connectionsMax(): number {
    return this.#settings.connectionsMax
  }

  /** Requests that were refused because their connection was one too many. */
  get refused(): number {
    return this.#refused
  }

  /** Times that resting connections were closed to make room. */
  get madeRoom(): number {
    return this.#madeRoom
  }

  /** From now on all requests are the service's, but for events that it refuses. */
  serve(listener: RequestListener, refuse: Refuse = this.#refuse): void {
    this.#serving = listener
    this.#refuse = refuse
  }

  /** Takes no new connection, lets what was begun be answered, and closes what is idle. */
  async close(): Promise<void> {
    const idle = setInterval(() => {
      for (const server of this.#servers) server.closeIdleConnections()
      for (const socket of this.#silent) socket.destroy()
    }, closeIdleEveryMs)
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
    clearInterval(idle)
  }

  async #listen(host: string): Promise<void> {
    const { exercise } = this.#settings
    const options = { requestTimeout: requestWaitMs, keepAliveTimeout: keepAliveMs, ...serverOptionsOf(exercise) }
    const server = createServer(options, (request, response) => this.#answer(request, response))
    server.on('clientError', (error, socket) => refuseRaw(error, socket as Socket, exercise))
    server.maxConnections = this.#settings.connectionsMax + this.#settings.spareMax
    server.on('connection', (socket) => this.#connected(socket))
    const port = this.#servers[0] ? portOf(this.#servers[0]) : this.#settings.port
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
    this.#servers.push(server)
  }

  #connected(socket: Socket): void {
    this.#open.add(socket)
    this.#silent.add(socket)
    socket.once('close', () => this.#left(socket))
    if (this.#isOver()) this.#makeRoom(socket)
  }

  #left(socket: Socket): void {
    this.#open.delete(socket)
    this.#silent.delete(socket)
  }

  #isOver(): boolean {
    return this.#open.size > this.#settings.connectionsMax
  }

  /** Who rests between two requests loses its connection first, then who has never asked for anything. */
  #makeRoom(newest: Socket): void {
    this.#madeRoom += 1
    for (const server of this.#servers) server.closeIdleConnections()
    const [oldest] = this.#silent
    if (oldest === undefined || oldest === newest) return
    oldest.destroy()
    this.#left(oldest)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#silent.size > 0) this.#silent.delete(request.socket)
    const isOneTooMany = this.#isOver()
    if (isOneTooMany) response.setHeader('connection', 'close')
    if (isOneTooMany && !isNeverRefused(pathOf(request))) {
      this.#refused += 1
      end(response, 503, problemMediaType, problemText('QW_OVERLOADED', { queue: 'connections' }, pathOf(request)))
    } else if (this.#serving) this.#pass(this.#serving, request, response)
    else this.#answerMeanwhile(request, response)
  }

  /**
   * A refusal must cost little: under twice the load that can be taken, half of all requests are refusals, and what they
   * cost is taken from the others.
   */
  #pass(serving: RequestListener, request: IncomingMessage, response: ServerResponse): void {
    const refusal = isForEvents(request) ? this.#refuse(request, response) : undefined
    if (!refusal) {
      serving(request, response)
      return
    }
    const { code, detail } = refusal
    end(response, 503, problemMediaType, problemText(code, detail, pathOf(request)), detail['retryAfterSeconds'])
  }

  #answerMeanwhile(request: IncomingMessage, response: ServerResponse): void {
    const { metrics, parts, exercise } = this.#settings
    const path = pathOf(request)
    if (path === '/livez') end(response, 200, 'application/json', JSON.stringify({ alive: true }))
    else if (path === '/readyz')
      end(response, 503, 'application/json', JSON.stringify({ ready: false, exercise, parts: parts() }))
    else if (path === '/metrics')
      metrics.scrape().then(
        (text) => end(response, 200, metrics.contentType, text),
        () => response.destroy(),
      )
    else {
      const state = parts().find(({ ready }) => !ready)?.state
      end(response, 503, problemMediaType, problemText('QW_STARTING', { state }, path))
    }
  }
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/'

/** Whoever must know whether the service lives, and whoever must know whether a hire is allowed. */
const isNeverRefused = (path: string): boolean => ['/livez', '/readyz', '/metrics', '/v1/gate'].includes(path)

/** Where many send much. Orders and corrections are few, and refused by ingest itself. */
const isForEvents = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url === '/v1/events'

function end(response: ServerResponse, status: number, type: string, body: string, againSeconds: unknown = 1): void {
  // A screen that was switched on with the service asked for its wall too early: nobody is there to load it again.
  const again = status === 503 ? { 'retry-after': String(againSeconds), refresh: '2' } : {}
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...again }).end(body)
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the door has no port')
  return address.port
}
