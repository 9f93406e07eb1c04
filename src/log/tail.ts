/**
 * What stands behind the last whole frame of a segment: nothing, a torn write, or the rest of a damaged log.
 *
 * One batch is in flight at a time and everything before it was synced. After a crash the bytes of that one batch may
 * have reached the disk in part and in any order, so what is torn begins at the first place without a whole frame, and
 * no whole frame stands behind it. Where one does, something that was acknowledged has been lost: that is damage, and
 * never cut. Zeros were written ahead of the frames (segment-writer.ts) and are the clean end.
 */
import type { FileHandle } from 'node:fs/promises'
import { formatVersion, headerBytes, isWhole, magic, readHeader } from './frame.js'
import { type FrameCursor, readAt } from './frame-cursor.js'
import { damaged, type Segment } from './segment.js'

/** Bytes of a write that a crash interrupted; 0 when the segment ends cleanly. Throws QW_LOG_DAMAGED. */
export async function tornBytesAt(
  file: FileHandle,
  segment: Segment,
  cursor: FrameCursor,
  reason: string,
): Promise<number> {
  const rest = await restAt(file, cursor.offset, segment.bytes)
  const used = bytesUsed(rest)
  if (used === 0) return 0
  if (isFromNewerProgram(rest)) throw damaged(segment, cursor.offset, cursor.position, reason)
  const next = nextWholeFrame(rest)
  if (next === undefined) return used
  throw damaged(
    segment,
    cursor.offset,
    cursor.position,
    `${reason}, but a whole frame follows at ${cursor.offset + next}`,
  )
}

/** At most so much is looked at at once. */
const windowBytes = 1 << 20
const zeros = Buffer.alloc(windowBytes)

/**
 * What stands from `offset` on, and as many of the zeros behind it as a header has bytes. The rest of them is not held in
 * memory: it may be nearly all of a file (spare-segment.ts).
 */
export async function restAt(file: FileHandle, offset: number, end: number): Promise<Buffer> {
  let usedTo = end
  while (usedTo > offset) {
    const from = Math.max(offset, usedTo - windowBytes)
    const window = await readAt(file, from, usedTo - from)
    if (!window.equals(zeros.subarray(0, window.length))) break
    usedTo = from
  }
  return readAt(file, offset, Math.min(end, usedTo + headerBytes) - offset)
}

/** Cutting it off would lose what that one has acknowledged. A torn header holds a version of ours or zeros. */
export const isFromNewerProgram = (rest: Buffer): boolean =>
  rest.length >= headerBytes && rest.indexOf(magic) === 0 && rest.readUInt32LE(4) > formatVersion

/** Bytes without the zeros at the end. */
export function bytesUsed(bytes: Buffer): number {
  let used = bytes.length
  while (used > 0 && bytes[used - 1] === 0) used--
  return used
}

/** Where the next whole frame begins. */
export function nextWholeFrame(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1))
    if (isWholeFrame(bytes.subarray(at))) return at
  return undefined
}

function isWholeFrame(bytes: Buffer): boolean {
  if (bytes.length < headerBytes) return false
  const header = readHeader(bytes)
  if (typeof header === 'string' || bytes.length < headerBytes + header.payloadBytes) return false
  return isWhole(bytes.subarray(0, headerBytes + header.payloadBytes))
}
