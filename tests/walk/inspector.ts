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
  readonly error?: unknown
  /** Of `Runtime.evaluate`. */
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: unknown }
}

const whatItWasGiven = "JSON.stringify(process.getBuiltinModule('worker_threads').workerData)"
/** Of the question about that, and of whatever else is evaluated in a thread. */
const [givenId, otherId] = [1, 2]
// Whoever begins must not be kept from it by questions.
const againMs = 10

/** One connection to one process. */
export class Inspector {
  readonly #socket: WebSocket
  readonly #replies = new Map<number, Reply>()
  /** Sessions of the threads that live, with what is known of each. */
  readonly #threads = new Map<unknown, string>()
  /** Of these, those that have not been asked yet what they were given. */
  readonly #unasked = new Set<unknown>()
  #isLooking = false
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

  /**
   * Evaluates in the main thread of a process that goes on. Whoever has just been started answers before it has what the
   * expression needs, or has a context at all: it is asked again, until it has done it.
   */
  async run(expression: string): Promise<void> {
    let id = this.#send('Runtime.evaluate', { expression })
    await this.#until(() => {
      const reply = this.#replies.get(id)
      if (!reply) return false
      const isDone = reply.error === undefined && reply.result?.exceptionDetails === undefined
      if (!isDone) id = this.#send('Runtime.evaluate', { expression })
      return isDone
    })
  }

  /** Evaluates in the main thread and leaves; resolves when that is done, or the process is gone. */
  async evaluate(expression: string): Promise<void> {
    await this.run(expression)
    // A process that ends waits for its debugger to leave.
    this.#socket.terminate()
  }

  /**
   * Evaluates in a thread, when that next does something, what ends it. Whoever wants to see it end asks the service: an
   * inspector is not always told, and what takes the thread's place may be there before. `words`: of its address, or of
   * what it was given; absent: one of the engine's.
   */
  async endThread(expression: string, words = '"shard":'): Promise<void> {
    const sessionId = await this.#thread(words)
    this.#evaluateIn(sessionId, otherId, expression)
    this.#gone(sessionId)
  }

  /** The same in one that goes on; it is only begun. */
  async runInThread(expression: string, words = '"shard":'): Promise<void> {
    this.#evaluateIn(await this.#thread(words), otherId, expression)
  }

  /**
   * Only now, when the service is well, are threads asked. One that begins must not be: an evaluation runs what waits in the
   * thread as well, there that is the loop in which Piscina parks it, and the inspector hears nothing more for ever.
   */
  async #thread(words: string): Promise<unknown> {
    this.#isLooking = true
    this.#send('NodeWorker.enable', { waitForDebuggerOnStart: false })
    this.#askThreads()
    const found = () => [...this.#threads].find(([, known]) => known.includes(words))?.[0]
    await this.#until(() => found() !== undefined)
    this.#isLooking = false
    return found()
  }

  /** Threads of one file differ by what they were given. */
  #askThreads(): void {
    for (const sessionId of this.#unasked) this.#evaluateIn(sessionId, givenId, whatItWasGiven)
    this.#unasked.clear()
  }

  close(): void {
    this.#socket.terminate()
  }

  #send(method: string, params: object): number {
    this.#id += 1
    this.#socket.send(JSON.stringify({ id: this.#id, method, params }))
    return this.#id
  }

  #evaluateIn(sessionId: unknown, id: number, expression: string): void {
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression, returnByValue: true } })
    this.#send('NodeWorker.sendMessageToWorker', { sessionId, message })
  }

  #hear(reply: Reply): void {
    const { id, method, params } = reply
    if (id !== undefined) this.#replies.set(id, reply)
    const sessionId = params?.['sessionId']
    if (method === 'NodeWorker.attachedToWorker') {
      this.#threads.set(sessionId, JSON.stringify(params))
      this.#unasked.add(sessionId)
      if (this.#isLooking) this.#askThreads()
    }
    if (method === 'NodeWorker.receivedMessageFromWorker')
      this.#hearThread(sessionId, JSON.parse(String(params?.['message'])) as Reply)
    if (method === 'NodeWorker.detachedFromWorker') this.#gone(sessionId)
  }

  #gone(sessionId: unknown): void {
    this.#threads.delete(sessionId)
    this.#unasked.delete(sessionId)
  }

  #hearThread(sessionId: unknown, { id, result }: Reply): void {
    const known = this.#threads.get(sessionId)
    if (known === undefined) return
    if (id === otherId) this.#threads.set(sessionId, `${known} answered ${JSON.stringify(result)}`)
    if (id !== givenId) return
    const given = result?.result?.value
    // Asked while it began: it does not know yet, or cannot even say so.
    if (given === undefined || given === 'null')
      setTimeout(() => this.#evaluateIn(sessionId, givenId, whatItWasGiven), againMs)
    else this.#threads.set(sessionId, `${known} ${given}`)
  }

  async #until(is: () => boolean): Promise<void> {
    // What is known of the threads, for who reads why it was not so.
    await until(
      () => (is() || this.#isClosed ? 'so' : [...this.#threads]),
      (known) => known === 'so',
    )
  }
}
