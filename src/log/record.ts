/**
 * The record: the transitions as they were judged, never judged again. Written off the hot path.
 *
 * The judge appends; push processes and the API read from it what their memory no longer holds. After a crash the
 * tail of the log is judged again and appended again: then each line must equal what is kept.
 */
import { QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { KeptLines } from './kept-lines.js'
import { findRecord, type RecordFound, type TornRecord } from './open-record.js'
import { RecordRing } from './record-ring.js'
import { type LineBlock, parseLine, type RecordSegment, readBlock, recordDamaged } from './record-segment.js'
import { RecordWriter } from './record-writer.js'

export type { TornRecord } from './open-record.js'

export interface RecordSettings {
  readonly directory: string
  /** A new file begins with the first line after this. */
  readonly recordSegmentBytesMax: number
  /** Newest transitions that are read without touching the disk; for a moment up to twice as many are held. */
  readonly recordRingTransitionsMax: number
  /** Transitions gather so long before they are written. */
  readonly recordFlushEveryMs: number
  /** A full disk is tried again after so long. */
  readonly recordRetryMs: number
  /** Past this the record is behind the judge (`isBehind`), and nothing more should be taken in. */
  readonly recordPendingBytesMax: number
  /** A write failed: the process must end. Called once. */
  readonly onFatal: (error: Error) => void
}

export interface TransitionRecord {
  /** The newest number, 0 when the record is empty. */
  readonly head: N
  /** The newest that stands in a file, where other processes may read it (follow-record.ts). */
  readonly written: N
  /** Appended, not yet written. */
  readonly pendingBytes: number
  readonly isBehind: boolean
  /** Why nothing is written for now, in words: the disk is full. What was judged stays in memory meanwhile. */
  readonly waitsFor: string | undefined
  /** What was cut when the record was opened. */
  readonly torn: TornRecord | undefined
  /** Numbers head + 1 …; one that is not greater than head must equal what is kept, else QW_RECORD_DIVERGED. */
  append(transitions: readonly Transition[]): void
  /** All that was appended is on the disk. */
  sync(): Promise<void>
  /** Those with n > since, oldest first, at most `limit`. */
  read(since: N, limit: number): Promise<readonly Transition[]>
  /**
   * Those of one topic with since < n <= head, oldest first, along the chain of previous numbers; `head` is the
   * topic's newest. Undefined when there are more than `limit`.
   */
  readTopic(topic: string, head: N, since: N, limit: number): Promise<readonly Transition[] | undefined>
  /** After all that was appended is on the disk. */
  close(): Promise<void>
}

/** Cuts the newest file behind its last whole line and tells it in `torn`. */
export async function openRecord(settings: RecordSettings): Promise<TransitionRecord> {
  const ring = new RecordRing(settings.recordRingTransitionsMax)
  return new FileRecord(settings, ring, await findRecord(settings.directory, ring))
}

/** Blocks of lines kept for the next step of a chain; about 64 KiB each. */
const blocksKept = 16

class FileRecord implements TransitionRecord {
  readonly torn: TornRecord | undefined
  readonly #pendingBytesMax: number
  readonly #ring: RecordRing
  readonly #segments: readonly RecordSegment[]
  readonly #writer: RecordWriter
  readonly #kept: KeptLines
  readonly #blocks: LineBlock[] = []
  #head: N

  constructor(settings: RecordSettings, ring: RecordRing, { segments, head, torn }: RecordFound) {
    this.torn = torn
    this.#pendingBytesMax = settings.recordPendingBytesMax
    this.#ring = ring
    this.#segments = segments
    this.#writer = new RecordWriter(settings, segments, head, (written) => ring.shrink(written))
    this.#kept = new KeptLines(segments)
    this.#head = head
    if (segments.length === 0) ring.restart(1)
  }

  get head(): N {
    return this.#head
  }

  get written(): N {
    return this.#writer.written
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes
  }

  get isBehind(): boolean {
    return this.pendingBytes > this.#pendingBytesMax
  }

  get waitsFor(): string | undefined {
    return this.#writer.waitsFor
  }

  append(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      const line = JSON.stringify(transition)
      if (transition.n <= this.#head) this.#mustEqual(transition.n, line)
      else this.#take(transition, line)
    }
  }

  #take(transition: Transition, line: string): void {
    if (transition.n !== this.#head + 1) throw new Error(`transition ${transition.n} follows ${this.#head}`)
    this.#kept.end()
    this.#writer.append(line)
    this.#ring.push(transition)
    this.#head = transition.n
  }

  #mustEqual(n: N, line: string): void {
    const inRing = this.#ring.get(n)
    const kept = inRing === undefined ? this.#kept.lineOf(n) : JSON.stringify(inRing)
    if (kept !== line) throw new QwError('QW_RECORD_DIVERGED', { n, kept, judged: line })
  }

  sync(): Promise<void> {
    return this.#writer.sync()
  }

  async read(since: N, limit: number): Promise<readonly Transition[]> {
    const found: Transition[] = []
    const last = Math.min(this.#head, since + limit)
    for (let n = (since + 1) as N; n <= last; n++) found.push(this.#ring.get(n) ?? (await this.#fromDisk(n)))
    return found
  }

  async readTopic(topic: string, head: N, since: N, limit: number): Promise<readonly Transition[] | undefined> {
    const found: Transition[] = []
    for (let n = head; n > since; ) {
      if (found.length === limit) return undefined
      const transition = this.#ring.get(n) ?? (await this.#fromDisk(n))
      const previous = transition.topics[topic]
      if (previous === undefined) throw new Error(`transition ${n} is not of topic ${topic}`)
      found.push(transition)
      n = previous
    }
    return found.reverse()
  }

  async #fromDisk(n: N): Promise<Transition> {
    const block = this.#blocks.find(({ first, lines }) => first <= n && n < first + lines.length)
    return transitionIn(block ?? (await this.#load(n)), n, this.#segments)
  }

  async #load(n: N): Promise<LineBlock> {
    const segment = this.#segments.findLast((candidate) => candidate.first <= n)
    if (segment === undefined) throw recordDamaged('the record', 0, n)
    const block = await readBlock(segment, n)
    this.#blocks.push(block)
    if (this.#blocks.length > blocksKept) this.#blocks.shift()
    return block
  }

  close(): Promise<void> {
    this.#kept.end()
    return this.#writer.close()
  }
}

function transitionIn(block: LineBlock, n: N, segments: readonly RecordSegment[]): Transition {
  const transition = parseLine(block.lines[n - block.first] ?? '', n)
  if (transition !== undefined) return transition
  const file = segments.findLast((candidate) => candidate.first <= n)?.path ?? 'the record'
  throw recordDamaged(file, block.offset, n)
}
