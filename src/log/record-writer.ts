/**
 * Appends lines to the record, behind the back of the hot path: they gather in memory and are written every
 * `recordFlushEveryMs`, without a sync. What a crash takes of them is judged again from the log.
 *
 * A file is synced before the next one begins, so only the newest can be torn. A full disk is waited for, and so is a
 * descriptor for the next file: the lines stay in memory, and are written to the same place later. A sync that fails is
 * never tried again.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { N } from '../core/names.js'
import { markLine, newSegment, type RecordSegment } from './record-segment.js'
import { createDurably, lacksDescriptor } from './segment.js'

export interface RecordWriterSettings {
  readonly directory: string
  readonly recordSegmentBytesMax: number
  readonly recordFlushEveryMs: number
  /** A full disk is tried again after so long. */
  readonly recordRetryMs: number
  readonly onFatal: (error: Error) => void
}

/** Written at once. */
const writeBytesMax = 1 << 20

/** The disk took no more, or no file could be opened; nothing is lost, and nothing was promised. */
class NotNow extends Error {
  override readonly name = 'NotNow'
}

export class RecordWriter {
  readonly #settings: RecordWriterSettings
  readonly #segments: RecordSegment[]
  readonly #onWritten: (n: N) => void
  #file: FileHandle | undefined
  #lines: string[] = []
  /** Number of the next line to be written. */
  #next: number
  #timer: NodeJS.Timeout | undefined
  /** Writes and syncs, one after the other. */
  #work: Promise<void> = Promise.resolve()
  failure: Error | undefined
  /** Why nothing is written for now; undefined when all is well. */
  waitsFor: string | undefined
  pendingBytes = 0

  constructor(settings: RecordWriterSettings, segments: RecordSegment[], head: N, onWritten: (n: N) => void) {
    this.#settings = settings
    this.#segments = segments
    this.#next = head + 1
    this.#onWritten = onWritten
  }

  /** Number of the newest line that stands in a file. */
  get written(): N {
    return (this.#next - 1) as N
  }

  append(line: string): void {
    if (this.failure !== undefined) throw this.failure
    this.#lines.push(line)
    this.pendingBytes += Buffer.byteLength(line) + 1
    this.#flushIn(this.#settings.recordFlushEveryMs)
  }

  /** All that was appended is on the disk. */
  async sync(): Promise<void> {
    await this.#flush()
    await this.#inTurn(async () => this.#file?.datasync())
  }

  async close(): Promise<void> {
    try {
      await this.sync()
    } finally {
      clearTimeout(this.#timer)
      await this.#file?.close()
      this.#file = undefined
    }
  }

  #flushIn(ms: number): void {
    // A rejection has been told through onFatal, or is tried again.
    this.#timer ??= setTimeout(() => void this.#flush().catch(() => {}), ms)
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#inTurn(async () => {
      while (this.#lines.length > 0) await this.#writeSome()
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      if (this.failure !== undefined) throw this.failure
      await work().catch((cause: Error) => (cause instanceof NotNow ? this.#wait(cause) : this.#fail(cause)))
    })
    this.#work = done.catch(() => {})
    return done
  }

  async #wait(reason: NotNow): Promise<never> {
    this.waitsFor = reason.message
    // Opened anew by the next try: the file may be another by then, when somebody has made space by moving it.
    await this.#file?.close()
    this.#file = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushIn(this.#settings.recordRetryMs)
    throw reason
  }

  #fail(cause: Error): never {
    this.failure = new Error(`the record cannot be written: ${cause.message}`, { cause })
    this.#settings.onFatal(this.failure)
    throw this.failure
  }

  async #writeSome(): Promise<void> {
    const { segment, file } = await this.#writable()
    const lines = this.#nextLines()
    const bytes = Buffer.from(`${lines.join('\n')}\n`)
    for (let from = 0; from < bytes.length; ) {
      const write = file.write(bytes, from, bytes.length - from, segment.bytes + from)
      from += (await write.catch(orNotNow)).bytesWritten
    }
    this.#lines.splice(0, lines.length)
    this.waitsFor = undefined
    let offset = segment.bytes
    for (const line of lines) {
      markLine(segment, this.#next as N, offset)
      offset += Buffer.byteLength(line) + 1
      this.#next++
    }
    segment.bytes = offset
    this.pendingBytes -= bytes.length
    this.#onWritten(this.written)
  }

  #nextLines(): string[] {
    let units = 0
    const end = this.#lines.findIndex((line) => {
      units += line.length
      return units > writeBytesMax
    })
    // At least one: a single line may be longer.
    return this.#lines.slice(0, end < 0 ? this.#lines.length : Math.max(1, end))
  }

  async #writable(): Promise<{ segment: RecordSegment; file: FileHandle }> {
    const newest = this.#segments.at(-1)
    if (newest !== undefined && newest.bytes < this.#settings.recordSegmentBytesMax) {
      this.#file ??= await open(newest.path, 'r+').catch(orNotNow)
      return { segment: newest, file: this.#file }
    }
    await this.#file?.datasync()
    const segment = newSegment(this.#settings.directory, this.#next as N)
    const file = await createDurably(this.#settings.directory, segment.path, 'wx').catch(orNotNow)
    await this.#file?.close()
    this.#file = file
    this.#segments.push(segment)
    return { segment, file }
  }
}

const noSpace: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT'])

function orNotNow(error: NodeJS.ErrnoException): never {
  throw noSpace.has(error.code) || lacksDescriptor(error) ? new NotNow(error.message, { cause: error }) : error
}
