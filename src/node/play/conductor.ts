/**
 * When the next step may be played: at the speed that was asked for, held by a pause, a day at a time when a person wants
 * to look.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { dayMs, dayOf, startOfDay } from '../../core/day.js'
import type { DayNumber, UnixMs } from '../../core/names.js'

/** A key must be felt. */
const lookEveryMs = 50

export class Conductor {
  readonly #daysPerSecond: number
  readonly #ended: AbortSignal
  #isPaused = false
  #playUntilMs = 0
  #isQuit = false
  #atMs: UnixMs
  #lastTurnAtMs: number

  /** `daysPerSecond` 0: as fast as the service takes it. `startMs`: where the scenario's clock stands. */
  constructor(daysPerSecond: number, startMs: UnixMs, ended: AbortSignal) {
    this.#daysPerSecond = daysPerSecond
    this.#atMs = startMs
    this.#ended = ended
    this.#lastTurnAtMs = Date.now()
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  pause(): void {
    this.#isPaused = true
  }

  /** Space pauses and goes on, `s` plays to the next midnight, `q` and Ctrl-C end. */
  key(key: string): void {
    if (key === ' ') {
      this.#isPaused = !this.#isPaused
      this.#playUntilMs = 0
    } else if (key === 's') {
      this.#isPaused = true
      this.#playUntilMs = startOfDay((dayOf(this.#atMs) + 1) as DayNumber)
    } else if (key === 'q' || key === '\u0003') this.#isQuit = true
  }

  /** Resolves when the step at `toMs` may be played; false when the play is to end before it. */
  async turn(toMs: UnixMs): Promise<boolean> {
    // A pause must not be made up for afterwards, so a step is timed from the one before it.
    const takesMs = this.#daysPerSecond === 0 ? 0 : ((toMs - this.#atMs) / dayMs / this.#daysPerSecond) * 1000
    while (!this.#isOver && this.#waitMs(toMs, takesMs) > 0)
      await sleep(Math.min(lookEveryMs, this.#waitMs(toMs, takesMs)))
    this.#atMs = toMs
    this.#lastTurnAtMs = Date.now()
    return !this.#isOver
  }

  get #isOver(): boolean {
    return this.#isQuit || this.#ended.aborted
  }

  #waitMs(toMs: UnixMs, takesMs: number): number {
    if (this.#isPaused && toMs > this.#playUntilMs) return lookEveryMs
    return this.#lastTurnAtMs + takesMs - Date.now()
  }
}
