/**
 * A process that has loaded its modules and waits to take the place of one that dies: loading them is half of a core's
 * start (bench recovery). It holds no file, no port and no state, and is none of those who are watched. child.ts asks.
 */
import type { ChildProcess } from 'node:child_process'

export class Spare {
  readonly #afterMs: number
  readonly #fork: () => ChildProcess
  #timer: NodeJS.Timeout | undefined
  #process: ChildProcess | undefined

  /** `afterMs`: so long after `keep` it is started, so that it takes nothing from a start; 0: never. */
  constructor(afterMs: number, fork: () => ChildProcess) {
    this.#afterMs = afterMs
    this.#fork = fork
  }

  get isThere(): boolean {
    return this.#process?.connected === true
  }

  /** From now on there is to be one; one that ends is replaced after the same wait. */
  keep(): void {
    clearTimeout(this.#timer)
    if (this.#afterMs === 0 || this.#process) return
    this.#timer = setTimeout(() => this.#start(), this.#afterMs)
  }

  /** Undefined where there is none; afterwards there is none until `keep`. */
  take(): ChildProcess | undefined {
    clearTimeout(this.#timer)
    const held = this.#process
    this.#process = undefined
    held?.removeAllListeners()
    if (held?.connected) return held
    held?.kill('SIGKILL')
    return undefined
  }

  stop(): void {
    this.take()?.kill('SIGKILL')
  }

  #start(): void {
    try {
      const held = this.#fork()
      this.#process = held
      const ended = () => {
        if (this.#process !== held) return
        this.#process = undefined
        this.keep()
      }
      held.once('exit', ended)
      // Without a process id it never began: no exit will come.
      held.on('error', () => held.pid === undefined && ended())
    } catch {
      this.keep() // no process could be had: the one that serves is not to suffer for it
    }
  }
}
