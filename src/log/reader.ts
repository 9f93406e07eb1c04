/**
 * The log and the record as they lie on the disk, read without changing a byte, also while a service writes them.
 *
 * A reader sees what was whole when it was opened. A write that is under way while somebody looks is half there, so what
 * looks damaged in a log that is written is looked at once more; damage stays where it is.
 */
import type { FileHandle } from 'node:fs/promises'
import { QwError } from '../core/errors.js'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { readAt } from './frame-cursor.js'
import { missingBeginning, readKeptFrom } from './log-begin.js'
import { type MissingEnd, missingEnd } from './log-end.js'
import { inspectSegments, type SegmentsFound } from './open-segments.js'
import { type EntryKind, findEntries, type PlacedEntry, readBatches } from './read-batches.js'
import { linesInFile, listRecord } from './record-segment.js'
import { usingFile } from './segment.js'
import type { CommittedBatch, LogKnown, TornTail } from './settings.js'

export interface LogReader {
  /** The oldest entry; head + 1 when the log is empty. */
  readonly first: LogPosition
  readonly head: LogPosition
  /** Of the batch at the head. */
  readonly nowMs: UnixMs
  readonly segments: number
  readonly bytes: number
  /** Behind the head: in flight, or left by a crash. */
  readonly torn: TornTail | undefined
  /** Where entries are missing behind the head that are proven to have been there. */
  readonly missing: MissingEnd | undefined
  /** The first file, when there must have been others before it that the service has not deleted. */
  readonly missingBefore: MissingEnd | undefined
  /** Whole batches from the one that holds `from` to the head. QW_LOG_DAMAGED, QW_LOG_TRIMMED. */
  read(from: LogPosition): AsyncIterable<CommittedBatch>
  /** All entries of a kind from `from` on; cheap when they are rare. */
  find<K extends EntryKind>(kind: K, from: LogPosition): AsyncIterable<PlacedEntry<K>>
}

/**
 * QW_LOG_DAMAGED for what is not a torn tail, as far as it is seen without reading everything. `known` was asked
 * before: the log of a running service grows meanwhile.
 */
export async function openLogReader(directory: string, known: LogKnown = {}): Promise<LogReader> {
  const { segments, head, nowMs, torn, empty } = await inspectTwice(directory)
  const beginning = missingBeginning(segments[0], await readKeptFrom(directory), known.mayBeTrimmed ?? false)
  const first = segments[0]?.first ?? ((head + 1) as LogPosition)
  const extent = { segments, first, head }
  return {
    first,
    head,
    nowMs,
    torn,
    missing: missingEnd(directory, { head, torn, newest: empty ?? segments.at(-1) }, known.proven),
    missingBefore: beginning && { file: beginning.segment.path, offset: 0, reason: beginning.reason },
    segments: segments.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    read: (from) => readBatches(extent, from),
    find: (kind, from) => findEntries(extent, kind, from),
  }
}

async function inspectTwice(directory: string): Promise<SegmentsFound> {
  let seen: unknown
  for (;;)
    try {
      return await inspectSegments(directory)
    } catch (error) {
      if (!(error instanceof QwError) || placeOf(error) === placeOf(seen)) throw error
      seen = error
    }
}

const placeOf = (error: unknown): string => (error instanceof QwError ? JSON.stringify(error.detail) : '')

/** Line by line, from number `since` + 1 to the last whole line there is when it is reached. Lines are not looked into. */
export async function* recordLines(directory: string, since = 0 as N): AsyncGenerator<string> {
  let next = since + 1
  for (let before = 0; before !== next; ) {
    before = next
    const segment = (await listRecord(directory)).findLast(({ first }) => first <= next)
    if (segment === undefined) return
    let n = segment.first as number
    for await (const line of linesInFile(segment)) {
      if (n++ !== next) continue
      next++
      yield line
    }
  }
}

/** The last transition that stands whole in the record's newest files; undefined when none does. */
export async function lastRecorded(directory: string): Promise<Transition | undefined> {
  for (const { path, bytes } of (await listRecord(directory)).reverse()) {
    const last = await usingFile(path, (file) => lastLineOf(file, bytes))
    if (last) return last
  }
  return undefined
}

const tailBytes = 256 * 1024

/** From its end on, further back as long as no whole line is found. */
async function lastLineOf(file: FileHandle, end: number): Promise<Transition | undefined> {
  for (let bytes = tailBytes; ; bytes *= 4) {
    const from = Math.max(0, end - bytes)
    const lines = (await readAt(file, from, end - from)).toString('utf8').split('\n')
    // The first may have begun before, and the last has not ended.
    const whole = lines.slice(from > 0 ? 1 : 0, -1)
    for (const line of whole.reverse()) {
      const transition = transitionOn(line)
      if (transition) return transition
    }
    if (from === 0) return undefined
  }
}

function transitionOn(line: string): Transition | undefined {
  try {
    const transition = JSON.parse(line) as Transition | null
    return typeof transition?.n === 'number' && typeof transition.position === 'number' ? transition : undefined
  } catch {
    return undefined
  }
}

/** The first number of the record's newest file, 0 when there is none: numbers up to it must be in the files before. */
export async function newestRecordFile(directory: string): Promise<N> {
  return (await listRecord(directory)).at(-1)?.first ?? (0 as N)
}
