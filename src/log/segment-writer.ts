/**
 * Writes frames to the newest segment so that each is on the disk when its write is done.
 *
 * Files are opened with O_DSYNC: a write returns when write + fdatasync would have, in one trip through the thread
 * pool instead of two. Zeros are written ahead of the frames, `zeroAheadBytes` at a time, together with a frame that
 * would pass them: a frame then changes no metadata, and the sync needs no journal commit. Together they halve the
 * time and the CPU of a sync (docs/decisions/0005).
 *
 * The write that brings the zeros still waits for such a commit. So once a segment has taken some, the next one is
 * written full of zeros in the background (spare-segment.ts), and is gone on with as soon as it is there: a segment that
 * has no zeros up to its end is then left early.
 */
import { constants, type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogPosition } from '../core/names.js'
import { readAt } from './frame-cursor.js'
import type { LogIo } from './log-io.js'
import { addMark, createDurably, lacksDescriptor, type Segment, segmentPath } from './segment.js'
import { SpareSegment } from './spare-segment.js'

export interface SegmentWriterSettings {
  readonly directory: string
  readonly segmentBytesMax: number
  readonly zeroAheadBytes: number
  /** The next segment is prepared where so much is free beside it; absent: never. */
  readonly spareFreeBytesMin?: number | undefined
  readonly io: LogIo
}

interface Active {
  readonly segment: Segment
  readonly file: FileHandle
  /** First position of the segment before; 0 for the first of all. */
  readonly before: LogPosition
  /** The file is allocated up to here. */
  zeroedTo: number
  /** When its frames reach this the next one is prepared, once. */
  preparesAt: number
}

/** What was found of the newest segment. */
interface Found {
  readonly before: LogPosition
  /** Where its last whole frame begins. */
  readonly lastOffset: number
  /** The size of its file. */
  readonly zeroedTo: number
}

type Done = (error: Error | null) => void

/** How often the next file is tried, while there is no descriptor for it. */
const openAgainMs = 100

export class SegmentWriter {
  readonly #settings: SegmentWriterSettings
  /** All segments that hold a durable batch, oldest first; the newest is added with its first batch. */
  readonly #segments: Segment[]
  readonly #zeros: Buffer
  readonly #spare: SpareSegment | undefined
  #active: Active | undefined
  #sealing: Promise<void> = Promise.resolve()
  /** Why nothing is written for now; undefined when all is well. */
  waitsFor: string | undefined

  constructor(settings: SegmentWriterSettings, segments: Segment[]) {
    this.#settings = settings
    this.#segments = segments
    this.#zeros = Buffer.alloc(settings.zeroAheadBytes)
    const { directory, segmentBytesMax, spareFreeBytesMin, io } = settings
    if (spareFreeBytesMin !== undefined && settings.zeroAheadBytes > 0)
      this.#spare = new SpareSegment({ directory, bytes: segmentBytesMax, freeBytesMin: spareFreeBytesMin, io })
  }

