/**
 * One supervised process: started, watched, restarted with back-off, stopped.
 *
 * The back-off doubles from `backoffMs` to `backoffMsMax` and starts over once the process has stayed up for longer
 * than the longest back-off, so that a process that dies at every start does not take the machine with it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import type { FromChild, ToChild } from './messages.js'

export interface ChildSettings {
  readonly name: string
  readonly module: URL
  readonly begin: ToChild
  readonly backoffMs: number
  readonly backoffMsMax: number
  /** Scheduling priority, -20 (first) to 19; absent: as inherited. */
  readonly niceness?: number
  readonly onReady: () => void
  readonly onRefused: (message: string) => void
  readonly say: (level: 'info' | 'warn', message: string) => void
}

export class Child {
  readonly #settings: ChildSettings
  #process: ChildProcess | undefined
  #backoffMs: number
  #startedAtMs = 0
  #timer: NodeJS.Timeout | undefined
  #stopping = false
  #gone: Promise<void> = Promise.resolve()

  constructor(settings: ChildSettings) {
    this.#settings = settings
    this.#backoffMs = settings.backoffMs
    this.#start()
  }

  get name(): string {
    return this.#settings.name
  }

  /** Asks the process to stop; resolves when it is gone. After `waitMs` it is killed. */
  async stop(waitMs: number): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const held = this.#process
    if (!held) return
    if (held.connected) held.send({ kind: 'stop' } satisfies ToChild, () => undefined)
    const killer = setTimeout(() => {
      this.#settings.say('warn', `${this.name} did not stop within ${Math.round(waitMs)} ms and is killed`)
      held.kill('SIGKILL')
    }, waitMs)
    await this.#gone
    clearTimeout(killer)
  }

  #start(): void {
    const { module, begin, niceness, name } = this.#settings
    const held = fork(module, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#process = held
    this.#startedAtMs = Date.now()
    held.on('message', (message: FromChild) => this.#hear(message))
    this.#gone = new Promise((resolve) => {
      held.once('exit', (code, signal) => {
        this.#process = undefined
        resolve()
        if (!this.#stopping) this.#restartLater(signal ?? `exit code ${code}`)
      })
    })
    held.once('spawn', () => {
      if (niceness !== undefined && held.pid !== undefined) this.#prioritise(held.pid, niceness)
      held.send(begin, () => undefined)
    })
    held.once('error', (error) => this.#settings.say('warn', `${name} cannot be started: ${error.message}`))
  }

  #hear(message: FromChild): void {
    if (message.kind === 'ready') this.#settings.onReady()
    if (message.kind === 'refused') {
      this.#stopping = true
      this.#settings.onRefused(message.message)
    }
  }

  #restartLater(how: string): void {
    if (Date.now() - this.#startedAtMs > this.#settings.backoffMsMax) this.#backoffMs = this.#settings.backoffMs
    this.#settings.say('warn', `${this.name} ended (${how}); started again in ${this.#backoffMs} ms`)
    this.#timer = setTimeout(() => this.#start(), this.#backoffMs)
    this.#backoffMs = Math.min(this.#backoffMs * 2, this.#settings.backoffMsMax)
  }

  #prioritise(pid: number, niceness: number): void {
    try {
      setPriority(pid, niceness)
    } catch {
      this.#settings.say('warn', `${this.name} stays at ordinary priority: this system does not permit ${niceness}`)
    }
  }
}
