/**
 * Work that must follow the latest state: one run at a time, and one more when it was asked for meanwhile.
 *
 * Cancelling the run under way instead would never come to an end while changes come faster than answers.
 */
export class Again {
  readonly #run: () => Promise<void>
  readonly #onError: (error: unknown) => void
  #isRunning = false
  #isWanted = false

  constructor(run: () => Promise<void>, onError: (error: unknown) => void) {
    this.#run = run
    this.#onError = onError
  }

  /** A run begins now, or when the one under way has ended. */
  soon(): void {
    this.#isWanted = true
    if (!this.#isRunning) this.#runOn().catch(this.#onError)
  }

  async #runOn(): Promise<void> {
    this.#isRunning = true
    try {
      while (this.#isWanted) {
        this.#isWanted = false
        await this.#run()
      }
    } finally {
      this.#isRunning = false
    }
  }
}