  /**
   * Goes on behind the last frame of a segment that was found at the start.
   *
   * That frame is written once more. Whoever wrote it may have died before its sync, or of a sync that failed: then it
   * can be read from memory and is not on the disk, and another sync alone would not bring it there.
   */
  async resume(segment: Segment, { before, lastOffset, zeroedTo }: Found): Promise<void> {
    const file = await open(segment.path, constants.O_RDWR | constants.O_DSYNC)
    const last = await readAt(file, lastOffset, segment.bytes - lastOffset)
    await new Promise<void>((resolve, reject) =>
      writeAll(this.#settings.io, file.fd, [last], lastOffset, (error) => (error ? reject(error) : resolve())),
    )
    this.#active = { segment, file, before, zeroedTo, preparesAt: segment.bytes + this.#zeros.length }
  }

  /** What the next frame must state as its `segmentBefore`. */
  get segmentBefore(): LogPosition {
    if (this.#active === undefined) return 0 as LogPosition
    return this.#rolls(this.#active) ? this.#active.segment.first : this.#active.before
  }

  /** One frame at a time; `frame` is the writer's until `done`. */
  write(frame: Buffer, firstPosition: LogPosition, done: Done): void {
    if (this.#active === undefined || this.#rolls(this.#active))
      this.#roll(firstPosition).then((active) => this.#put(active, frame, firstPosition, done), done)
    else this.#put(this.#active, frame, firstPosition, done)
  }

  /** Gives back what lies prepared. True when there was something. */
  async giveBack(): Promise<boolean> {
    return (await this.#spare?.discard()) ?? false
  }

  async close(): Promise<void> {
    await this.giveBack()
    await this.#sealing
    if (this.#active !== undefined) await seal(this.#active)
    this.#active = undefined
  }

  #rolls(active: Active): boolean {
    const { segmentBytesMax } = this.#settings
    if (active.segment.bytes >= segmentBytesMax) return true
    // Two segments cannot have the same name: one without a frame is never left.
    return this.#spare?.isReady === true && active.zeroedTo < segmentBytesMax && active.segment.bytes > 0
  }

  async #roll(first: LogPosition): Promise<Active> {
    const full = this.#active
    const before = this.segmentBefore
    const path = segmentPath(this.#settings.directory, first)
    const { file, zeroedTo } = await this.#create(path)
    const segment = { first, path, bytes: 0, marks: [] }
    const active = { segment, file, before, zeroedTo, preparesAt: this.#zeros.length }
    this.#active = active
    // Nobody waits for this: zeros behind the last frame are read as a clean end as well.
    if (full !== undefined) this.#sealing = this.#sealing.then(() => seal(full))
    return active
  }

  /** Others may have all descriptors for a while: the batch waits for one, and with it whoever sent it. */
  async #create(path: string): Promise<Pick<Active, 'file' | 'zeroedTo'>> {
    const { directory, segmentBytesMax } = this.#settings
    const { O_WRONLY, O_CREAT, O_EXCL, O_DSYNC } = constants
    for (;;)
      try {
        const spare = await this.#spare?.take(path)
        const file = spare ?? (await createDurably(directory, path, O_WRONLY | O_CREAT | O_EXCL | O_DSYNC))
        this.waitsFor = undefined
        return { file, zeroedTo: spare ? segmentBytesMax : 0 }
      } catch (error) {
        if (!lacksDescriptor(error as NodeJS.ErrnoException)) throw error
        this.waitsFor = (error as Error).message
        await sleep(openAgainMs)
      }
  }

  #prepare(active: Active): void {
    active.preparesAt = Number.POSITIVE_INFINITY
    this.#spare?.make()
  }

  #put(active: Active, frame: Buffer, position: LogPosition, done: Done): void {
    const { segment, file } = active
    const end = segment.bytes + frame.length
    const ahead = Math.min(this.#zeros.length, Math.max(0, this.#settings.segmentBytesMax - end))
    const parts = end > active.zeroedTo && ahead > 0 ? [frame, this.#zeros.subarray(0, ahead)] : [frame]
    writeAll(this.#settings.io, file.fd, parts, segment.bytes, (error) => {
      if (error) return done(error)
      if (end > active.zeroedTo) active.zeroedTo = end + ahead
      if (segment.bytes === 0) this.#segments.push(segment)
      addMark(segment, { position, offset: segment.bytes })
      segment.bytes = end
      if (end >= active.preparesAt) this.#prepare(active)
      done(null)
    })
  }
}

/** A write may take fewer bytes than it was given; what is left is written behind them. */
function writeAll(io: LogIo, fd: number, parts: readonly Buffer[], offset: number, done: Done): void {
  io.write(fd, parts, offset, (error, bytes) => {
    if (error) return done(error)
    const left = without(parts, bytes)
    if (left.length === 0) return done(null)
    if (bytes === 0) return done(new Error('the disk took nothing'))
    writeAll(io, fd, left, offset + bytes, done)
  })
}

function without(parts: readonly Buffer[], bytes: number): Buffer[] {
  let skipped = bytes
  const left: Buffer[] = []
  for (const part of parts) {
    if (part.length > skipped) left.push(part.subarray(skipped))
    skipped = Math.max(0, skipped - part.length)
  }
  return left
}

async function seal({ file, segment }: Active): Promise<void> {
  try {
    await file.truncate(segment.bytes)
  } finally {
    await file.close()
  }
}
