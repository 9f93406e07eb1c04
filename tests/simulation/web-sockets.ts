/**
 * WebSockets of the simulated machine: to the push process an app of the socket library, to a client a WebSocket.
 */
import type { Life, Machine } from './machine.js'
import { Wire } from './wire.js'

/** What the push process gives to the library. */
interface Behaviour {
  upgrade(response: unknown, request: { getHeader(name: string): string }, context: unknown): void
  open(socket: ServerSocket): void
  message(socket: ServerSocket, bytes: ArrayBuffer, isBinary: boolean): void
  pong(socket: ServerSocket, bytes: ArrayBuffer): void
  close(socket: ServerSocket): void
}

const bytesOf = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text)).buffer
const abnormalClosure = 1006

export class WebApp {
  readonly life: Life
  readonly sockets: ServerSocket[] = []
  readonly machine: Machine
  #behaviour: Behaviour | undefined

  constructor(machine: Machine) {
    this.machine = machine
    this.life = machine.life
    this.life.ends.push(() => {
      for (const socket of [...this.sockets]) socket.cut()
    })
  }

  get(): this {
    return this
  }

  ws(_path: string, behaviour: Behaviour): this {
    this.#behaviour = behaviour
    return this
  }

  any(): this {
    return this
  }

  listen(_host: string, _port: number, done: (listening: unknown) => void): void {
    this.machine.after(0, () => done(this))
  }

  publish(topic: string, frame: string | Buffer): void {
    for (const socket of this.sockets) if (socket.topics.has(topic)) socket.send(frame)
  }

  /** In a turn of the push process: somebody knocks. */
  knock(client: ClientSocket): void {
    const behaviour = this.#behaviour
    let userData: object | undefined
    const response = {
      upgrade: (given: object) => {
        userData = given
      },
      writeStatus: () => response,
      writeHeader: () => response,
      end: () => response,
    }
    behaviour?.upgrade(response, { getHeader: () => '' }, undefined)
    if (!userData || !behaviour) {
      client.closedIn(1)
      return
    }
    const socket = new ServerSocket(this, client, userData, behaviour)
    this.sockets.push(socket)
    client.server = socket
    socket.wire.send(() => client.opened(), this.machine.outside)
    behaviour.open(socket)
  }
}

/** The push process's end. */
class ServerSocket {
  readonly topics = new Set<string>()
  readonly wire: Wire
  readonly back: Wire
  readonly #app: WebApp
  readonly #client: ClientSocket
  readonly #userData: object
  readonly #behaviour: Behaviour
  #isOver = false

  constructor(app: WebApp, client: ClientSocket, userData: object, behaviour: Behaviour) {
    this.#app = app
    this.#client = client
    this.#userData = userData
    this.#behaviour = behaviour
    this.wire = new Wire(app.machine)
    this.back = new Wire(app.machine)
  }

  getUserData(): object {
    return this.#userData
  }

  send(frame: string | Buffer): void {
    const text = frame.toString()
    this.wire.send(() => this.#client.received(text), this.#app.machine.outside)
  }

  cork(write: () => void): void {
    write()
  }

  subscribe(topic: string): void {
    this.topics.add(topic)
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic)
  }

  ping(text: string): void {
    const { machine, life } = this.#app
    this.wire.send(() => this.back.send(() => this.#behaviour.pong(this, bytesOf(text)), life), machine.outside)
  }

  end(code: number): void {
    this.wire.send(() => this.#client.closed(code), this.#app.machine.outside)
    this.#leave()
  }

  /** From the client. */
  hears(text: string): void {
    this.back.send(
      () => (this.#isOver ? undefined : this.#behaviour.message(this, bytesOf(text), false)),
      this.#app.life,
    )
  }

  /** The connection is gone, and with it what was on its way. */
  cut(): void {
    if (this.#isOver) return
    this.wire.isCut = true
    this.#client.closedIn(1)
    this.#app.machine.after(0, () => this.#leave(), this.#app.life)
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#app.sockets.splice(this.#app.sockets.indexOf(this), 1)
    this.#app.machine.after(0, () => this.#behaviour.close(this), this.#app.life)
  }
}

type Listener = (event: { data: unknown; code: number }) => void

/** A client's end, as a browser has it. */
class ClientSocket {
  readyState = 0
  server: ServerSocket | undefined
  readonly #machine: Machine
  readonly #listeners = new Map<string, Listener[]>()

  constructor(machine: Machine, app: () => WebApp | undefined) {
    this.#machine = machine
    machine.after(machine.random.whole(1, 20) / 10, () => {
      const found = app()
      if (found) machine.after(0, () => found.knock(this), found.life)
      // A process that dies before it answers is no answer either.
      machine.after(found ? 3000 : 0, () => (this.readyState === 0 ? this.closed(abnormalClosure) : undefined))
    })
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(text: string): void {
    this.server?.hears(text)
  }

  close(): void {
    this.server?.cut()
    this.closedIn(1)
  }

  opened(): void {
    this.readyState = 1
    this.#tell('open')
  }

  received(text: string): void {
    if (this.readyState === 1) this.#tell('message', { data: text, code: 0 })
  }

  closed(code: number): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.server = undefined
    this.#tell('close', { data: undefined, code })
  }

  closedIn(ms: number): void {
    this.#machine.after(ms, () => this.closed(abnormalClosure), this.#machine.outside)
  }

  #tell(type: string, event: Parameters<Listener>[0] = { data: undefined, code: 0 }): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event)
  }
}

export const webSocketClass = (machine: Machine, app: () => WebApp | undefined) =>
  class extends ClientSocket {
    constructor(_address: string) {
      super(machine, app)
    }
  }
