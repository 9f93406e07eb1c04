/**
 * The record's lines in order, for comparing what is judged again after a crash with what was judged then.
 *
 * Synchronous, because a divergence must stop the judge before anything else happens; and only used while the log's
 * tail is judged again, before the service serves. Numbers are asked for in rising order, so each file is read once.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import type { N } from '../core/names.js'
import type { RecordSegment } from './record-segment.js'

const readBytes = 1 << 20

export class KeptLines {
  readonly #segments: readonly RecordSegment[]
  #segment: RecordSegment | undefined
  #lines: Iterator<string> | undefined
  #next = 0

  constructor(segments: readonly RecordSegment[]) {
    this.#segments = segments
  }

  /** The line of number `n`; undefined when no file holds it. */
  lineOf(n: N): string | undefined {
    const segment = this.#segments.findLast((candidate) => candidate.first <= n)
    if (segment === undefined) return undefined
    if (segment !== this.#segment || n < this.#next) this.#begin(segment)
    for (;;) {
      const line = this.#lines?.next()
      if (line === undefined || line.done) return undefined
      if (this.#next++ === n) return line.value
    }
  }

  /** Nothing more will be asked for. */
  end(): void {
    this.#lines?.return?.()
    this.#segment = undefined
    this.#lines = undefined
  }

  #begin(segment: RecordSegment): void {
    this.end()
    this.#segment = segment
    this.#next = segment.first
    this.#lines = linesOf(segment)
  }
}

function* linesOf({ path, bytes }: RecordSegment): Generator<string> {
  const fd = openSync(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    for (let offset = 0; offset < bytes; ) {
      const chunk = Buffer.alloc(Math.min(readBytes, bytes - offset))
      const read = readSync(fd, chunk, 0, chunk.length, offset)
      if (read === 0) return
      offset += read
      const all = Buffer.concat([rest, chunk.subarray(0, read)])
      const whole = all.lastIndexOf(10) + 1
      yield* all.toString('utf8', 0, whole).split('\n').slice(0, -1)
      rest = all.subarray(whole)
    }
  } finally {
    closeSync(fd)
  }
}
