/**
 * What is found when a log is opened: the segments, where the newest ends, and a torn tail, which is cut.
 *
 * Of every segment the first header is read, which names its predecessor, so that a missing file is noticed at once.
 * The newest segment is walked frame by frame, and so are those before it as far as `checkBytesMax` goes (a gigabyte
 * takes about a second); frames of still older ones are checked when they are read.
 */
import { mkdir, open, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { LogPosition, UnixMs } from '../core/names.js'
import { headerBytes, readHeader } from './frame.js'
import { FrameCursor, readAt } from './frame-cursor.js'
import { mustBegin, writeKeptFrom } from './log-begin.js'
import { mustReach } from './log-end.js'
import { addMark, damaged, listSegments, type Segment, syncDirectory, usingFile } from './segment.js'
import type { LogKnown, TornTail } from './settings.js'
import { deleteSpare } from './spare-segment.js'
import { tornBytesAt } from './tail.js'
import { keepAside } from './torn-aside.js'

/** Where the frames of a segment end. */
interface SegmentEnd {
  readonly head: LogPosition
  readonly nowMs: UnixMs
  /** Where the last whole frame begins; 0 when there is none. */
  readonly lastOffset: number
  readonly torn?: TornTail
}

export interface SegmentsFound extends SegmentEnd {
  /** Those that hold a batch, oldest first; `bytes` of the newest is the end of its last whole frame. */
  readonly segments: Segment[]
  /** A newest file without a whole frame: the crash came between its creation and its first durable batch. */
  readonly empty?: Segment
  /** `segmentBefore` of the newest segment; 0 when there is none. */
  readonly before: LogPosition
  /** When nothing was written down so far: from where on the log is kept, by what is there. */
  readonly believedFrom?: LogPosition | undefined
}

/**
 * Creates the directory where there is none, and cuts what a crash has left: not before it is sure that nobody was told
 * of it. QW_LOG_SHORT when it does not reach what is `proven`.
 */
export async function openSegments(
  directory: string,
  checkBytesMax: number,
  { proven, mayBeTrimmed = false }: LogKnown,
): Promise<SegmentsFound> {
  const created = await mkdir(directory, { recursive: true, mode: 0o750 })
  if (created !== undefined) await syncDirectory(dirname(created))
  await deleteSpare(directory)
  const found = await inspectSegments(directory)
  mustReach(directory, { ...found, newest: found.empty ?? found.segments.at(-1) }, proven)
  const believedFrom = await mustBegin(directory, found.segments[0], mayBeTrimmed)
  await checkOlder(found.segments, checkBytesMax)
  const torn = found.torn && { ...found.torn, ...(await keptAs(directory, found.torn)) }
  if (found.empty !== undefined) {
    await unlink(found.empty.path)
    await syncDirectory(directory)
  }
  const newest = found.segments.at(-1)
  if (newest !== undefined && torn?.file === newest.path) await cut(newest)
  if (believedFrom !== undefined) await writeKeptFrom(directory, believedFrom)
  return { ...found, ...(torn ? { torn } : {}), believedFrom }
}

/** The same without changing anything. Throws QW_LOG_DAMAGED for all that is not a torn tail. */
export async function inspectSegments(directory: string): Promise<SegmentsFound> {
  const segments = await listSegments(directory)
  const nothing: SegmentEnd = { head: 0 as LogPosition, nowMs: 0 as UnixMs, lastOffset: 0 }
  const last = segments.at(-1)
  const end = last === undefined ? nothing : await scanToEnd(last)
  if (last === undefined || end.head >= last.first) return { ...end, segments, before: await checkChain(segments) }
  segments.pop()
  const previous = segments.at(-1)
  const previousEnd = previous === undefined ? nothing : await scanToEnd(previous)
  // The segment before was complete when this file was created: nothing of it may be missing or torn.
  if (previousEnd.head !== last.first - 1 || previousEnd.torn !== undefined)
    throw damaged(last, 0, last.first, `what is whole before it ends at position ${previousEnd.head}`)
  const found = { ...previousEnd, segments, empty: last, before: await checkChain(segments) }
  return end.torn === undefined ? found : { ...found, torn: end.torn }
}

/** Sets `segment.bytes` to the end of its last whole frame. */
async function scanToEnd(segment: Segment): Promise<SegmentEnd> {
  return usingFile(segment.path, async (file) => {
    const cursor = new FrameCursor(file, segment, { position: segment.first, offset: 0 })
    let frame = await cursor.next()
    let lastOffset = 0
    for (; typeof frame === 'object'; frame = await cursor.next()) {
      addMark(segment, { position: frame.header.firstPosition, offset: frame.offset })
      lastOffset = frame.offset
    }
    const bytes = frame === undefined ? 0 : await tornBytesAt(file, segment, cursor, frame)
    segment.bytes = cursor.offset
    const end = { head: (cursor.position - 1) as LogPosition, nowMs: cursor.nowMs, lastOffset }
    const torn = { file: segment.path, position: cursor.position, offset: cursor.offset, bytes }
    return bytes === 0 ? end : { ...end, torn }
  })
}

/** Walks the frames of the segments before the newest, the younger ones first. */
async function checkOlder(segments: readonly Segment[], bytesMax: number): Promise<void> {
  let bytes = segments.at(-1)?.bytes ?? 0
  for (let index = segments.length - 2; index >= 0 && bytes < bytesMax; index--) {
    const [segment, next] = [segments[index], segments[index + 1]] as [Segment, Segment]
    bytes += segment.bytes
    const { head, torn } = await scanToEnd(segment)
    if (torn !== undefined || head !== next.first - 1)
      throw damaged(
        segment,
        segment.bytes,
        (head + 1) as LogPosition,
        `a whole frame of position ${head + 1} should stand here`,
      )
  }
}

/** Each segment names the one before it. Returns what the newest names. */
async function checkChain(segments: readonly Segment[]): Promise<LogPosition> {
  let before = 0 as LogPosition
  for (const [index, segment] of segments.entries()) {
    const bytes = await usingFile(segment.path, (file) => readAt(file, 0, headerBytes))
    const header = bytes.length < headerBytes ? 'the header is cut short' : readHeader(bytes)
    if (typeof header === 'string') throw damaged(segment, 0, segment.first, header)
    before = header.segmentBefore
    const found = segments[index - 1]?.first
    if (found !== undefined && found !== before)
      throw damaged(segment, 0, segment.first, `the segment that begins at ${before} is missing before it`)
  }
  return before
}

async function keptAs(directory: string, torn: TornTail): Promise<Pick<TornTail, 'keptAs'>> {
  const path = await usingFile(torn.file, (file) => keepAside(directory, file, torn))
  return path === undefined ? {} : { keptAs: path }
}

async function cut(segment: Segment): Promise<void> {
  const file = await open(segment.path, 'r+')
  try {
    await file.truncate(segment.bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Where the zeros behind the last frame end. */
export const fileBytes = async (segment: Segment): Promise<number> => (await stat(segment.path)).size
