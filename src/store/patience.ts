/**
 * Tries again, with growing pauses, until it succeeds or the writer is to stop. Says it once when it begins to fail and
 * once when it is over: what happens in between can be read from the state. A store that is merely starting is no news.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { QwError } from '../core/errors.js'

export interface PatienceSettings {
  /** First wait after a failure; doubles up to the greatest. */
  readonly backoffMs: number
  readonly backoffMsMax: number
  /** A store that has not answered yet is taken for one that starts, for so long; absent: it is there already. */
  readonly startMs?: number
  readonly say: (level: 'info' | 'warn', message: string) => void
}

/** The writer was told to stop. */
export class Stopping extends Error {
  constructor() {
    super('the writer was told to stop')
  }
}

/** One row of tries. */
export interface Tries {
  /** Waits before the next; throws `Stopping`. */
  failed(error: unknown): Promise<void>
  succeeded(): void
}

export class Patience {
  readonly #settings: PatienceSettings
  readonly #stopping: AbortSignal
  readonly #onFailure: (why: string) => void
  readonly #onSuccess: () => void
  readonly #startedAtMs = performance.now()
  #hasAnswered = false

  /** `onSuccess` is called after failures only. */
  constructor(
    settings: PatienceSettings,
    stopping: AbortSignal,
    on: { readonly failure: (why: string) => void; readonly success: () => void },
  ) {
    this.#settings = settings
    this.#stopping = stopping
    this.#onFailure = on.failure
    this.#onSuccess = on.success
  }

  tries(): Tries {
    const { backoffMs, backoffMsMax, say } = this.#settings
    let failures = 0
    let isSaid = false
    return {
      failed: async (error) => {
        if (this.#stopping.aborted) throw new Stopping()
        const why = error instanceof Error ? error.message : String(error)
        if (!isSaid && !this.#mayBeStarting()) {
          isSaid = true
          say('warn', `the store is away (${why}); the log keeps what it misses`)
        }
        this.#onFailure(why)
        await this.pause(Math.min(backoffMs * 2 ** failures, backoffMsMax))
        failures += 1
        if (this.#stopping.aborted) throw new Stopping()
      },
      succeeded: () => {
        this.#hasAnswered = true
        if (failures === 0) return
        if (isSaid) say('info', `the store is back after ${failures} failed ${failures === 1 ? 'try' : 'tries'}`)
        this.#onSuccess()
      },
    }
  }

  #mayBeStarting(): boolean {
    return !this.#hasAnswered && performance.now() - this.#startedAtMs < (this.#settings.startMs ?? 0)
  }

  /** An expected error, which trying again does not mend, is thrown, and so is one that is not `passing`. */
  async until<T>(work: () => Promise<T>, passing: (error: unknown) => boolean = () => true): Promise<T> {
    const tries = this.tries()
    for (;;) {
      try {
        const result = await work()
        tries.succeeded()
        return result
      } catch (error) {
        if (error instanceof QwError || !passing(error)) throw error
        await tries.failed(error)
      }
    }
  }

  /** Ends early when the writer is to stop. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping }).catch(() => undefined)
  }
}
