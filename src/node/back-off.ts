/**
 * How long a process that died waits before it is started again.
 *
 * Doubling, so that one that dies at every start does not take the machine with it; and from the beginning again once it
 * has served for ten times as long as it had to wait: two deaths within seconds are bad luck, and the second must not cost
 * more than the first. child.ts asks.
 */
const servedBackoffs = 10

export class BackOff {
  readonly #firstMs: number
  readonly #longestMs: number
  #nextMs: number
  #waitedMs = 0

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
    this.#nextMs = firstMs
  }

  /** The wait after another death. `servedMs`: how long it had served; undefined when it never did. */
  waitMs(servedMs: number | undefined): number {
    if (servedMs !== undefined && servedMs >= servedBackoffs * this.#waitedMs) this.startOver()
    this.#waitedMs = this.#nextMs
    this.#nextMs = Math.min(this.#nextMs * 2, this.#longestMs)
    return this.#waitedMs
  }

  startOver(): void {
    this.#nextMs = this.#firstMs
  }
}
