/**
 * Reads committed batches back, in bounded memory (one window of a file and one batch), while appending goes on.
 *
 * Followers of the log (the judge after a restart, the ClickHouse writer, deliveries) come this way.
 */
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import type { LogEntry } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { entriesOf, type Frame, FrameCursor } from './frame-cursor.js'
import { addMark, damaged, lacksDescriptor, markBefore, type Segment } from './segment.js'
import type { CommittedBatch } from './settings.js'
import { tornBytesAt } from './tail.js'

/** The log as it is at the moment of each look: it grows at one end and is trimmed at the other. */
export interface Extent {
  readonly segments: readonly Segment[]
  readonly first: LogPosition
  readonly head: LogPosition
}

/** From the batch that holds `from` up to the head as it is when it is reached. QW_LOG_TRIMMED, QW_LOG_DAMAGED. */
export async function* readBatches(extent: Extent, from: LogPosition): AsyncGenerator<CommittedBatch> {
  for await (const { segment, frame } of readFrames(extent, from)) {
    const { firstPosition, nowMs } = frame.header
    yield { firstPosition, nowMs, ...entriesOf(segment, frame) }
  }
}

export type EntryKind = LogEntry['kind']

/** An entry of one kind, and where it stands. */
export interface PlacedEntry<K extends EntryKind> {
  readonly position: LogPosition
  readonly entry: Extract<LogEntry, { readonly kind: K }>
}

/**
 * All entries of a kind, from `from` on. Frames without one are not parsed, so looking for what is rare costs little
 * more than reading the files: an entry's line begins with its kind, and no text in it can hold a line feed.
 */
export async function* findEntries<K extends EntryKind>(
  extent: Extent,
  kind: K,
  from: LogPosition,
): AsyncGenerator<PlacedEntry<K>> {
  const start = `{"kind":"${kind}"`
  const atLineStart = Buffer.from(`\n${start}`)
  const isOfKind = (entry: LogEntry): entry is PlacedEntry<K>['entry'] => entry.kind === kind
  for await (const { segment, frame } of readFrames(extent, from)) {
    const { payload, header } = frame
    if (payload.indexOf(start) !== 0 && !payload.includes(atLineStart)) continue
    for (const [index, entry] of entriesOf(segment, frame).entries.entries()) {
      const position = (header.firstPosition + index) as LogPosition
      if (position >= from && isOfKind(entry)) yield { position, entry }
    }
  }
}

interface PlacedFrame {
  readonly segment: Segment
  /** Valid until the next one is asked for. */
  readonly frame: Frame
}

async function* readFrames(extent: Extent, from: LogPosition): AsyncGenerator<PlacedFrame> {
  let position = from
  let nowMs = 0 as UnixMs
  if (position < extent.first) throw trimmed(extent)
  while (position <= extent.head) {
    for await (const placed of framesOf(extent, position, nowMs)) {
      const { header } = placed.frame
      position = (header.firstPosition + header.entryCount) as LogPosition
      nowMs = header.nowMs
      yield placed
    }
  }
}

/** Those of one segment, from the batch that holds `from`. */
async function* framesOf(extent: Extent, from: LogPosition, nowMs: UnixMs): AsyncGenerator<PlacedFrame> {
  const segment = extent.segments.findLast((candidate) => candidate.first <= from)
  if (segment === undefined) throw trimmed(extent)
  const file = await openKept(extent, segment, from)
  try {
    const cursor = new FrameCursor(file, segment, markBefore(segment, from))
    let frame = await cursor.next()
    for (; typeof frame === 'object'; frame = await cursor.next()) {
      const { firstPosition, nowMs: batchMs } = frame.header
      addMark(segment, { position: firstPosition, offset: frame.offset })
      // Found again on the way to it: a segment that grew since it was read is walked from the mark once more.
      if (cursor.position <= from) continue
      if (batchMs < nowMs) throw damaged(segment, frame.offset, firstPosition, 'its clock is before the last segment')
      yield { segment, frame }
    }
    await mustEndHere(extent, segment, file, cursor, frame)
  } finally {
    await file.close()
  }
}

async function openKept(extent: Extent, segment: Segment, position: LogPosition): Promise<FileHandle> {
  try {
    return await open(segment.path, 'r')
  } catch (error) {
    if (!extent.segments.includes(segment)) throw trimmed(extent)
    // That is no damage, and passes: a start that takes it for one would end for good.
    if (lacksDescriptor(error as NodeJS.ErrnoException)) throw error
    throw damaged(segment, 0, position, error instanceof Error ? error.message : String(error))
  }
}

/** A segment ends where the next begins, the newest at the head. */
async function mustEndHere(
  extent: Extent,
  segment: Segment,
  file: FileHandle,
  cursor: FrameCursor,
  reason: string | undefined,
): Promise<void> {
  if (reason !== undefined && (await tornBytesAt(file, segment, cursor, reason)) > 0)
    throw damaged(segment, cursor.offset, cursor.position, reason)
  const index = extent.segments.indexOf(segment)
  const grewMeanwhile = reason === undefined && cursor.offset < segment.bytes
  if (index < 0 || grewMeanwhile) return
  const next = extent.segments[index + 1]?.first ?? extent.head + 1
  if (cursor.position !== next)
    throw damaged(segment, cursor.offset, cursor.position, `nothing more stands here, but position ${next} follows`)
}

const trimmed = (extent: Extent): QwError => new QwError('QW_LOG_TRIMMED', { first: extent.first })
