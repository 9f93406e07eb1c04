/**
 * How long a request may have lain in its socket before it was read: what no queue of the service shows, and where a core
 * whose loop is busy keeps most of what waits.
 *
 * A turn of the loop reads whatever has come in since the turn before looked. So a request has waited no longer than since
 * the first one of the turn before was read, and not at all when the turn before found nothing: then the loop has rested.
 * The door (door.ts) says when one is read; admission (admission.ts) adds the wait to its estimate.
 */

export class Turns {
  /** When the first request of the turn before was read; undefined when it found none. */
  #beforeUs: number | undefined
  /** The same of this turn. */
  #beganUs: number | undefined
  #isWatching = false

  /** At most, in microseconds, of a request that is read at `nowUs`. */
  waitedUs(nowUs: number): number {
    this.#beganUs ??= nowUs
    if (!this.#isWatching) this.#watch()
    return nowUs - (this.#beforeUs ?? this.#beganUs)
  }

  #watch(): void {
    this.#isWatching = true
    setImmediate(this.#ended)
  }

  /** What a turn has read is read when its immediates run. The next one is looked at too: it may find what came meanwhile. */
  readonly #ended = (): void => {
    this.#isWatching = false
    this.#beforeUs = this.#beganUs
    this.#beganUs = undefined
    if (this.#beforeUs !== undefined) this.#watch()
  }
}
