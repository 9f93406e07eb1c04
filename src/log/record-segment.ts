/**
 * Files of the record: `<first n, 16 digits>.ndjson`, one transition a line, so that line and number need no index on
 * the disk and any tool can read them.
 *
 * In memory a sparse index: where lines begin, about every `markEveryBytes`. Of the newest file it is made when the
 * record is opened and while it is written, of the others when they are first read.
 */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { QwError } from '../core/errors.js'
import type { N } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { readAt } from './frame-cursor.js'
import { usingFile } from './segment.js'

interface LineMark {
  readonly n: N
  readonly offset: number
}

export interface RecordSegment {
  readonly first: N
  readonly path: string
  /** Written bytes; whole lines. */
  bytes: number
  readonly marks: LineMark[]
  isMarked: boolean
}

/** Lines that are read at once. */
export interface LineBlock {
  readonly first: N
  readonly offset: number
  readonly lines: readonly string[]
}

const markEveryBytes = 64 * 1024
const scanBytes = 1 << 20
const lineFeed = 10

export const recordPath = (directory: string, first: N): string =>
  join(directory, `${String(first).padStart(16, '0')}.ndjson`)

export const newSegment = (directory: string, first: N): RecordSegment => ({
  first,
  path: recordPath(directory, first),
  bytes: 0,
  marks: [],
  isMarked: true,
})

/** Oldest first, with the sizes of their files. */
export async function listRecord(directory: string): Promise<RecordSegment[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{16}\.ndjson$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const segment = newSegment(directory, Number(name.slice(0, 16)) as N)
      segment.bytes = (await stat(segment.path)).size
      segment.isMarked = false
      return segment
    }),
  )
}

export function markLine(segment: RecordSegment, n: N, offset: number): void {
  if (offset >= (segment.marks.at(-1)?.offset ?? 0) + markEveryBytes) segment.marks.push({ n, offset })
}

/** The block of lines that holds number `n`. */
export async function readBlock(segment: RecordSegment, n: N): Promise<LineBlock> {
  if (!segment.isMarked) await markAll(segment)
  const next = segment.marks.findIndex((mark) => mark.n > n)
  const end = segment.marks[next]?.offset ?? segment.bytes
  const start = (next < 0 ? segment.marks.at(-1) : segment.marks[next - 1]) ?? { n: segment.first, offset: 0 }
  const bytes = await usingFile(segment.path, (file) => readAt(file, start.offset, end - start.offset))
  return { first: start.n, offset: start.offset, lines: bytes.toString('utf8').split('\n').slice(0, -1) }
}

async function markAll(segment: RecordSegment): Promise<void> {
  const marks: LineMark[] = []
  await usingFile(segment.path, async (file) => {
    let n = segment.first as number
    for (let offset = 0; offset < segment.bytes; offset += scanBytes) {
      const bytes = await readAt(file, offset, Math.min(scanBytes, segment.bytes - offset))
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
        const begins = offset + at + 1
        n++
        if (begins >= (marks.at(-1)?.offset ?? 0) + markEveryBytes) marks.push({ n: n as N, offset: begins })
      }
    }
  })
  // Two readers may have come at once; both found the same.
  segment.marks.splice(0, segment.marks.length, ...marks)
  segment.isMarked = true
}

/** The whole lines of a file, in bounded memory. */
export async function* linesInFile({ path, bytes }: RecordSegment): AsyncGenerator<string> {
  const file = await open(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    for (let offset = 0; offset < bytes; ) {
      const chunk = await readAt(file, offset, Math.min(scanBytes, bytes - offset))
      if (chunk.length === 0) return
      offset += chunk.length
      const all = Buffer.concat([rest, chunk])
      const whole = all.lastIndexOf(lineFeed) + 1
      yield* all.toString('utf8', 0, whole).split('\n').slice(0, -1)
      rest = all.subarray(whole)
    }
  } finally {
    await file.close()
  }
}

/** The transition on a line, which must be number `n`; undefined when it is not. */
export function parseLine(line: string, n: N): Transition | undefined {
  try {
    const transition = JSON.parse(line) as Transition | null
    return transition?.n === n ? transition : undefined
  } catch {
    return undefined
  }
}

export const recordDamaged = (file: string, offset: number, n: N): QwError =>
  new QwError('QW_LOG_DAMAGED', { file, offset, position: n, reason: `transition ${n} does not stand here` })
