/**
 * Walks the frames of one segment file, in bounded memory, and checks each: CRC, positions without a gap, a clock that
 * never goes back.
 *
 * It stops at the first place that is no whole frame and says why; whether that is the clean end, a torn tail or
 * damage is for tail.ts to tell, since that depends on what follows. A frame that is whole but does not fit its
 * predecessor is always damage.
 */
import type { FileHandle } from 'node:fs/promises'
import type { LogEntry } from '../core/entry.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { type FrameHeader, headerBytes, isWhole, readHeader } from './frame.js'
import { damaged, type Mark, type Segment } from './segment.js'

export interface Frame {
  readonly offset: number
  /** With its header. */
  readonly bytes: number
  readonly header: FrameHeader
  /** Valid until the next call of `next`. */
  readonly payload: Buffer
}

/** Read at once; a frame that is larger is read whole. */
const windowBytes = 1 << 20

export class FrameCursor {
  readonly #file: FileHandle
  readonly #segment: Segment
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0
  /** Where the next frame should begin, and which position and clock it must have at least. */
  offset: number
  position: LogPosition
  nowMs: UnixMs

  constructor(file: FileHandle, segment: Segment, from: Mark, nowMs = 0 as UnixMs) {
    this.#file = file
    this.#segment = segment
    this.offset = from.offset
    this.position = from.position
    this.nowMs = nowMs
  }

  /** The next frame; undefined at the end of `segment.bytes`; a reason where no whole frame stands. */
  async next(): Promise<Frame | string | undefined> {
    const frame = await this.nextWhole()
    if (typeof frame !== 'object') return frame
    const { header } = frame
    this.#mustFit(header, frame.offset)
    this.position = (header.firstPosition + header.entryCount) as LogPosition
    this.nowMs = header.nowMs
    return frame
  }

  /** The same, whatever position and clock it has. */
  async nextWhole(): Promise<Frame | string | undefined> {
    const left = this.#segment.bytes - this.offset
    if (left === 0) return undefined
    if (left < headerBytes) return 'the header is cut short'
    const header = readHeader(await this.#view(headerBytes))
    if (typeof header === 'string') return header
    const frameBytes = headerBytes + header.payloadBytes
    if (left < frameBytes) return 'the payload is cut short'
    const bytes = await this.#view(frameBytes)
    if (!isWhole(bytes)) return 'the CRC does not match'
    const frame = { offset: this.offset, bytes: frameBytes, header, payload: bytes.subarray(headerBytes) }
    this.offset += frameBytes
    return frame
  }

  #mustFit(header: FrameHeader, offset: number): void {
    const fault =
      header.firstPosition !== this.position
        ? `a frame of position ${header.firstPosition} stands here`
        : header.nowMs < this.nowMs
          ? `its clock ${header.nowMs} is before ${this.nowMs}`
          : undefined
    if (fault !== undefined) throw damaged(this.#segment, offset, this.position, fault)
  }

  /** `bytes` from `offset` on. */
  async #view(bytes: number): Promise<Buffer> {
    const start = this.offset - this.#windowAt
    if (start >= 0 && start + bytes <= this.#window.length) return this.#window.subarray(start, start + bytes)
    const wanted = Math.min(Math.max(bytes, windowBytes), this.#segment.bytes - this.offset)
    this.#window = await readAt(this.#file, this.offset, wanted)
    this.#windowAt = this.offset
    if (this.#window.length < bytes) throw damaged(this.#segment, this.offset, this.position, 'the file became shorter')
    return this.#window.subarray(0, bytes)
  }
}

/** Up to `bytes` from `offset` on; fewer at the end of the file. */
export async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes)
  let filled = 0
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** The entries of a frame, as the lines they were written as. */
export function linesOf(segment: Segment, frame: Frame): string[] {
  const { header, payload, offset } = frame
  const lines = payload.toString('utf8', 0, Math.max(0, payload.length - 1)).split('\n')
  if (lines.length !== header.entryCount)
    throw damaged(segment, offset, header.firstPosition, `${lines.length} entries instead of ${header.entryCount}`)
  return lines
}

/** The same, and parsed. */
export function entriesOf(segment: Segment, frame: Frame): { lines: string[]; entries: LogEntry[] } {
  const lines = linesOf(segment, frame)
  return { lines, entries: lines.map((line) => JSON.parse(line) as LogEntry) }
}
