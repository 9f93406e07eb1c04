/**
 * One supervised process: started, watched, restarted with back-off, stopped. One that is silent is killed: it may hang in
 * the handler of its own crash, as ClickHouse does for minutes.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { BackOff } from './back-off.js'
import { aliveEveryMs, type FromChild, spareWord, type ToChild } from './messages.js'
import { Spare } from './spare.js'

export interface ChildSettings {
  readonly name: string
  readonly module: URL
  readonly begin: ToChild
  /** Words for Node itself, beside those that this process was given. */
  readonly nodeOptions: readonly string[]
  readonly backoffMs: number
  readonly backoffMsMax: number
  /** A process that says nothing for so long is killed; one that never gets to serve is given longer at each start. */
  readonly silenceMs: number
  /** Scheduling priority, -20 (first) to 19. */
  readonly niceness: number
  /**
   * Set where others of its kind serve while it starts again: its priority until it serves too, because its half a second
   * of loading must not be in front of them.
   */
  readonly loadingNiceness?: number
  /** So long after it serves, another process is started that will take its place; 0: none. */
  readonly spareAfterMs: number
  readonly onReady: () => void
  readonly onRefused: (message: string) => void
  readonly say: (level: 'info' | 'warn', message: string) => void
}

export class Child {
  readonly #settings: ChildSettings
  #process: ChildProcess | undefined
  readonly #spare: Spare
  readonly #backOff: BackOff
  /** Undefined until it serves. */
  #servesSinceMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #silentMs = 0
  /** Doubled each time that it is killed before it serves: a store with much to load is silent for long when it begins. */
  #silenceMs: number
  #hasServed = false
  /** At `loadingNiceness`. */
  #isBehind = false
  #stopping = false
  #gone: Promise<void> = Promise.resolve()

  constructor(settings: ChildSettings) {
    this.#settings = settings
    this.#silenceMs = settings.silenceMs
    this.#backOff = new BackOff(settings.backoffMs, settings.backoffMsMax)
    this.#spare = new Spare(settings.spareAfterMs, () => this.#fork([spareWord]))
    this.#start()
  }

  get name(): string {
    return this.#settings.name
  }

  /** Asks the process to stop; resolves when it is gone. After `waitMs` it is killed. */
  async stop(waitMs: number): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    this.#spare.stop()
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
    this.#servesSinceMs = undefined
    try {
      const spare = this.#spare.take()
      const held = spare ?? this.#fork([])
      this.#process = held
      this.#follow(held)
      if (spare) this.#begin(held)
      else held.once('spawn', () => this.#begin(held))
    } catch (error) {
      this.#restartLater((error as Error).message)
    }
  }

  #fork(words: readonly string[]): ChildProcess {
    const { module, nodeOptions } = this.#settings
    const execArgv = [...process.execArgv, ...nodeOptions]
    return fork(module, words, { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  #begin(held: ChildProcess): void {
    const { begin, niceness, loadingNiceness } = this.#settings
    // What could not be raised again must not be lowered.
    const isRaised = held.pid !== undefined && this.#prioritise(held.pid, niceness) && niceness < 0
    this.#isBehind = isRaised && this.#hasServed && loadingNiceness !== undefined
    if (this.#isBehind) this.#prioritise(held.pid, loadingNiceness)
    held.send(begin, () => undefined)
  }

  #follow(held: ChildProcess): void {
    held.on('message', (message: FromChild) => this.#hear(message))
    this.#gone = new Promise((resolve) => {
      const ended = (how: string) => {
        if (this.#process !== held) return
        this.#process = undefined
        clearInterval(this.#watch)
        resolve()
        if (!this.#stopping) this.#restartLater(how)
      }
      held.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
      // Without a process id it never began, for want of memory, processes or descriptors: no exit will come.
      held.on('error', (error) => held.pid === undefined && ended(error.message))
    })
    this.#silentMs = 0
    this.#watch = setInterval(() => this.#watchSilence(held), aliveEveryMs)
  }

  /** Counted in turns, not read off a clock: when main stood still itself, it has heard nobody. */
  #watchSilence(held: ChildProcess): void {
    this.#silentMs += aliveEveryMs
    if (this.#silentMs <= this.#silenceMs) return
    if (this.#servesSinceMs === undefined) this.#silenceMs *= 2
    this.#settings.say('warn', `${this.name} has said nothing for ${this.#silentMs} ms and is killed`)
    held.kill('SIGKILL')
  }

  #hear(message: FromChild): void {
    this.#silentMs = 0
    if (message.kind === 'ready') {
      this.#hasServed = true
      this.#silenceMs = this.#settings.silenceMs
      this.#servesSinceMs ??= performance.now()
      if (this.#isBehind) this.#prioritise(this.#process?.pid, this.#settings.niceness)
      this.#spare.keep()
      this.#settings.onReady()
    }
    if (message.kind === 'again') this.#backOff.startOver()
    if (message.kind !== 'refused') return
    if (message.retryable && this.#hasServed) {
      this.#settings.say('warn', `${this.name}: ${message.message}`)
      return
    }
    this.#stopping = true
    this.#settings.onRefused(message.message)
  }

  #restartLater(how: string): void {
    const servedMs = this.#servesSinceMs === undefined ? undefined : performance.now() - this.#servesSinceMs
    const afterMs = this.#backOff.waitMs(servedMs)
    // There is one only where the one before served for a while: it may take over at once.
    const waitMs = this.#spare.isThere ? 0 : afterMs
    this.#settings.say('warn', `${this.name} ended (${how}); started again in ${waitMs} ms`)
    this.#timer = setTimeout(() => this.#start(), waitMs)
  }

  #prioritise(pid = 0, niceness = 0): boolean {
    try {
      // 0 would be ourselves.
      if (pid > 0) setPriority(pid, niceness)
      return pid > 0
    } catch {
      this.#settings.say('warn', `${this.name} stays at ordinary priority: this system does not permit ${niceness}`)
      return false
    }
  }
}
