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
  readonly #heard: Reply[] = []
  #isClosed = false
  #id = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (text) => this.#heard.push(JSON.parse(String(text)) as Reply))
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

  /** Evaluates in the main thread; resolves when that is done, or the process is gone. */
  async evaluate(expression: string): Promise<void> {
    const id = this.#send('Runtime.evaluate', { expression })
    await this.#until((reply) => reply.id === id)
    // A process that ends waits for its debugger to leave.
    this.#socket.terminate()
  }

  /** Evaluates in the newest worker thread, when that next does something; resolves when the thread is gone. */
  async endThread(expression: string): Promise<void> {
    this.#send('NodeWorker.enable', { waitForDebuggerOnStart: false })
    const attached = await this.#until((reply) => reply.method === 'NodeWorker.attachedToWorker')
    const sessionId = attached?.params?.['sessionId']
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })
    this.#send('NodeWorker.sendMessageToWorker', { sessionId, message })
    await this.#until(
      ({ method, params }) => method === 'NodeWorker.detachedFromWorker' && params?.['sessionId'] === sessionId,
    )
  }

  close(): void {
    this.#socket.terminate()
  }

  #send(method: string, params: object): number {
    this.#id += 1
    this.#socket.send(JSON.stringify({ id: this.#id, method, params }))
    return this.#id
  }

  /** The newest such reply. What was heard before is forgotten with it. */
  async #until(is: (reply: Reply) => boolean): Promise<Reply | undefined> {
    const found = await until(
      () => this.#heard.findLast(is),
      (reply) => reply !== undefined || this.#isClosed,
    )
    if (found) this.#heard.splice(0, this.#heard.indexOf(found) + 1)
    return found
  }
}
