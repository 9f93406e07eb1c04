/**
 * `quotawatch log check` and `quotawatch log export`: look at every byte of a log and change none.
 *
 * What a running service has in flight looks like a torn tail, and is told as one.
 */
import type { LogPosition } from '../core/names.js'
import { type Frame, linesOf } from './frame-cursor.js'
import { missingBeginning, readKeptFrom } from './log-begin.js'
import { listSegments, type Segment } from './segment.js'
import type { LogKnown } from './settings.js'
import { type Fault, Survey } from './survey.js'

export type { Fault } from './survey.js'

export interface LogFigures {
  readonly segments: number
  readonly batches: number
  readonly entries: number
  /** Of whole frames. */
  readonly bytes: number
  /** The oldest entry kept; head + 1 when the log is empty. */
  readonly firstPosition: LogPosition
  readonly head: LogPosition
  /** Left by a crash. Without a fault nothing shows that they were acknowledged: the next start cuts them, and keeps a copy. */
  readonly tornBytes: number
  /** Entries that should be there and are nowhere. */
  readonly lostEntries: number
  /** Places that are not as they were written, oldest first. */
  readonly faults: readonly Fault[]
}

/** Bytes of the log that were looked at, and how many there are. */
export type Progress = (doneBytes: number, totalBytes: number) => void

export interface ExportRange extends LogKnown {
  /** The first and the last entry; absent: as far as the log goes. */
  readonly from?: LogPosition
  readonly to?: LogPosition
}

/** Walks everything, past what is damaged. `known` was asked before: the log of a running service grows meanwhile. */
export async function checkLog(
  directory: string,
  known: LogKnown = {},
  onProgress: Progress = () => {},
): Promise<LogFigures> {
  const segments = await listSegments(directory)
  const survey = new Survey(segments)
  const firstPosition = survey.next
  const tell = told(segments, onProgress)
  let batches = 0
  let entries = 0
  let bytes = 0
  for await (const { segment, frame } of survey.frames()) {
    batches++
    entries += frame.header.entryCount
    bytes += frame.bytes
    tell(segment, frame.offset + frame.bytes)
  }
  survey.mustReach(directory, known.proven)
  survey.faults.unshift(...(await faultsAtBegin(directory, segments, known)))
  const lostEntries = survey.faults.reduce((sum, { from, to }) => sum + Math.max(0, to - from + 1), 0)
  return {
    // The newest file may hold nothing yet.
    segments: batches === 0 ? 0 : segments.length,
    batches,
    entries,
    bytes,
    firstPosition,
    head: (survey.next - 1) as LogPosition,
    tornBytes: survey.torn?.bytes ?? 0,
    lostEntries,
    faults: survey.faults,
  }
}

/**
 * One line per entry, `{"position":…,"nowMs":…,"entry":…}`, the entry byte for byte as it stands in the log. Goes on
 * past what is damaged and returns it.
 */
export async function exportLog(
  directory: string,
  range: ExportRange,
  write: (line: string) => void | Promise<void>,
  onProgress: Progress = () => {},
): Promise<readonly Fault[]> {
  const { from, to, proven } = range
  const segments = await segmentsFrom(directory, from ?? (0 as LogPosition))
  const survey = new Survey(segments)
  const tell = told(segments, onProgress)
  for await (const { segment, frame } of survey.frames()) {
    if (to !== undefined && frame.header.firstPosition > to) return survey.faults
    tell(segment, frame.offset + frame.bytes)
    if (from !== undefined && survey.next <= from) continue
    for (const line of linesWithin(segment, frame, from ?? 0, to ?? Number.POSITIVE_INFINITY)) await write(line)
  }
  if (to === undefined || to >= survey.next) survey.mustReach(directory, proven)
  if (from === undefined) survey.faults.unshift(...(await faultsAtBegin(directory, segments, range)))
  return survey.faults
}

/** What was deleted is asked after the files were listed: trimming writes it down first. */
async function faultsAtBegin(
  directory: string,
  [oldest]: readonly Segment[],
  { mayBeTrimmed = false }: LogKnown,
): Promise<Fault[]> {
  const missing = missingBeginning(oldest, await readKeptFrom(directory), mayBeTrimmed)
  if (!missing) return []
  const { segment, from, to, reason } = missing
  return [{ file: segment.path, offset: 0, from, to, reason }]
}

function* linesWithin(segment: Segment, frame: Frame, from: number, to: number): Generator<string> {
  const { firstPosition, nowMs } = frame.header
  for (const [index, line] of linesOf(segment, frame).entries()) {
    const position = firstPosition + index
    if (position >= from && position <= to) yield `{"position":${position},"nowMs":${nowMs},"entry":${line}}`
  }
}

/** Those that may hold the position, and what comes after. */
async function segmentsFrom(directory: string, from: LogPosition): Promise<Segment[]> {
  const all = await listSegments(directory)
  const index = all.findLastIndex(({ first }) => first <= from)
  return all.slice(Math.max(0, index))
}

function told(segments: readonly Segment[], onProgress: Progress): (segment: Segment, offset: number) => void {
  const before = new Map<Segment, number>()
  let total = 0
  for (const segment of segments) {
    before.set(segment, total)
    total += segment.bytes
  }
  return (segment, offset) => onProgress((before.get(segment) ?? 0) + offset, total)
}
