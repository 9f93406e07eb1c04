/**
 * `quotawatch log check` and `quotawatch log export`: look at every byte of a log that no process has open, and change
 * none.
 */
import type { LogPosition } from '../core/names.js'
import { inspectSegments, type SegmentsFound } from './open-segments.js'
import { readBatches } from './read-batches.js'

export interface LogFigures {
  readonly segments: number
  readonly batches: number
  readonly entries: number
  /** Of whole frames. */
  readonly bytes: number
  /** The oldest entry kept; head + 1 when the log is empty. */
  readonly firstPosition: LogPosition
  readonly head: LogPosition
  /** Left by a crash, never acknowledged; the next start cuts them. */
  readonly tornBytes: number
}

/** Walks everything. Throws QW_LOG_DAMAGED at the first place that is not as it was written. */
export async function checkLog(directory: string): Promise<LogFigures> {
  const found = await inspectSegments(directory)
  const extent = extentOf(found)
  let batches = 0
  let entries = 0
  for await (const batch of readBatches(extent, extent.first)) {
    batches++
    entries += batch.entries.length
  }
  return {
    segments: found.segments.length,
    batches,
    entries,
    bytes: found.segments.reduce((sum, segment) => sum + segment.bytes, 0),
    firstPosition: extent.first,
    head: found.head,
    tornBytes: found.torn?.bytes ?? 0,
  }
}

/** One line per entry, `{"position":…,"nowMs":…,"entry":…}`, the entry byte for byte as it stands in the log. */
export async function exportLog(
  directory: string,
  write: (line: string) => void | Promise<void>,
  from?: LogPosition,
): Promise<void> {
  const extent = extentOf(await inspectSegments(directory))
  for await (const { firstPosition, nowMs, lines } of readBatches(extent, from ?? extent.first))
    for (const [index, line] of lines.entries()) {
      const position = firstPosition + index
      if (from === undefined || position >= from)
        await write(`{"position":${position},"nowMs":${nowMs},"entry":${line}}\n`)
    }
}

const extentOf = ({ segments, head }: SegmentsFound) => ({
  segments,
  head,
  first: segments[0]?.first ?? ((head + 1) as LogPosition),
})
