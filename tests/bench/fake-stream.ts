/**
 * A small server of docs/stream.md on `ws`, an implementation of WebSocket that is not the bench's own: what the
 * bench's client understands of it is then not its own misunderstanding.
 */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

interface ClientFrame {
  readonly type: string
  readonly topics?: readonly { readonly topic: string; readonly since?: number }[]
  readonly t?: number
}

export class FakeStream {
  readonly #server: WebSocketServer
  readonly #subscribers = new Map<string, Set<WebSocket>>()
  readonly #heads = new Map<string, number>()
  /** Every frame of a topic, for those who resume. */
  readonly #frames = new Map<string, { readonly n: number; readonly text: string }[]>()
  readonly #watchers = new Set<() => void>()
  readonly pongs: unknown[] = []
  /** Source addresses of the connections. */
  readonly addresses = new Set<string>()
  /** Source ports of the connections. */
  readonly ports = new Set<number>()
  protocolPongs = 0
  /** What every welcome says. */
  returnAfterMs = 0
  /** Greetings and subscriptions that are held back; undefined while everybody is welcome at once. */
  #heldBack: (() => void)[] | undefined
  #n = 0

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket, request) => {
      this.addresses.add(request.socket.remoteAddress ?? '')
      this.ports.add(request.socket.remotePort ?? 0)
      socket.on('close', () => this.#changed())
      socket.on('message', (bytes) => this.#take(socket, JSON.parse(String(bytes)) as ClientFrame))
      socket.on('pong', () => {
        this.protocolPongs += 1
        this.#changed()
      })
    })
  }

  /** Connections that are open. */
  get clients(): number {
    return this.#server.clients.size
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
      this.#frames.set(topic, [...(this.#frames.get(topic) ?? []), { n: this.#n, text }])
      for (const socket of this.#subscribers.get(topic) ?? []) {
        if (socket.readyState !== socket.OPEN) continue
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

  sendAll(text: string): void {
    for (const socket of this.#server.clients) socket.send(text)
  }

  /** Nobody can be resumed any more. */
  forget(): void {
    this.#frames.clear()
  }

  /** Closes every connection the way the service says goodbye. */
  sayBye(): void {
    for (const socket of this.#server.clients) socket.close(4503, 'bye')
  }

  /**
   * Says goodbye, and resolves when every connection is closed. Some clients are back before the last is gone, so
   * nobody is welcomed before `welcomeAll`: what is published until then is missed by all.
   */
  async cutAllOff(): Promise<void> {
    this.#heldBack = []
    const leaving = [...this.#server.clients]
    this.sayBye()
    await this.until(() => leaving.every(({ readyState, CLOSED }) => readyState === CLOSED))
  }

  welcomeAll(): void {
    for (const welcome of this.#heldBack ?? []) welcome()
    this.#heldBack = undefined
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
    const { returnAfterMs } = this
    const welcome = () => send({ type: 'welcome', v: 1, heartbeatMs: 15_000, lane: 'common', returnAfterMs })
    const answers = {
      hello: welcome,
      pong: () => this.pongs.push(frame.t),
      subscribe: () => {
        for (const request of frame.topics ?? []) this.#subscribe(socket, request, send)
      },
    }
    const answer = answers[frame.type as keyof typeof answers]
    // What a client says before its welcome is kept until then.
    if (this.#heldBack && frame.type !== 'pong') this.#heldBack.push(answer)
    else answer()
    this.#changed()
  }

  #subscribe(
    socket: WebSocket,
    { topic, since }: { readonly topic: string; readonly since?: number },
    send: (answer: object) => void,
  ): void {
    this.#subscribers.set(topic, (this.#subscribers.get(topic) ?? new Set()).add(socket))
    const frames = this.#frames.get(topic)
    const head = this.#heads.get(topic) ?? 0
    if (since !== undefined && (frames !== undefined || since === head)) {
      send({ type: 'subscribed', topic, head, resumed: true })
      for (const { n, text } of frames ?? []) if (n > since) socket.send(text)
      return
    }
    send({ type: 'subscribed', topic, head, resumed: false })
    // a snapshot longer than 64 KiB, in two parts
    send({ type: 'snapshot', topic, n: this.#n, part: 1, parts: 2, items: ['x'.repeat(70_000)] })
    send({ type: 'snapshot', topic, n: this.#n, part: 2, parts: 2, items: [] })
  }

  #changed(): void {
    for (const look of [...this.#watchers]) look()
  }
}
