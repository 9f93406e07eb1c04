/**
 * The record's lines one after the other, each with the number that it must have.
 *
 * A running service writes them a moment after they were judged, so the end of the file is not the end of the record
 * until a limit has passed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogPosition, N } from '../../core/names.js'
import type { Transition } from '../../core/transition.js'
import { newestRecordFile, recordLines } from '../../log/reader.js'
import type { Findings } from './report.js'

export interface RecordCursorInput {
  readonly directory: string
  /** How long a line that is not there yet may take to come. */
  readonly waitMs: number
  readonly findings: Findings
}

const askEveryMs = 20

export class RecordCursor {
  readonly #input: RecordCursorInput
  #lines: AsyncGenerator<string>
  /** Of the last line that was taken. */
  n = 0 as N
  #peeked: string | undefined
  #position = 0 as LogPosition

  constructor(input: RecordCursorInput) {
    this.#input = input
    this.#lines = recordLines(input.directory)
  }

  /** The next line must be this transition's, byte for byte. False at the end of the record. */
  async takes(judged: Transition): Promise<boolean> {
    const line = await this.#peek(this.#input.waitMs)
    if (line === undefined) return false
    this.#goOn()
    this.#position = judged.position
    const expected = JSON.stringify(judged)
    if (line !== expected)
      this.#input.findings.differs(
        'record',
        { n: this.n },
        `holds ${shortened(line)}, judged again ${shortened(expected)}`,
      )
    return true
  }

  /** Goes past the lines of positions up to `to`, which must be in order and gapless; for what is not judged again. */
  async skipTo(to: LogPosition): Promise<void> {
    for (;;) {
      const line = await this.#peek(0)
      if (line === undefined || positionOf(line) > to) return
      this.#goOn()
      this.#mustBe(line)
    }
  }

  /** The position of the next line, without waiting for one. */
  async nextPosition(): Promise<LogPosition | undefined> {
    const line = await this.#peek(0)
    return line === undefined ? undefined : positionOf(line)
  }

  /** Ends the reading. Files that begin behind the last line show that some are missing between. */
  async close(): Promise<void> {
    await this.#lines.return(undefined)
    const newest = await newestRecordFile(this.#input.directory)
    if (newest > this.n + 1 && (await this.#peek(0)) === undefined)
      this.#input.findings.differs('record', { n: this.n + 1 }, `is in no file, yet a file begins with n ${newest}`)
  }

  #goOn(): void {
    this.#peeked = undefined
    this.n = (this.n + 1) as N
  }

  async #peek(waitMs: number): Promise<string | undefined> {
    const endMs = performance.now() + waitMs
    for (;;) {
      if (this.#peeked !== undefined) return this.#peeked
      const { value, done } = await this.#lines.next()
      if (!done) this.#peeked = value
      else {
        // It ended where the file ended; from there it can be begun again.
        this.#lines = recordLines(this.#input.directory, this.n)
        if (performance.now() >= endMs) return undefined
        await sleep(askEveryMs)
      }
    }
  }

  #mustBe(line: string): void {
    const transition = parsed(line)
    const { findings } = this.#input
    if (transition?.n !== this.n)
      findings.differs('record', { n: this.n }, `its line is not that of n ${this.n}: ${shortened(line)}`)
    else if (transition.position < this.#position)
      findings.differs('record', { n: this.n }, `its position ${transition.position} is before ${this.#position}`)
    this.#position = transition?.position ?? this.#position
  }
}

function parsed(line: string): Transition | undefined {
  try {
    return (JSON.parse(line) as Transition | null) ?? undefined
  } catch {
    return undefined
  }
}

/** A line that cannot be read is of no position, and is told when it is taken. */
const positionOf = (line: string): LogPosition => parsed(line)?.position ?? (0 as LogPosition)

const shownCharacters = 200
const shortened = (line: string): string =>
  line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line
