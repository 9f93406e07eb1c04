/**
 * A child process of the bench: asked one thing at a time, awaited with a limit, never left behind.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Kinded {
  readonly kind: string
}

interface Awaited {
  readonly kind: string
  readonly resolve: (message: Kinded) => void
  readonly reject: (error: Error) => void
}

export class Child<To extends Kinded, From extends Kinded> {
  readonly #name: string
  readonly #process: ChildProcess
  readonly #awaited = new Set<Awaited>()
  #ended: string | undefined

  /** `script`: the compiled file beside this one, for example `clients.js`. */
  constructor(name: string, script: string) {
    this.#name = name
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), [], {
      serialization: 'advanced',
      // What a test runner loads into its own process has no place here, and takes a second of CPU.
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#process.on('message', (message) => this.#take(message as Kinded))
    this.#process.on('error', (error) => this.#end(error.message))
    this.#process.on('exit', (code, signal) => this.#end(`ended with ${signal ?? code}`))
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Sends `message` and waits for the answer of the same kind. */
  ask<K extends To['kind']>(
    message: Extract<To, { kind: K }>,
    waitMs: number,
  ): Promise<Extract<From, { readonly kind: K }>> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(new Error(`${this.#name} ${this.#ended}`))
        return
      }
      const limit = setTimeout(
        () => awaited.reject(new Error(`${this.#name}: no answer to ${message.kind} within ${waitMs} ms`)),
        waitMs,
      )
      const settle = (): void => {
        clearTimeout(limit)
        this.#awaited.delete(awaited)
      }
      const awaited: Awaited = {
        kind: message.kind,
        resolve: (answer) => {
          settle()
          resolve(answer as Extract<From, { readonly kind: K }>)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      }
      this.#awaited.add(awaited)
      this.#process.send(message)
    })
  }

  /** Ends it at once: a child holds nothing that must be saved. */
  async stop(): Promise<void> {
    if (this.#ended !== undefined) return
    const gone = new Promise<void>((resolve) => {
      this.#process.once('exit', () => resolve())
    })
    this.#process.kill('SIGKILL')
    await gone
  }

  #take(message: Kinded): void {
    for (const awaited of this.#awaited)
      if (awaited.kind === message.kind) {
        awaited.resolve(message)
        return
      }
  }

  #end(how: string): void {
    this.#ended = how
    for (const awaited of [...this.#awaited]) awaited.reject(new Error(`${this.#name} ${how}`))
  }
}
