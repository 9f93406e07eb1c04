/**
 * May a request be taken now? Asked before anything of it is read: load makes the service refuse, with a reason, before
 * anything is late, and nothing is taken that could not be kept.
 */
import type { Config } from '../config/config.js'
import { QwError } from '../core/errors.js'
import type { Log } from '../log/log.js'
import type { TransitionRecord } from '../log/record.js'
import type { Judge } from '../workers/judge.js'

// Free space is asked of the file system so often; at 100 MB/s a second costs a tenth of the default reserve.
const diskEveryMs = 1000

const overloaded = (queue: string): QwError => new QwError('QW_OVERLOADED', { queue })

export class Admission {
  readonly #config: Config
  readonly #log: Log
  readonly #record: TransitionRecord
  readonly #judge: Judge
  readonly #timer: NodeJS.Timeout
  #isDiskLow = false
  isStopping = false

  constructor(config: Config, log: Log, record: TransitionRecord, judge: Judge) {
    this.#config = config
    this.#log = log
    this.#record = record
    this.#judge = judge
    this.#timer = setInterval(() => this.measure(), diskEveryMs)
    this.#timer.unref()
  }

  /** What to refuse with, or undefined. */
  readonly verdict = (): QwError | undefined => {
    if (this.isStopping) return new QwError('QW_STOPPING')
    if (this.#isDiskLow) return new QwError('QW_DISK_NEARLY_FULL')
    if (this.#judge.backlogEntries >= this.#config.judgeBacklogEntriesMax) return overloaded('engine')
    if (this.#record.isBehind) return overloaded('record')
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
