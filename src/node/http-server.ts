/**
 * What answers behind the door: Fastify with the bounds that keep one slow or greedy caller from harming the others.
 */
import type { RequestListener } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { installProblems, problemOptions } from '../http/problem.js'
import type { Door, Refuse } from './door.js'

export interface HttpServer {
  readonly app: FastifyInstance
  /** All routes are registered: the door hands requests over, but for events that are refused. */
  serve(refuse?: Refuse): Promise<void>
  /** Takes no new connection, answers what it has begun, and closes what is idle. */
  close(): Promise<void>
}

// An id has at most 64 characters, and one of Chinese is nine characters of an address: `%E8%93%AC`.
const idCharactersMax = 64 * 9

/** `onDefect`: told what made a request fail by no fault of the caller's. */
export function openHttp(door: Door, bodyBytesMax: number, onDefect: (error: unknown) => void): HttpServer {
  let listener: RequestListener | undefined
  const app = Fastify({
    ...problemOptions,
    // The door answers what is no request, on all its servers.
    clientErrorHandler: () => undefined,
    logger: false,
    bodyLimit: bodyBytesMax,
    routerOptions: { maxParamLength: idCharactersMax },
    return503OnClosing: false,
    serverFactory: (handle) => {
      listener = handle
      return door.server
    },
  })
  installProblems(app, onDefect)
  return {
    app,
    async serve(refuse) {
      await app.ready()
      if (!listener) throw new Error('Fastify has asked for no server')
      door.serve(listener, refuse)
    },
    async close() {
      // Both at once: while it closes, Fastify tells each caller that the connection ends.
      await Promise.all([app.close(), door.close()])
    },
  }
}
