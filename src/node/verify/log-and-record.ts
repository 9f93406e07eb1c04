/**
 * The log and the record, side by side, in one pass: every frame is read, no event may be taken twice, and what the
 * engine says of the log now must be what the record holds, byte for byte.
 */
import type { LogEntry } from '../../core/entry.js'
import { QwError } from '../../core/errors.js'
import type { LogPosition, N } from '../../core/names.js'
import type { Transition } from '../../core/transition.js'
import { PairCheck } from '../../ingest/ingest.js'
import type { CommittedBatch } from '../../log/log.js'
import type { LogReader } from '../../log/reader.js'
import { Judge, type Judged, type JudgeSettings } from '../../workers/judge.js'
import { skippedFrom } from '../poisoned.js'
import type { Settled } from './followed-source.js'
import { RecordCursor } from './record-cursor.js'
import type { Findings, LogReport, Range, RecordReport } from './report.js'
import type { Stretch, Stretches } from './stretches.js'

export interface SideBySideInput {
  readonly reader: LogReader
  readonly recordDirectory: string
  /** How long the record of a running service may take to be written. */
  readonly recordWaitMs: number
  readonly duplicateHorizonMs: number
  /** What can be judged again. */
  readonly stretchesOf: () => Promise<Stretches>
  /** What a judge is made of, without its log and its state. */
  readonly engine: Pick<JudgeSettings, 'shards' | 'shardHeapBytesMax' | 'judgeCallMsMax' | 'judgeCallEntriesMax'>
  /** True when a service runs: then the record may go on behind the log's head as it was. */
  readonly isRunning: boolean
  readonly findings: Findings
  readonly onProgress: (done: number, total: number) => void
}

export interface SideBySide {
  readonly log: LogReport
  readonly record: RecordReport
  /** The record holds all that follows from the log up to here. */
  readonly settled: Settled
}

// The log is not read further than so many entries ahead of the engine, nor the engine than so many of the record.
const aheadEntriesMax = 20_000

/** Undefined when the log cannot be read to its end; that is among the findings then. */
export async function compareSideBySide(input: SideBySideInput): Promise<SideBySide | undefined> {
  const pass = new Pass(input)
  try {
    await pass.run()
    return pass.report()
  } catch (error) {
    if (!(error instanceof QwError)) throw error
    input.findings.differs('log', {}, error.message)
    return undefined
  } finally {
    await pass.close()
  }
}

class Pass {
  readonly #input: SideBySideInput
  readonly #record: RecordCursor
  readonly #pairs: PairCheck
  #stretches: Stretches = { judged: [], left: [] }
  #ahead: Stretch[] = []
  #judge: Judge | undefined
  #stretch: Stretch | undefined
  #judged: Judged[] = []
  #counts = { entries: 0, batches: 0, events: 0 }
  /** Of the last transition that follows from the log. */
  #n = 0 as N
  #isRecordOver = false
  #settled: Settled = { position: 0 as LogPosition, n: 0 as N }
  #failed: Error | undefined

  constructor(input: SideBySideInput) {
    this.#input = input
    const { recordDirectory: directory, recordWaitMs: waitMs, findings, duplicateHorizonMs } = input
    this.#record = new RecordCursor({ directory, waitMs, findings })
    this.#pairs = new PairCheck(duplicateHorizonMs)
  }

