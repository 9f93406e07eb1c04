/**
 * The HTTP port, open from the core's first moment. Before the service serves, health says what it is doing and everybody
 * else is told to come again: so a start that takes long, or waits for the disk, is seen and not guessed.
 *
 * Room node's core opens it first, hands it the service's own routes when they stand, and closes it first.
 */
import { lookup } from 'node:dns/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Part } from '../api/api.js'
import type { Metrics } from '../api/metrics.js'
import { problemMediaType, problemText } from '../http/problem.js'

export interface DoorSettings {
  readonly host: string
  readonly port: number
  readonly exercise: boolean
  readonly metrics: Metrics
  /** What `/readyz` says before the service serves. */
  readonly parts: () => readonly Part[]
}

// A request that is not there by then is not coming: whole body within 30 s, the next request within 72 s.
const requestWaitMs = 30_000
const keepAliveMs = 72_000
// Connections whose answer went out while the door was closing are closed within so long.
const closeIdleEveryMs = 20

export class Door {
  readonly #settings: DoorSettings
  readonly #servers: Server[] = []
  #serving: RequestListener | undefined

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

  /** From now on all requests are the service's. */
  serve(listener: RequestListener): void {
    this.#serving = listener
  }

  /** Takes no new connection, lets what was begun be answered, and closes what is idle. */
  async close(): Promise<void> {
    const idle = setInterval(() => {
      for (const server of this.#servers) server.closeIdleConnections()
    }, closeIdleEveryMs)
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
    clearInterval(idle)
  }

  async #listen(host: string): Promise<void> {
    const server = createServer(
      { requestTimeout: requestWaitMs, keepAliveTimeout: keepAliveMs },
      (request, response) =>
        this.#serving ? this.#serving(request, response) : this.#answerMeanwhile(request, response),
    )
    const port = this.#servers[0] ? portOf(this.#servers[0]) : this.#settings.port
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
    this.#servers.push(server)
  }

  #answerMeanwhile({ url = '/' }: IncomingMessage, response: ServerResponse): void {
    const { metrics, parts, exercise } = this.#settings
    const path = url.split('?', 1)[0] ?? '/'
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

function end(response: ServerResponse, status: number, type: string, body: string): void {
  const again = status === 503 ? { 'retry-after': '1' } : {}
  response.writeHead(status, { 'content-type': type, ...again }).end(body)
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the door has no port')
  return address.port
}
