/**
 * What the log is told and what it hands out. Here and not in log.ts, so that the files behind the door need not
 * import the door.
 */
import type { Batch } from '../core/entry.js'
import type { LogPosition, UnixMs } from '../core/names.js'
import type { LogIo } from './log-io.js'

/** `lines[i]` is the JSON of `entries[i]`, as it stands in the log. */
export interface CommittedBatch extends Batch {
  readonly lines: readonly string[]
}

export interface LogSettings extends LogKnown {
  readonly directory: string
  /** A new segment file begins with the first batch after this, or before when one lies prepared. */
  readonly segmentBytesMax: number
  /** The disk is filled with zeros this far ahead of the newest batch (segment-writer.ts); 0: not at all. */
  readonly zeroAheadBytes: number
  /**
   * The next segment is prepared in the background where so much is free beside it, and given back when less is
   * (spare-segment.ts); absent: none is.
   */
  readonly spareFreeBytesMin?: number
  /** Of the newest bytes so many are checked when the log is opened, beside the newest file; absent: no more than that. */
  readonly checkBytesMax?: number
  readonly batchEntriesMax: number
  /** A batch takes no further entry once it holds this much; its last entry may pass it. */
  readonly batchBytesMax: number
  /** Read when a batch is formed; the log clamps it, so that `nowMs` never goes back. */
  readonly clock: () => UnixMs
  /** After the batch's sync, in order, before `durable` resolves. Microseconds of CLOCK_MONOTONIC; must not throw. */
  readonly onBatch: (batch: CommittedBatch, durableAtUs: number, syncUs: number) => void
  /** A write failed: the process must end. Called once; nothing is retried, and nothing pending is acknowledged. */
  readonly onFatal: (error: Error) => void
  /** The disk, unless a simulation takes its place. */
  readonly io?: LogIo
}

/** What is known of a log beside its files. */
export interface LogKnown {
  /** What shows how far it once went. */
  readonly proven?: ProvenEnd | undefined
  /** An earlier version, which wrote nothing down of it, may have trimmed the log. */
  readonly mayBeTrimmed?: boolean
}

/** The log was once durable up to `position`; `shownBy` says in words what shows it. */
export interface ProvenEnd {
  readonly position: LogPosition
  readonly shownBy: string
}

/** What a crash left of the batch that was in flight, and what `openLog` has cut off. */
export interface TornTail {
  readonly file: string
  /** The first position of the batch that was in flight; it was never acknowledged. */
  readonly position: LogPosition
  readonly offset: number
  readonly bytes: number
  /** Where what was cut lies now; absent when it was not cut, or the disk did not take it. */
  readonly keptAs?: string
}
