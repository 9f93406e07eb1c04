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

const whatItWasGiven = "JSON.stringify(process.getBuiltinModule('worker_threads').workerData)"

/** One connection to one process. */
export class Inspector {
  readonly #socket: WebSocket
  readonly #answered = new Set<number>()
  /** Sessions of the threads that live, with what is known of each. */
  readonly #threads = new Map<unknown, string>()
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

  /**
   * Evaluates in a thread, when that next does something; resolves when the thread is gone. `words`: of its address, or of
   * what it was given; absent: one of the engine's.
   */
  async endThread(expression: string, words = '"shard":'): Promise<void> {
    const sessionId = await this.#thread(words)
    this.#evaluateIn(sessionId, expression)
    await this.#until(() => !this.#threads.has(sessionId))
  }

  /** The same in one that goes on; it is only begun. */
  async runInThread(expression: string, words = '"shard":'): Promise<void> {
    this.#evaluateIn(await this.#thread(words), expression)
  }

  async #thread(words: string): Promise<unknown> {
    this.#send('NodeWorker.enable', { waitForDebuggerOnStart: false })
    // One that takes the place of another may be there before the other is gone.
    const found = () => [...this.#threads].find(([, known]) => known.includes(words))?.[0]
    await this.#until(() => found() !== undefined)
    return found()
  }

  close(): void {
    this.#socket.terminate()
  }

  #send(method: string, params: object): number {
    this.#id += 1
    this.#socket.send(JSON.stringify({ id: this.#id, method, params }))
    return this.#id
  }

  #evaluateIn(sessionId: unknown, expression: string): void {
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true } })
    this.#send('NodeWorker.sendMessageToWorker', { sessionId, message })
  }

  #hear({ id, method, params }: Reply): void {
    if (id !== undefined) this.#answered.add(id)
    const sessionId = params?.['sessionId']
    if (method === 'NodeWorker.attachedToWorker') {
      this.#threads.set(sessionId, JSON.stringify(params))
      // Threads of one file differ by what they were given.
      this.#evaluateIn(sessionId, whatItWasGiven)
    }
    if (method === 'NodeWorker.receivedMessageFromWorker') {
      const said = JSON.parse(String(params?.['message'])) as { result?: { result?: { value?: unknown } } }
      const known = this.#threads.get(sessionId)
      const given = said.result?.result?.value
      // Asked while it began: it does not know yet.
      if (given === 'null') this.#evaluateIn(sessionId, whatItWasGiven)
      else if (known !== undefined) this.#threads.set(sessionId, `${known} ${given}`)
    }
    if (method === 'NodeWorker.detachedFromWorker') this.#threads.delete(sessionId)
  }

  async #until(is: () => boolean): Promise<void> {
    await until(
      () => is() || this.#isClosed,
      (yes) => yes,
    )
  }
}
