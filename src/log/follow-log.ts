/**
 * Reads the log in another process than the one that writes it, and changes nothing.
 *
 * What is durable cannot be told from the files: a batch may stand in one before its sync is done, and zeros are written
 * ahead. So the reader is told up to where it may read, and looks at nothing behind that. From one file to the next it
 * goes by position: a segment is named after its first.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'
import { entriesOf, FrameCursor } from './frame-cursor.js'
import { addMark, damaged, listSegments, type Mark, markBefore, type Segment, segmentPath, sizeOf } from './segment.js'
import type { CommittedBatch } from './settings.js'

export class LogFollower {
  /** The oldest entry that was there when it was opened. */
  readonly first: LogPosition
  readonly #directory: string
  #segment: Segment | undefined
  /** Where the last reading ended. */
  #end: Mark | undefined

  private constructor(directory: string, first: LogPosition) {
    this.#directory = directory
    this.first = first
  }

  static async open(directory: string): Promise<LogFollower> {
    const [oldest] = await listSegments(directory)
    return new LogFollower(directory, oldest?.first ?? (1 as LogPosition))
  }

  /**
   * Whole batches from the one that holds `from` to the one that holds `to`, which must be durable. One reading at a
   * time. QW_LOG_TRIMMED, QW_LOG_DAMAGED.
   */
  async *read(from: LogPosition, to: LogPosition): AsyncGenerator<CommittedBatch> {
    let segment = await this.#segmentOf(from)
    let position = from
    while (position <= to) {
      const file = await openSegment(segment)
      try {
        segment.bytes = (await file.stat()).size
        const cursor = new FrameCursor(file, segment, this.#beginning(segment, position))
        yield* this.#framesUpTo(segment, cursor, from, to)
        position = cursor.position
        if (position <= to) segment = await this.#next(segment, cursor)
      } finally {
        await file.close()
      }
    }
  }

  async *#framesUpTo(
    segment: Segment,
    cursor: FrameCursor,
    from: LogPosition,
    to: LogPosition,
  ): AsyncGenerator<CommittedBatch> {
    while (cursor.position <= to) {
      const frame = await cursor.next()
      if (typeof frame !== 'object') return
      const { firstPosition, nowMs } = frame.header
      addMark(segment, { position: firstPosition, offset: frame.offset })
      this.#end = { position: cursor.position, offset: cursor.offset }
      if (cursor.position > from) yield { firstPosition, nowMs, ...entriesOf(segment, frame) }
    }
  }

  #beginning(segment: Segment, position: LogPosition): Mark {
    return this.#end?.position === position ? this.#end : markBefore(segment, position)
  }

  async #segmentOf(position: LogPosition): Promise<Segment> {
    if (this.#segment && this.#segment.first <= position) return this.#segment
    const segments = await listSegments(this.#directory)
    const found = segments.findLast(({ first }) => first <= position)
    if (!found) throw new QwError('QW_LOG_TRIMMED', { first: segments[0]?.first ?? position + 1 })
    this.#end = undefined
    this.#segment = found
    return found
  }

  /** The segment whose first position is the one that is not in this. */
  async #next(segment: Segment, { position, offset }: FrameCursor): Promise<Segment> {
    const path = segmentPath(this.#directory, position)
    const next = position === segment.first ? undefined : await sizeOf(path)
    if (next === undefined)
      throw damaged(segment, offset, position, `nothing more stands here, but position ${position} is durable`)
    this.#end = undefined
    this.#segment = { first: position, path, bytes: next, marks: [] }
    return this.#segment
  }
}

async function openSegment(segment: Segment): Promise<FileHandle> {
  try {
    return await open(segment.path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new QwError('QW_LOG_TRIMMED', { first: segment.first + 1 })
  }
}