  async run(): Promise<void> {
    const { reader, onProgress, stretchesOf } = this.#input
    this.#stretches = await stretchesOf()
    for (const { from, to, why } of this.#stretches.left)
      this.#input.findings.incomplete.push(`positions ${from} to ${to} were not judged again: ${why}`)
    this.#ahead = [...this.#stretches.judged]
    for await (const batch of reader.read(reader.first)) {
      this.#count(batch)
      await this.#follow(batch)
      onProgress(batch.firstPosition - reader.first, reader.head - reader.first + 1)
    }
    await this.#endStretch()
    if (!this.#isRecordOver) {
      await this.#record.skipTo(reader.head)
      this.#n = this.#record.n
      this.#settled = { position: reader.head, n: this.#n }
    }
    await this.#mustEnd()
  }

  report(): SideBySide {
    const { reader } = this.#input
    const { first: from, head: to, segments, bytes, torn } = reader
    const ranges: Range[] = this.#stretches.judged.map(({ from, to }) => ({ from, to }))
    return {
      log: { from, to, segments, bytes, tornBytes: torn?.bytes ?? 0, ...this.#counts },
      record: { n: this.#n, held: this.#record.n, judgedAgain: ranges, notJudgedAgain: this.#stretches.left },
      settled: this.#settled,
    }
  }

  async close(): Promise<void> {
    await this.#judge?.close()
    await this.#record.close()
  }

  #count({ firstPosition, nowMs, entries }: CommittedBatch): void {
    this.#counts.batches += 1
    this.#counts.entries += entries.length
    entries.forEach((entry: LogEntry, index) => {
      if (entry.kind !== 'event') return
      this.#counts.events += 1
      const position = (firstPosition + index) as LogPosition
      const before = this.#pairs.take(entry, position, nowMs)
      const { source, id } = entry.event
      if (before !== undefined)
        this.#input.findings.differs(
          'log',
          { position },
          `event ${id} of ${source} was taken at position ${before} already`,
        )
    })
  }

  async #follow(batch: CommittedBatch): Promise<void> {
    const last = (batch.firstPosition + batch.entries.length - 1) as LogPosition
    const next = this.#ahead[0]
    if (!this.#stretch && next && batch.firstPosition >= next.from) await this.#beginStretch(next)
    if (!this.#stretch || !this.#judge) return
    this.#judge.submit(batch)
    if (this.#judge.backlogEntries > aheadEntriesMax) await this.#judge.drained()
    await this.#compareJudged()
    if (last >= this.#stretch.to || this.#failed) await this.#endStretch()
  }

  async #beginStretch(stretch: Stretch): Promise<void> {
    this.#ahead.shift()
    this.#stretch = stretch
    this.#judge = await this.#openJudge(stretch)
    await this.#record.skipTo((stretch.from - 1) as LogPosition)
    if (this.#judge.n !== this.#record.n)
      this.#input.findings.differs(
        'record',
        { n: this.#record.n },
        `is the last before position ${stretch.from}, where the snapshot has n ${this.#judge.n}`,
      )
  }

  #openJudge({ state }: Stretch): Promise<Judge> {
    const { engine, reader } = this.#input
    return Judge.open({
      ...engine,
      ...(state ? { state, shards: state.shards.length } : {}),
      stateBefore: async () => state,
      readLog: (from) => reader.read(from),
      skippedFrom: (from) => skippedFrom(reader, from),
      setAside: async ({ position, error }) => {
        this.#input.findings.differs(
          'log',
          { position },
          `the engine cannot take it, and it is not set aside: ${error.message}`,
        )
      },
      onTrouble: () => undefined,
      readsWaitingMax: 1,
      skippedEntriesMax: 1000,
      onJudged: (judged) => this.#judged.push(judged),
      onFatal: (error) => {
        this.#failed = error
      },
    })
  }

  async #endStretch(): Promise<void> {
    await this.#judge?.drained()
    await this.#compareJudged()
    if (this.#failed) throw new QwError('QW_ENGINE_FAILED', { reason: this.#failed.message })
    await this.#judge?.close()
    this.#judge = undefined
    this.#stretch = undefined
  }

  async #compareJudged(): Promise<void> {
    for (const { transitions, lastPosition } of this.#judged.splice(0)) {
      for (const transition of transitions) await this.#compareOne(transition)
      if (!this.#isRecordOver) this.#settled = { position: lastPosition, n: this.#n }
    }
  }

  async #compareOne(transition: Transition): Promise<void> {
    this.#n = transition.n
    if (this.#isRecordOver || (await this.#record.takes(transition))) return
    this.#isRecordOver = true
    if (this.#input.isRunning)
      this.#input.findings.differs('record', { n: transition.n }, 'does not come, though the service has judged it')
  }

  /** A transition of a position that the log does not have shows that the log has lost its end. */
  async #mustEnd(): Promise<void> {
    const { reader, isRunning, findings } = this.#input
    const position = await this.#record.nextPosition()
    if (position === undefined || (isRunning && position > reader.head)) return
    const { n } = this.#record
    findings.differs('record', { n: n + 1 }, `is of position ${position}, and the log ends at ${reader.head}`)
  }
}
