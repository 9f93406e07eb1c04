/**
 * A server of the stream that says exactly what a test tells it to, on `ws`: a real WebSocket, and no logic that could
 * share a misunderstanding with the client.
 */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Said {
  readonly type: string
  readonly [field: string]: unknown
}

/** Values that are waited for in the order in which they come. */
class Inbox<T> {
  readonly #values: T[] = []
  readonly #waiting: ((value: T) => void)[] = []

  put(value: T): void {
    const taker = this.#waiting.shift()
    if (taker) taker(value)
    else this.#values.push(value)
  }

  take(): Promise<T> {
    const value = this.#values.shift()
    if (value !== undefined) return Promise.resolve(value)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

export class ScriptedConnection {
  readonly #socket: WebSocket
  readonly #inbox = new Inbox<Said>()
  /** Resolves with the close code. */
  readonly closed: Promise<number>

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (bytes) => this.#inbox.put(JSON.parse(String(bytes)) as Said))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => resolve(code))
    })
  }

  /** The client's next frame. */
  heard(): Promise<Said> {
    return this.#inbox.take()
  }

  say(...frames: readonly object[]): void {
    for (const frame of frames) this.#socket.send(JSON.stringify(frame))
  }

  sayRaw(text: string | Buffer): void {
    this.#socket.send(text)
  }

  /** As a network breaks. */
  cut(): void {
    this.#socket.terminate()
  }

  close(code: number): void {
    this.#socket.close(code)
  }
}

export class ScriptedServer {
  readonly #server: WebSocketServer
  readonly #inbox = new Inbox<ScriptedConnection>()

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket) => this.#inbox.put(new ScriptedConnection(socket)))
  }

  static listen(): Promise<ScriptedServer> {
    return new Promise((resolve) => {
      const server: WebSocketServer = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/v1/stream' }, () =>
        resolve(new ScriptedServer(server)),
      )
    })
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/stream`
  }

  /** The next client that connects. */
  connection(): Promise<ScriptedConnection> {
    return this.#inbox.take()
  }

  /** The next client, greeted; `hello` is what it said first. */
  async greeted(fields: object = {}): Promise<{ readonly connection: ScriptedConnection; readonly hello: Said }> {
    const connection = await this.connection()
    const hello = await connection.heard()
    connection.say({ ...welcome, ...fields })
    return { connection, hello }
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }
}

export const welcome = {
  type: 'welcome',
  v: 1,
  epoch: 'history-1',
  now: '2024-01-02T00:00:00+08:00',
  clock: 'system',
  exercise: false,
  heartbeatMs: 15_000,
  lane: 'critical',
  role: 'wall',
}

export const subscribed = (topic: string, head: number, resumed: boolean) => ({
  type: 'subscribed',
  topic,
  head,
  resumed,
})

export const snapshot = (topic: string, n: number, items: readonly unknown[], part = 1, parts = 1) => ({
  type: 'snapshot',
  topic,
  n,
  part,
  parts,
  items,
})

export const transition = (topic: string, n: number, p: number, fields: object = {}) => ({
  type: 'transition',
  topic,
  n,
  p,
  kind: 'alert',
  subject: 'PJ-EDU-0001',
  unit: 'PJ-EDU-0001',
  county: 'PJ',
  rule: 'vacancy',
  from: 'green',
  to: 'yellow',
  at: '2024-01-02T00:00:00+08:00',
  why: { events: [], policy: 'home@1', assumed: false },
  ...fields,
})
