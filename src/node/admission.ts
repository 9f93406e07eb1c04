/**
 * May a request be taken now? Asked before anything of it is read: load makes the service refuse, with a reason, before
 * anything is late, and nothing is taken that could not be kept.
 */
import type { Config } from '../config/config.js'
import type { ErrorCode } from '../core/errors.js'
import type { Log } from '../log/log.js'

// Free space is asked of the file system so often; at 100 MB/s a second costs a tenth of the default reserve.
const diskEveryMs = 1000

export class Admission {
  readonly #config: Config
  readonly #log: Log
  readonly #backlogEntries: () => number
  readonly #timer: NodeJS.Timeout
  #isDiskLow = false
  isStopping = false

  constructor(config: Config, log: Log, backlogEntries: () => number) {
    this.#config = config
    this.#log = log
    this.#backlogEntries = backlogEntries
    this.#timer = setInterval(() => this.measure(), diskEveryMs)
    this.#timer.unref()
  }

  /** The code to refuse with, or undefined. */
  readonly verdict = (): ErrorCode | undefined => {
    if (this.isStopping) return 'QW_STOPPING'
    if (this.#isDiskLow) return 'QW_DISK_NEARLY_FULL'
    if (this.#backlogEntries() >= this.#config.judgeBacklogEntriesMax) return 'QW_OVERLOADED'
    return undefined
  }

  get isDiskLow(): boolean {
    return this.#isDiskLow
  }

  /** A disk that cannot be asked counts as full. */
  async measure(): Promise<void> {
    this.#isDiskLow = await this.#log.freeBytes().then(
      (free) => free < this.#config.diskFreeBytesMin,
      () => true,
    )
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
