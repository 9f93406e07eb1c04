/**
 * The HTTP door: Fastify with the bounds that keep one slow or greedy caller from harming the others.
 */
import Fastify, { type FastifyInstance } from 'fastify'
import { installProblems, problemOptions } from '../http/problem.js'

export interface HttpServer {
  readonly app: FastifyInstance
  listen(host: string, port: number): Promise<void>
  /** Takes no new connection, answers what it has begun, and closes what is idle. */
  close(): Promise<void>
}

// A request that is not there by then is not coming: whole body within 30 s, the next request within 72 s.
const requestWaitMs = 30_000
const keepAliveMs = 72_000

// An id has at most 64 characters, and one of Chinese is nine characters of an address: `%E8%93%AC`.
const idCharactersMax = 64 * 9

/** `onDefect`: told what made a request fail by no fault of the caller's. */
export async function openHttp(bodyBytesMax: number, onDefect: (error: unknown) => void): Promise<HttpServer> {
  const app = Fastify({
    ...problemOptions,
    logger: false,
    bodyLimit: bodyBytesMax,
    routerOptions: { maxParamLength: idCharactersMax },
    requestTimeout: requestWaitMs,
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  })
  installProblems(app, onDefect)
  return {
    app,
    listen: async (host, port) => {
      await app.listen({ host, port })
    },
    close: () => app.close(),
  }
}
