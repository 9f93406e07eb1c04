/**
 * The durable log: everything that can influence a verdict, in one order, on the disk before it is acknowledged.
 *
 * Ours, because its format is what everything rests on: frames with a CRC (frame.ts) in segment files (segment.ts),
 * group commit without a timer (group-commit.ts). Room ingest appends; `onBatch` hands each durable batch to the judge.
 */
import { unlink } from 'node:fs/promises'
import type { LogEntry } from '../core/entry.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import { GroupCommit } from './group-commit.js'
import { writeKeptFrom } from './log-begin.js'
import { diskIo } from './log-io.js'
import { fileBytes, openSegments, type SegmentsFound } from './open-segments.js'
import { type EntryKind, findEntries, type PlacedEntry, readBatches } from './read-batches.js'
import { type Segment, syncDirectory } from './segment.js'
import { SegmentWriter } from './segment-writer.js'
import type { CommittedBatch, LogSettings, TornTail } from './settings.js'
import { freeBytesOf } from './spare-segment.js'

export type { LogIo } from './log-io.js'
export type { PlacedEntry } from './read-batches.js'
export { lacksDescriptor } from './segment.js'
export type { CommittedBatch, LogKnown, LogSettings, ProvenEnd, TornTail } from './settings.js'

export interface Log {
  /** The oldest entry still kept; head + 1 when the log is empty. */
  readonly first: LogPosition
  /** The newest durable entry, 0 when the log is empty. */
  readonly head: LogPosition
  /** Of the newest batch that is durable or in flight; 0 when the log is empty. */
  readonly nowMs: UnixMs
  /** Appended, not yet durable. */
  readonly pendingEntries: number
  readonly pendingBytes: number
  /** What was cut when the log was opened. */
  readonly torn: TornTail | undefined
  /** Nothing was written down of where the log begins, and what was found was believed when it was opened. */
  readonly believedFrom: LogPosition | undefined
  /** Why nothing can be written for now: there is no descriptor for the next file. What is pending waits for one. */
  readonly waitsFor: string | undefined
  /**
   * Takes at least one entry, in order; positions are assigned now. `durable` rejects when a write failed, and from
   * then on append throws; so it does after `close` (QW_STOPPING). `texts[i]`, where it is there, is taken for
   * `JSON.stringify(entries[i])`.
   */
  append(
    entries: readonly LogEntry[],
    texts?: readonly (string | undefined)[],
  ): { readonly first: LogPosition; readonly durable: Promise<void> }
  /**
   * Whole batches up to the head at the time it is reached; the first may begin before `from`. QW_LOG_TRIMMED when
   * `from` is before `first` or is trimmed before it is read.
   */
  read(from: LogPosition): AsyncIterable<CommittedBatch>
  /** The entries of one kind from `from` on, without parsing the others: for kinds that are rare. Throws as `read`. */
  find<K extends EntryKind>(kind: K, from: LogPosition): AsyncIterable<PlacedEntry<K>>
  /**
   * Deletes the segments whose entries are all before `before` and whose batches are all from before `untilMs`, never
   * the newest. Returns how many.
   */
  trim(before: LogPosition, untilMs?: UnixMs): Promise<number>
  /** Bytes that are free for us on the disk that holds the log. When they are few a prepared segment is given back. */
  freeBytes(): Promise<number>
  /** After the last pending batch is durable. */
  close(): Promise<void>
}

/**
 * Cuts a torn tail and tells it in `torn`; QW_LOG_SHORT when it ends before `proven`; QW_LOG_DAMAGED for anything else
 * that is not as it was written.
 */
export async function openLog(settings: LogSettings): Promise<Log> {
  const { directory, segmentBytesMax, zeroAheadBytes, spareFreeBytesMin, checkBytesMax = 0, io = diskIo } = settings
  const found = await openSegments(directory, checkBytesMax, settings)
  const { segments, before, head, nowMs, lastOffset } = found
  const writer = new SegmentWriter({ directory, segmentBytesMax, zeroAheadBytes, spareFreeBytesMin, io }, segments)
  const newest = segments.at(-1)
  if (newest !== undefined) await writer.resume(newest, { before, lastOffset, zeroedTo: await fileBytes(newest) })
  return new SegmentedLog(settings, segments, writer, new GroupCommit(settings, writer, head, nowMs), found)
}

class SegmentedLog implements Log {
  readonly torn: TornTail | undefined
  readonly believedFrom: LogPosition | undefined
  readonly #directory: string
  readonly #spareFreeBytesMin: number
  readonly #segments: Segment[]
  readonly #writer: SegmentWriter
  readonly #commit: GroupCommit

  constructor(
    { directory, spareFreeBytesMin }: LogSettings,
    segments: Segment[],
    writer: SegmentWriter,
    commit: GroupCommit,
    { torn, believedFrom }: SegmentsFound,
  ) {
    this.torn = torn
    this.believedFrom = believedFrom
    this.#directory = directory
    this.#spareFreeBytesMin = spareFreeBytesMin ?? 0
    this.#segments = segments
    this.#writer = writer
    this.#commit = commit
  }

  get first(): LogPosition {
    return this.#segments[0]?.first ?? ((this.#commit.head + 1) as LogPosition)
  }

  get head(): LogPosition {
    return this.#commit.head
  }

  get nowMs(): UnixMs {
    return this.#commit.nowMs
  }

  get pendingEntries(): number {
    return this.#commit.pendingEntries
  }

  get pendingBytes(): number {
    return this.#commit.pendingBytes
  }

  get waitsFor(): string | undefined {
    return this.#writer.waitsFor
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  append(
    entries: readonly LogEntry[],
    texts?: readonly (string | undefined)[],
  ): { readonly first: LogPosition; readonly durable: Promise<void> } {
    return this.#commit.append(entries, texts)
  }

  read(from: LogPosition): AsyncIterable<CommittedBatch> {
    return readBatches(this, from)
  }

  find<K extends EntryKind>(kind: K, from: LogPosition): AsyncIterable<PlacedEntry<K>> {
    return findEntries(this, kind, from)
  }

  async trim(before: LogPosition, untilMs = Number.POSITIVE_INFINITY as UnixMs): Promise<number> {
    let count = 0
    let keptFrom = this.first
    for (;;) {
      const next = this.#segments[count + 1]
      if (next === undefined || next.first > before) break
      if (Number.isFinite(untilMs) && (await this.#firstMs(next)) >= untilMs) break
      keptFrom = next.first
      count++
    }
    if (count === 0) return 0
    // Written down before, so that files that were lost are told from those that were deleted.
    await writeKeptFrom(this.#directory, keptFrom)
    // From the oldest on, so that a crash in between leaves no gap.
    for (const oldest of this.#segments.splice(0, count)) await unlink(oldest.path)
    await syncDirectory(this.#directory)
    return count
  }

  /** Time never goes back, so what comes before a segment's first batch is not younger than it. */
  async #firstMs(segment: Segment): Promise<UnixMs> {
    for await (const batch of this.read(segment.first)) return batch.nowMs
    return Number.POSITIVE_INFINITY as UnixMs
  }

  async freeBytes(): Promise<number> {
    const bytes = await freeBytesOf(this.#directory)
    if (bytes >= this.#spareFreeBytesMin || !(await this.#writer.giveBack())) return bytes
    return freeBytesOf(this.#directory)
  }

  async close(): Promise<void> {
    await this.#commit.stop()
    await this.#writer.close()
  }
}
