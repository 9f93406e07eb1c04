/**
 * Appends a tick when the engine's next deadline passes: the engine itself knows no clock.
 *
 * Under a scenario clock nothing passes by itself; whoever moves the clock appends the tick.
 */
import type { UnixMs } from '../core/names.js'
import type { ServiceClock } from './clock.js'

// Node's timers hold at most 2^31-1 ms; and a machine that slept must notice within this long.
const waitMsMax = 60_000
// A tick that cannot be written now is tried again.
const againMs = 1000

export class Ticker {
  readonly #clock: ServiceClock
  readonly #append: () => boolean
  #deadlineMs: UnixMs | undefined
  #timer: NodeJS.Timeout | undefined
  #isRunning = false

  /** `append` says whether it could: a full disk must not end the service once for every deadline. */
  constructor(clock: ServiceClock, append: () => boolean) {
    this.#clock = clock
    this.#append = append
  }

  /** The engine's newest word on when it wants to be woken. */
  set(deadlineMs: UnixMs | undefined): void {
    if (deadlineMs === this.#deadlineMs) return
    this.#deadlineMs = deadlineMs
    if (this.#isRunning) this.#arm()
  }

  start(): void {
    this.#isRunning = true
    this.#arm()
  }

  stop(): void {
    this.#isRunning = false
    clearTimeout(this.#timer)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    if (this.#deadlineMs === undefined || this.#clock.kind === 'scenario') return
    const waitMs = Math.max(0, this.#deadlineMs - this.#clock.nowMs())
    this.#timer = setTimeout(() => this.#wake(), Math.min(waitMs, waitMsMax))
  }

  #wake(): void {
    if (this.#deadlineMs === undefined) return
    if (this.#clock.nowMs() < this.#deadlineMs) {
      this.#arm()
      return
    }
    if (!this.#append()) {
      this.#timer = setTimeout(() => this.#wake(), againMs)
      return
    }
    // The tick's batch brings the next deadline; until then this one must not fire again.
    this.#deadlineMs = undefined
  }
}
