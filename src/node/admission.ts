/**
 * May a request be taken now? Asked before anything of it is read: load makes the service refuse, with a reason, before
 * anything is late, and nothing is taken that could not be kept.
 */
import type { Config } from '../config/config.js'
import { QwError } from '../core/errors.js'
import type { TransitionRecord } from '../log/record.js'
import type { Judge } from '../workers/judge.js'
import type { Disk } from './disk.js'

const overloaded = (queue: string): QwError => new QwError('QW_OVERLOADED', { queue })

export interface AdmissionParts {
  readonly config: Config
  readonly disk: Disk
  readonly record: TransitionRecord
  readonly judge: Judge
}

export class Admission {
  readonly #parts: AdmissionParts
  isStopping = false

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** What to refuse with, or undefined. */
  readonly verdict = (): QwError | undefined => {
    const { config, disk, record, judge } = this.#parts
    if (this.isStopping) return new QwError('QW_STOPPING')
    if (disk.isLow) return new QwError('QW_DISK_NEARLY_FULL')
    if (judge.backlogEntries >= config.judgeBacklogEntriesMax) return overloaded('engine')
    if (record.isBehind) return overloaded('record')
    return undefined
  }
}
