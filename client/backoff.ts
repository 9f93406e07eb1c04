/**
 * How long to wait before the next attempt: doubling up to a bound, jittered.
 *
 * The jitter is half of the wait. Without it, 20,000 clients that lost one server come back in the same millisecond,
 * and again after each failure.
 */
export interface BackoffSettings {
  readonly reconnectMsMin: number
  readonly reconnectMsMax: number
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
}

// 2^30 times any wait is beyond any bound; more would lose precision for nothing.
const doublingsMax = 30

export class Backoff {
  readonly #settings: BackoffSettings
  #failures = 0

  constructor(settings: BackoffSettings) {
    this.#settings = settings
  }

  /** The wait before the next attempt, at least `atLeastMs`, which is what the server asked for. */
  nextMs(atLeastMs = 0): number {
    const { reconnectMsMin, reconnectMsMax, random } = this.#settings
    const longestMs = Math.min(reconnectMsMax, reconnectMsMin * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, doublingsMax)
    return Math.max(atLeastMs, longestMs * (0.5 + random() / 2))
  }

  succeeded(): void {
    this.#failures = 0
  }
}
