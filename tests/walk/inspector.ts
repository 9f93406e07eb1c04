/**
 * Faults inside a running process, without a line for them in the service: Node opens its inspector on SIGUSR1, and what
 * is evaluated there happens in the process itself. Needs `NODE_OPTIONS=--inspect-port=0`, so that each opens its own.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type Service, until } from './service.js'

interface Reply {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** One connection to one process. */
export class Inspector {
  readonly #socket: WebSocket
  readonly #answered = new Set<number>()
  /** Sessions of the engine's threads that live. */
  readonly #threads = new Set<unknown>()
  #isClosed = false
  #id = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (text) => this.#hear(JSON.parse(String(text)) as Reply))
    // The process is about to die.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#isClosed = true
    })
  }

  static async attach(service: Service, pid: number): Promise<Inspector> {
    const opened = () => [...service.said().matchAll(/Debugger listening on (ws:\S+)/g)].map(([, address]) => address)
    const before = opened().length
    process.kill(pid, 'SIGUSR1')
    const [address] = await until(
      () => opened().slice(before),
      (found) => found.length > 0,
    )
    const socket = new WebSocket(String(address))
    const inspector = new Inspector(socket)
    await once(socket, 'open')
    return inspector
  }

  /** Evaluates in the main thread of a process that goes on. */
  async run(expression: string): Promise<void> {
    const id = this.#send('Runtime.evaluate', { expression })
    await this.#until(() => this.#answered.has(id))
  }

  /** Evaluates in the main thread and leaves; resolves when that is done, or the process is gone. */
  async evaluate(expression: string): Promise<void> {
    await this.run(expression)
    // A process that ends waits for its debugger to leave.
    this.#socket.terminate()
  }

  /** Evaluates in an engine thread, when that next does something; resolves when the thread is gone. */
  async endThread(expression: string): Promise<void> {
    this.#send('NodeWorker.enable', { waitForDebuggerOnStart: false })
    // One that takes the place of another may be there before the other is gone.
    await this.#until(() => this.#threads.size > 0)
    const [sessionId] = this.#threads
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })
    this.#send('NodeWorker.sendMessageToWorker', { sessionId, message })
    await this.#until(() => !this.#threads.has(sessionId))
  }

  close(): void {
    this.#socket.terminate()
  }

  #send(method: string, params: object): number {
    this.#id += 1
    this.#socket.send(JSON.stringify({ id: this.#id, method, params }))
    return this.#id
  }

  #hear({ id, method, params }: Reply): void {
    if (id !== undefined) this.#answered.add(id)
    const sessionId = params?.['sessionId']
    // Not every thread is the engine's: Node gives module loaders one.
    if (method === 'NodeWorker.attachedToWorker' && JSON.stringify(params).includes('piscina'))
      this.#threads.add(sessionId)
    if (method === 'NodeWorker.detachedFromWorker') this.#threads.delete(sessionId)
  }

  async #until(is: () => boolean): Promise<void> {
    await until(
      () => is() || this.#isClosed,
      (yes) => yes,
    )
  }
}
