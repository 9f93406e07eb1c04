/**
 * How much space is left where the log lives, asked once a second: at 100 MB/s a second costs a tenth of the default
 * reserve.
 *
 * Below the reserve nobody's events are taken. Below what two batches need nothing is written at all, not even by the
 * service itself: a write that fails ends the core, and it would end again at once.
 */
import type { Log } from '../log/log.js'

export interface DiskSettings {
  readonly diskFreeBytesMin: number
  readonly batchBytesMax: number
  readonly logZeroAheadBytes: number
}

const measureEveryMs = 1000
// As much again as the reserve: with the default, minutes under full load and weeks under a city's.
const nearTimes = 2

/** Below this nothing is to be written any more. */
const fullBytesOf = ({ batchBytesMax, logZeroAheadBytes }: DiskSettings): number =>
  2 * batchBytesMax + logZeroAheadBytes

/** Below this nothing is to be taken any more. */
const lowBytesOf = (settings: DiskSettings): number => Math.max(settings.diskFreeBytesMin, fullBytesOf(settings))

/** Below this somebody should look after it, and nothing is to be prepared any more. */
export const nearBytesOf = (settings: DiskSettings): number => nearTimes * lowBytesOf(settings)

export class Disk {
  readonly #log: Pick<Log, 'freeBytes'>
  readonly #nearBytes: number
  readonly #lowBytes: number
  readonly #fullBytes: number
  readonly #timer: NodeJS.Timeout
  #freeBytes = Number.POSITIVE_INFINITY

  constructor(log: Pick<Log, 'freeBytes'>, settings: DiskSettings) {
    this.#log = log
    this.#fullBytes = fullBytesOf(settings)
    this.#lowBytes = lowBytesOf(settings)
    this.#nearBytes = nearBytesOf(settings)
    this.#timer = setInterval(() => this.measure(), measureEveryMs)
    this.#timer.unref()
  }

  /** By the last look. */
  get freeBytes(): number {
    return this.#freeBytes
  }

  /** Somebody should look after it. */
  get isNear(): boolean {
    return this.#freeBytes < this.#nearBytes
  }

  /** Nothing is to be taken any more. */
  get isLow(): boolean {
    return this.#freeBytes < this.#lowBytes
  }

  /** Nothing is to be written any more. */
  get isFull(): boolean {
    return this.#freeBytes < this.#fullBytes
  }

  /** A disk that cannot be asked counts as full. */
  async measure(): Promise<void> {
    this.#freeBytes = await this.#log.freeBytes().catch(() => 0)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
