/**
 * A small server of docs/stream.md on `ws`, an implementation of WebSocket that is not the bench's own: what the
 * bench's client understands of it is then not its own misunderstanding.
 */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

interface ClientFrame {
  readonly type: string
  readonly topics?: readonly { readonly topic: string }[]
  readonly t?: number
}

export class FakeStream {
  readonly #server: WebSocketServer
  readonly #subscribers = new Map<string, Set<WebSocket>>()
  readonly #heads = new Map<string, number>()
  readonly #watchers = new Set<() => void>()
  readonly pongs: unknown[] = []
  /** Source addresses of the connections. */
  readonly addresses = new Set<string>()
  protocolPongs = 0
  #n = 0

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket, request) => {
      this.addresses.add(request.socket.remoteAddress ?? '')
      socket.on('message', (bytes) => this.#take(socket, JSON.parse(String(bytes)) as ClientFrame))
      socket.on('pong', () => {
        this.protocolPongs += 1
        this.#changed()
      })
    })
  }

  static listen(): Promise<FakeStream> {
    return new Promise((resolve) => {
      const server: WebSocketServer = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/v1/stream' }, () =>
        resolve(new FakeStream(server)),
      )
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Publishes one transition on its topics; `without` leaves the frame of one topic out, `twice` doubles it. */
  publish(
    subject: string,
    topics: readonly string[],
    eventId: string,
    fault: { readonly without?: string; readonly twice?: string; readonly stamps?: object } = {},
  ): number {
    this.#n += 1
    for (const topic of topics) {
      const p = this.#heads.get(topic) ?? 0
      this.#heads.set(topic, this.#n)
      if (topic === fault.without) continue
      const text = JSON.stringify({
        type: 'transition',
        topic,
        n: this.#n,
        p,
        kind: 'alert',
        subject,
        why: { events: [{ source: '/bench', id: eventId }] },
        stamps: fault.stamps,
      })
      for (const socket of this.#subscribers.get(topic) ?? []) {
        socket.send(text)
        if (topic === fault.twice) socket.send(text)
      }
    }
    return this.#n
  }

  ping(t: number): void {
    for (const socket of this.#server.clients) {
      socket.ping()
      socket.send(JSON.stringify({ type: 'ping', t, heads: Object.fromEntries(this.#heads) }))
    }
  }

  /** Closes every connection the way the service says goodbye. */
  sayBye(): void {
    for (const socket of this.#server.clients) socket.close(4503, 'bye')
  }

  /** Resolves when `when()` holds; looked at whenever something came in. */
  until(when: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!when()) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }

  #take(socket: WebSocket, frame: ClientFrame): void {
    const send = (answer: object): void => socket.send(JSON.stringify(answer))
    if (frame.type === 'hello') send({ type: 'welcome', v: 1, heartbeatMs: 15_000, lane: 'common' })
    if (frame.type === 'pong') this.pongs.push(frame.t)
    for (const { topic } of frame.type === 'subscribe' ? (frame.topics ?? []) : []) {
      const sockets = this.#subscribers.get(topic) ?? new Set()
      this.#subscribers.set(topic, sockets.add(socket))
      send({ type: 'subscribed', topic, head: this.#heads.get(topic) ?? 0, resumed: false })
      // a snapshot longer than 64 KiB, in two parts
      send({ type: 'snapshot', topic, n: this.#n, part: 1, parts: 2, items: ['x'.repeat(70_000)] })
      send({ type: 'snapshot', topic, n: this.#n, part: 2, parts: 2, items: [] })
    }
    this.#changed()
  }

  #changed(): void {
    for (const look of [...this.#watchers]) look()
  }
}
