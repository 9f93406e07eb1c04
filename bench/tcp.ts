/**
 * A TCP connection without a stream around it: what `node:net` is built on, used as it is.
 *
 * A `net.Socket` costs two thirds of what a client spends on coming back, and 100,000 of them share two cores with what
 * they measure. The platform keeps these parts to itself (`process.binding`, DEP0111), so they stay behind this one
 * file. The service and the client library have no use for it.
 */
import { getSystemErrorName } from 'node:util'

/** Errors are negative numbers of the platform. */
interface Handle {
  onread: () => void
  bind(address: string, port: number): number
  connect(request: object, host: string, port: number): number
  setNoDelay(on: boolean): number
  useUserBuffer(bytes: Buffer): void
  readStart(): number
  readStop(): number
  writeBuffer(request: object, bytes: Buffer): number
  reset(): number
  close(): void
}

interface Binding {
  readonly TCP: new (kind: number) => Handle
  readonly TCPConnectWrap: new () => { oncomplete: (status: number) => void }
  readonly WriteWrap: new () => { oncomplete: () => void; handle: Handle; bytes: Buffer }
  readonly constants: { readonly SOCKET: number }
  readonly streamBaseState: Int32Array
  readonly kReadBytesOrError: number
}

const { binding } = process as unknown as { readonly binding: (name: string) => Binding }
const { TCP, TCPConnectWrap, constants } = binding('tcp_wrap')
const { WriteWrap, streamBaseState, kReadBytesOrError } = binding('stream_wrap')

/**
 * What all connections of the process are read into, since bytes are read one chunk at a time: without a buffer for each
 * chunk a delivery costs a third less.
 */
const sharedBytes = Buffer.allocUnsafe(64 * 1024)

export interface TcpOwner {
  readonly onConnect: () => void
  /** The first `length` of `bytes`, which are overwritten by what comes in next, on whatever connection. */
  readonly onBytes: (bytes: Buffer, length: number) => void
  /** It is over, for whatever reason; `code` as in `net`, undefined when the other side ended it. Not called after `end`. */
  readonly onEnd: (code: string | undefined) => void
}

export interface TcpTarget {
  readonly host: string
  readonly port: number
  readonly local?: { readonly address: string; readonly port: number }
}

const ended = (): void => undefined

export class Tcp {
  readonly #handle = new TCP(constants.SOCKET)
  readonly #owner: TcpOwner
  #isOver = false
  #isPaused = false
  #isConnected = false

  /** `target.host` is an IPv4 address. */
  constructor({ host, port, local }: TcpTarget, owner: TcpOwner) {
    this.#owner = owner
    const request = new TCPConnectWrap()
    request.oncomplete = (status) => this.#connected(status)
    const status = (local && this.#handle.bind(local.address, local.port)) || this.#handle.connect(request, host, port)
    // Not before the owner has this object.
    if (status !== 0) setImmediate(() => this.#fail(status))
  }

  write(bytes: Buffer): void {
    if (this.#isOver) return
    const request = new WriteWrap()
    request.oncomplete = ended
    request.handle = this.#handle
    // What the kernel does not take at once is written later, from here.
    request.bytes = bytes
    const status = this.#handle.writeBuffer(request, bytes)
    if (status !== 0) this.#fail(status)
  }

  pause(): void {
    this.#isPaused = true
    if (this.#isConnected && !this.#isOver) this.#handle.readStop()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#isConnected && !this.#isOver) this.#handle.readStart()
  }

  /** `reset`: at once, and leaves nothing behind in either kernel table. */
  end(how: 'close' | 'reset'): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#handle.onread = ended
    if (how === 'close' || this.#handle.reset() !== 0) this.#handle.close()
  }

  #connected(status: number): void {
    if (this.#isOver) return
    if (status !== 0) {
      this.#fail(status)
      return
    }
    this.#isConnected = true
    this.#handle.setNoDelay(true)
    this.#handle.useUserBuffer(sharedBytes)
    this.#handle.onread = () => this.#read(streamBaseState[kReadBytesOrError] ?? 0)
    if (!this.#isPaused) this.#handle.readStart()
    this.#owner.onConnect()
  }

  #read(length: number): void {
    if (length > 0) this.#owner.onBytes(sharedBytes, length)
    else if (length < 0) this.#fail(length)
  }

  #fail(status: number): void {
    if (this.#isOver) return
    this.end('close')
    const code = getSystemErrorName(status)
    this.#owner.onEnd(code === 'EOF' ? undefined : code)
  }
}
