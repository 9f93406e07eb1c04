/**
 * A batch while it gathers: entries are encoded straight into its frame, so that committing it only needs a header.
 *
 * All who append to it share one promise.
 */
import type { LogEntry } from '../core/entry.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { headerBytes, sealFrame } from './frame.js'

const lineFeed = 10

export class Gathering {
  readonly firstPosition: LogPosition
  readonly entries: LogEntry[] = []
  readonly lines: string[] = []
  readonly durable: Promise<void>
  resolve: () => void = () => {}
  reject: (error: Error) => void = () => {}
  #buffer: Buffer
  #bytes = headerBytes

  /** `buffer` is taken over; `release` gives it back. */
  constructor(firstPosition: LogPosition, buffer: Buffer) {
    this.firstPosition = firstPosition
    this.#buffer = buffer
    this.durable = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // A failure is told through onFatal; a caller that does not wait must not make it an unhandled rejection.
    this.durable.catch(() => {})
  }

  get payloadBytes(): number {
    return this.#bytes - headerBytes
  }

  /** Returns the bytes that the entry takes. */
  add(entry: LogEntry, line: string): number {
    const start = this.#bytes
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    const worstEnd = start + line.length * 3 + 1
    if (worstEnd > this.#buffer.length) this.#grow(worstEnd)
    const end = start + this.#buffer.write(line, start)
    this.#buffer[end] = lineFeed
    this.#bytes = end + 1
    this.entries.push(entry)
    this.lines.push(line)
    return this.#bytes - start
  }

  /** The finished frame; nothing may be added after it. */
  seal(nowMs: UnixMs, segmentBefore: LogPosition): Buffer {
    const frame = this.#buffer.subarray(0, this.#bytes)
    const { firstPosition, payloadBytes } = this
    sealFrame(frame, { payloadBytes, entryCount: this.entries.length, firstPosition, nowMs, segmentBefore })
    return frame
  }

  release(): Buffer {
    return this.#buffer
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#bytes)
    this.#buffer = larger
  }
}
