/**
 * Group commit: while one batch is being written the next gathers. No timer: a lone entry is written in the same turn
 * of the event loop, and under load batches grow by themselves.
 *
 * The hot path of the service. Per entry: one JSON.stringify unless its text is known, one encoding into the frame. Per
 * batch: one promise, one CRC, one write.
 */
import type { LogEntry } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { Gathering } from './gathering.js'
import type { SegmentWriter } from './segment-writer.js'
import type { LogSettings } from './settings.js'

/** Buffers kept for the next batches: one in flight, one gathering, and some for bursts. */
const spareBuffersMax = 4
/** A new buffer; it doubles as a batch grows, and is kept. */
const firstBufferBytes = 64 * 1024

export class GroupCommit {
  readonly #settings: LogSettings
  readonly #writer: SegmentWriter
  /** Batches not yet begun to be written; the last one gathers, those before it are full. */
  readonly #queue: Gathering[] = []
  readonly #spare: Buffer[] = []
  readonly #onIdle: (() => void)[] = []
  #inFlight: Gathering | undefined
  #beganUs = 0
  /** True while a batch is in flight or about to be. */
  #busy = false
  #next: number
  #stopped: Error | undefined
  head: LogPosition
  nowMs: UnixMs
  pendingBytes = 0

  constructor(settings: LogSettings, writer: SegmentWriter, head: LogPosition, nowMs: UnixMs) {
    this.#settings = settings
    this.#writer = writer
    this.head = head
    this.nowMs = nowMs
    this.#next = head + 1
  }

  get pendingEntries(): number {
    return this.#next - 1 - this.head
  }

  append(
    entries: readonly LogEntry[],
    texts: readonly (string | undefined)[] = [],
  ): { readonly first: LogPosition; readonly durable: Promise<void> } {
    if (this.#stopped !== undefined) throw this.#stopped
    const first = this.#next as LogPosition
    let batch = this.#queue.at(-1)
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as LogEntry
      const line = texts[i] ?? JSON.stringify(entry)
      if (batch === undefined || this.#isFull(batch)) batch = this.#gather()
      this.pendingBytes += batch.add(entry, line)
      this.#next++
    }
    if (batch === undefined || first === this.#next) throw new Error('append needs an entry')
    if (!this.#busy) this.#schedule()
    return { first, durable: batch.durable }
  }

  /** Takes no more entries; resolves when nothing is pending, also after a failure. */
  async stop(): Promise<void> {
    this.#stopped ??= new QwError('QW_STOPPING')
    if (this.#busy) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }

  #isFull(batch: Gathering): boolean {
    const { batchEntriesMax, batchBytesMax } = this.#settings
    return batch.entries.length >= batchEntriesMax || batch.payloadBytes >= batchBytesMax
  }

  #gather(): Gathering {
    const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(firstBufferBytes)
    const batch = new Gathering(this.#next as LogPosition, buffer)
    this.#queue.push(batch)
    return batch
  }

  // Not at once: whatever else this turn of the event loop brings comes into the same batch.
  #schedule(): void {
    this.#busy = true
    setImmediate(this.#begin)
  }

  readonly #begin = (): void => {
    const batch = this.#queue.shift()
    if (batch === undefined) throw new Error('there is no batch to write')
    this.#inFlight = batch
    this.#beganUs = monotonicUs()
    this.nowMs = Math.max(this.#settings.clock(), this.nowMs) as UnixMs
    this.#writer.write(batch.seal(this.nowMs, this.#writer.segmentBefore), batch.firstPosition, this.#written)
  }

  readonly #written = (error: Error | null): void => {
    const batch = this.#inFlight
    if (batch === undefined) throw new Error('a write ended that was not begun')
    this.#inFlight = undefined
    if (error) this.#fail(error, batch)
    else this.#commit(batch)
  }

  #commit(batch: Gathering): void {
    const durableAtUs = monotonicUs()
    const { firstPosition, entries, lines } = batch
    this.head = (firstPosition + entries.length - 1) as LogPosition
    this.pendingBytes -= batch.payloadBytes
    this.#keep(batch.release())
    this.#settings.onBatch(
      { firstPosition, nowMs: this.nowMs, entries, lines },
      durableAtUs,
      durableAtUs - this.#beganUs,
    )
    batch.resolve()
    if (this.#queue.length > 0) this.#schedule()
    else this.#idle()
  }

  #keep(buffer: Buffer): void {
    // One that a very large entry has made grow is let go.
    const fits = buffer.length <= Math.max(firstBufferBytes, 2 * this.#settings.batchBytesMax)
    if (fits && this.#spare.length < spareBuffersMax) this.#spare.push(buffer)
  }

  /** Nothing is retried: after a failed sync nobody knows what the disk holds, only a new start finds out. */
  #fail(cause: Error, batch: Gathering): void {
    const error = new Error(`the log cannot be written: ${cause.message}`, { cause })
    this.#stopped = error
    for (const lost of [batch, ...this.#queue.splice(0)]) lost.reject(error)
    this.#idle()
    this.#settings.onFatal(error)
  }

  #idle(): void {
    this.#busy = false
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n)
