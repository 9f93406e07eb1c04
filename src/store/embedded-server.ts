/**
 * An embedded ClickHouse behind ClickHouse's own HTTP interface, on loopback, as far as `@clickhouse/client` needs it.
 *
 * The engine is the real one, in a library (`chdb`). It binds one data directory per process, keeps busy threads and a
 * few hundred MB, and cannot interrupt a query from outside, so it lives in a process of its own that main starts at
 * low priority; everybody else reaches it, like a real server, with the client over HTTP: one code path.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Engine, openEngine } from './embedded-engine.js'
import { checkCredentials, readStatementRequest } from './embedded-request.js'
import { EngineGate } from './engine-gate.js'
import { asServerException, exceptionCodes, ServerException } from './exception.js'

export interface EmbeddedServerSettings {
  /** The engine's data directory. No other process may have it open. */
  readonly directory: string
  /** On 127.0.0.1; 0 takes any free port. */
  readonly port: number
  readonly username: string
  /** Loopback is open to every user of the host and to every page in a browser there, so a secret is asked for. */
  readonly password: string
  /** Body of a request, after decompression. */
  readonly bodyBytesMax: number
  readonly resultBytesMax: number
  readonly queriesRunningMax: number
  readonly queriesWaitingMax: number
  /** The engine gives a query up after this long. */
  readonly queryMsMax: number
  /** How long a client may take to send its request. */
  readonly requestMsMax: number
  /** The engine refuses queries that would take the process over this. */
  readonly engineBytesMax: number
  /** Threads of one query. */
  readonly queryThreadsMax: number
}

export interface EmbeddedServer {
  readonly port: number
  /** Takes no more requests, lets the running ones end, closes the engine. */
  stop(): Promise<void>
}

const statementBytesMax = 256 * 1024
const gzipAsync = promisify(gzip)

export async function startEmbeddedServer(settings: EmbeddedServerSettings): Promise<EmbeddedServer> {
  const engine = await openEngine(settings)
  const gate = new EngineGate({ ...settings, useDatabase: (database) => engine.useDatabase(database) }, 'default')
  const owed = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    answer(request, response, { settings, engine, gate, owed }).catch((error) =>
      sendException(response, error, engine.version),
    )
  })
  server.requestTimeout = settings.requestMsMax
  // Longer than any client keeps an idle connection, so that the client closes it first and no request meets a reset.
  server.keepAliveTimeout = 30_000
  await listen(server, settings.port)
  let stopped: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      stopped ??= stopServing({ server, gate, engine, owed })
      return stopped
    },
  }
}

/** What the answers share. `owed`: requests that were read whole and have no complete answer yet. */
interface Serving {
  readonly settings: EmbeddedServerSettings
  readonly engine: Engine
  readonly gate: EngineGate
  readonly owed: Set<ServerResponse>
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject)
      resolve()
    })
  })

async function stopServing(of: Omit<Serving, 'settings'> & { readonly server: Server }): Promise<void> {
  const closed = new Promise<void>((resolve) => of.server.close(() => resolve()))
  of.gate.close()
  await Promise.all([...of.owed].map((response) => once(response, 'close')))
  await of.engine.close()
  of.server.closeAllConnections()
  await closed
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { settings, engine, gate, owed } = serving
  const path = (request.url ?? '/').split('?', 1)[0]
  if (path === '/ping' && request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=UTF-8' }).end('Ok.\n')
    return
  }
  if (path !== '/' || (request.method !== 'POST' && request.method !== 'GET'))
    throw new ServerException(exceptionCodes.BAD_ARGUMENTS, `There is no ${request.method} ${path}`, 404)
  checkCredentials(request, settings.username, settings.password)

  const statement = await readStatementRequest(request, { ...settings, statementBytesMax }, randomUUID)
  response.setHeader('x-clickhouse-query-id', statement.queryId)
  const gone = new AbortController()
  owed.add(response)
  response.once('close', () => {
    owed.delete(response)
    gone.abort()
  })
  const result = await gate.run(statement.database, gone.signal, () => engine.run(statement))
  const body = statement.answerGzip ? await gzipAsync(result.body) : result.body
  response.writeHead(200, {
    'content-type': 'text/plain; charset=UTF-8',
    'content-length': body.length,
    'x-clickhouse-summary': JSON.stringify(result.summary),
    ...(statement.answerGzip ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(body)
}

function sendException(response: ServerResponse, thrown: unknown, version: string): void {
  const { code, status, message } = asServerException(thrown)
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  // The rest of a refused body is not read; the connection ends with the answer.
  const unread = !response.req.complete
  response.writeHead(status, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': String(code),
    ...(unread ? { connection: 'close' } : {}),
  })
  response.end(`${message} (version ${version} (embedded))\n`)
}
