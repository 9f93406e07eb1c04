/**
 * What connects the processes of the simulated machine: Unix sockets between them, and WebSockets to clients. Bytes come
 * in order, after a while, and not at all once a connection is broken.
 */
import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import { type Disk, systemError } from './disk.js'
import type { Life, Machine } from './machine.js'
import { WebApp, webSocketClass } from './web-sockets.js'
import { Wire } from './wire.js'

/** One end of a connection over a Unix socket. */
class LinkSocket extends Duplex {
  connecting = true
  other: LinkSocket | undefined
  readonly life: Life
  readonly #wire: Wire

  constructor(machine: Machine) {
    super()
    this.life = machine.life
    this.#wire = new Wire(machine)
    this.life.ends.push(() => this.hangUp())
  }

  override _read(): void {
    // What comes is pushed when it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { other } = this
    if (other) this.#wire.send(() => other.push(Buffer.from(chunk)), other.life)
    done(other ? undefined : systemError('EPIPE', 'nobody is there'))
  }

  override _final(done: () => void): void {
    this.hangUp()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.hangUp()
    done(error)
  }

  /** The other end hears of it; this one says nothing any more. */
  hangUp(): void {
    const { other } = this
    this.other = undefined
    if (other) this.#wire.send(() => other.destroy(), other.life)
  }
}

interface Listening {
  readonly life: Life
  readonly onConnection: (socket: LinkSocket) => void
}

export class Network {
  /** Those that stand. */
  readonly links = new Set<LinkSocket>()
  readonly WebSocket: ReturnType<typeof webSocketClass>
  readonly #machine: Machine
  readonly #disk: Disk
  readonly #listening = new Map<string, Listening>()
  /** Of push processes, by who runs them; the newest counts. */
  #app: WebApp | undefined

  constructor(machine: Machine, disk: Disk) {
    this.#machine = machine
    this.#disk = disk
    this.WebSocket = webSocketClass(machine, () => (this.#app?.life.isAlive ? this.#app : undefined))
  }

  /** Breaks a connection between two processes, or one to a client. */
  breakSomething(): void {
    const { random } = this.#machine
    const [links, clients] = [[...this.links].filter(({ destroyed }) => !destroyed), this.#app?.sockets ?? []]
    if (links.length > 0 && random.chance(0.5)) {
      const link = random.pick(links)
      this.#machine.after(0, () => link.destroy(), link.life)
    } else if (clients.length > 0) random.pick(clients).cut()
  }

  /** For `node:net`. */
  sockets() {
    return {
      connect: (path: string) => this.#connect(path),
      createServer: (onConnection: (socket: LinkSocket) => void) => this.#serverOf(onConnection),
    }
  }

  /** For `uWebSockets.js`. */
  openApp(): WebApp {
    this.#app = new WebApp(this.#machine)
    return this.#app
  }

  #connect(path: string): LinkSocket {
    const machine = this.#machine
    const near = new LinkSocket(machine)
    machine.after(machine.random.whole(20, 200) / 1000, () => {
      const listening = this.#listening.get(path)
      if (near.destroyed) return
      if (!listening?.life.isAlive) near.destroy(systemError('ECONNREFUSED', path))
      else machine.after(0, () => this.#accept(near, listening), listening.life)
    })
    return near
  }

  #accept(near: LinkSocket, { onConnection }: Listening): void {
    if (near.destroyed || !near.life.isAlive) return
    const far = new LinkSocket(this.#machine)
    far.connecting = false
    far.other = near
    near.other = far
    this.links.add(near)
    onConnection(far)
    this.#machine.after(
      0,
      () => {
        near.connecting = false
        near.emit('connect')
      },
      near.life,
    )
  }

  #serverOf(onConnection: Listening['onConnection']): EventEmitter {
    const server = new EventEmitter()
    const { life } = this.#machine
    let at: string | undefined
    return Object.assign(server, {
      listen: (path: string, done: () => void) => {
        at = path
        if (!this.#disk.find(path)) this.#disk.create(path)
        this.#listening.set(path, { life, onConnection })
        this.#machine.after(0, done)
      },
      close: (done?: () => void) => {
        if (at !== undefined) this.#listening.delete(at)
        if (done) this.#machine.after(0, done)
      },
    })
  }
}
