/**
 * Walks every byte of a log, past whatever is damaged in it, and says which positions are lost.
 *
 * Where no whole frame stands, the next whole one is searched for: it says at which position the log goes on, and what
 * lies between is lost. Nothing is changed. check.ts shows a person what is found here.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { FrameHeader } from './frame.js'
import { type Frame, FrameCursor } from './frame-cursor.js'
import { missingEnd } from './log-end.js'
import type { Segment } from './segment.js'
import type { ProvenEnd, TornTail } from './settings.js'
import { bytesUsed, isFromNewerProgram, nextWholeFrame, restAt } from './tail.js'

/** A place where the log is not as it was written, and the positions that are nowhere because of it. */
export interface Fault {
  readonly file: string
  readonly offset: number
  readonly reason: string
  readonly from: LogPosition
  /** Before `from` when bytes are wrong and yet no position is missing. */
  readonly to: LogPosition
}

export interface Found {
  readonly segment: Segment
  readonly frame: Frame
}

type Place = Pick<Fault, 'file' | 'offset' | 'reason'>

export class Survey {
  readonly faults: Fault[] = []
  /** Behind the last whole frame: left by a crash, never acknowledged as far as anything shows. */
  torn: TornTail | undefined
  /** The position that must come next. */
  next: LogPosition
  #nowMs = 0 as UnixMs
  /** Where something is wrong that the next whole frame will explain. */
  #unexplained: Place | undefined
  readonly #segments: readonly Segment[]
  /** Where the last whole frame of the newest file ends. */
  #endOffset = 0

  /** `segments`: as they are listed, oldest first. */
  constructor(segments: readonly Segment[]) {
    this.#segments = segments
    this.next = segments[0]?.first ?? (1 as LogPosition)
  }

  /** Every whole frame, in order; what stands between them is noted. Each is valid until the next is asked for. */
  async *frames(): AsyncGenerator<Found> {
    for (const segment of this.#segments) {
      const file = await open(segment.path, 'r')
      try {
        yield* this.#framesOf(file, segment)
      } finally {
        await file.close()
      }
    }
    this.#mustReachTheNewest()
  }

  /** A newest file without a batch was begun all the same, behind everything before it. */
  #mustReachTheNewest(): void {
    const newest = this.#segments.at(-1)
    const first = Math.max(newest?.first ?? 0, this.next) as LogPosition
    if (newest && first > this.next)
      this.#unexplained ??= { file: newest.path, offset: 0, reason: `it begins at position ${first}` }
    if (this.#unexplained) this.faults.push({ ...this.#unexplained, from: this.next, to: (first - 1) as LogPosition })
    this.next = first
  }

  /** To be called behind the last frame: what is proven and does not stand there is lost. */
  mustReach(directory: string, proven: ProvenEnd | undefined): void {
    const newest = this.#segments.at(-1)
    const end = {
      head: (this.next - 1) as LogPosition,
      newest: newest && { ...newest, bytes: this.#endOffset },
      torn: this.torn,
    }
    const missing = missingEnd(directory, end, proven)
    if (missing && proven) this.faults.push({ ...missing, from: this.next, to: proven.position })
  }

  async *#framesOf(file: FileHandle, segment: Segment): AsyncGenerator<Found> {
    const begin = (offset: number) => new FrameCursor(file, segment, { position: segment.first, offset })
    let cursor = begin(0)
    for (;;) {
      const frame = await cursor.nextWhole()
      if (typeof frame === 'object') {
        if (this.#takes(segment, frame)) yield { segment, frame }
        continue
      }
      const rest = await restAt(file, cursor.offset, segment.bytes)
      const next = nextWholeFrame(rest)
      if (next === undefined) return this.#ends(segment, cursor.offset, rest, frame)
      this.#unexplained ??= { file: segment.path, offset: cursor.offset, reason: frame ?? 'nothing stands here' }
      cursor = begin(cursor.offset + next)
    }
  }

  /** Whether the frame brings what comes next; notes what should have come before it. */
  #takes(segment: Segment, { header, offset }: Frame): boolean {
    const { firstPosition, entryCount, nowMs } = header
    const here = { file: segment.path, offset }
    const isOld = firstPosition < this.next
    const place = this.#unexplained ?? this.#placeOf(here, header)
    this.#unexplained = undefined
    if (place)
      this.faults.push({ ...place, from: this.next, to: (Math.max(firstPosition, this.next) - 1) as LogPosition })
    if (isOld) return false
    this.next = (firstPosition + entryCount) as LogPosition
    this.#nowMs = nowMs
    return true
  }

  #placeOf(here: Pick<Place, 'file' | 'offset'>, header: FrameHeader): Place | undefined {
    const { firstPosition, nowMs, segmentBefore } = header
    if (firstPosition < this.next) return { ...here, reason: `position ${firstPosition} stands here once more` }
    if (firstPosition > this.next) {
      const missing = here.offset === 0 ? `; the file that begins at ${segmentBefore} is missing or ends too early` : ''
      return { ...here, reason: `position ${firstPosition} stands here${missing}` }
    }
    return nowMs < this.#nowMs ? { ...here, reason: `its clock ${nowMs} is before ${this.#nowMs}` } : undefined
  }

  /** Behind the last whole frame of a file. Only the newest may have been interrupted. */
  #ends(segment: Segment, offset: number, rest: Buffer, reason: string | undefined): void {
    const bytes = bytesUsed(rest)
    this.#endOffset = offset
    if (bytes === 0) return
    const file = segment.path
    if (segment !== this.#segments.at(-1)) this.#unexplained ??= { file, offset, reason: reason ?? 'no frame' }
    else if (isFromNewerProgram(rest))
      this.faults.push({ file, offset, reason: reason ?? '', from: this.next, to: (this.next - 1) as LogPosition })
    else this.torn = { file, offset, bytes, position: this.next }
  }
}
