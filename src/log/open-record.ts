/**
 * What is found when the record is opened. The newest file is read whole, into the ring, and cut behind its last whole
 * line: it is not synced on the hot path, and what is cut is judged again from the log.
 */
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { N } from '../core/names.js'
import type { RecordRing } from './record-ring.js'
import { listRecord, markLine, parseLine, type RecordSegment } from './record-segment.js'
import { syncDirectory } from './segment.js'

/** What was cut off the newest file. */
export interface TornRecord {
  readonly file: string
  /** The first number that is gone. */
  readonly n: N
  readonly bytes: number
}

export interface RecordFound {
  readonly segments: RecordSegment[]
  readonly head: N
  readonly torn?: TornRecord
}

export async function findRecord(directory: string, ring: RecordRing): Promise<RecordFound> {
  const created = await mkdir(directory, { recursive: true, mode: 0o750 })
  if (created !== undefined) await syncDirectory(dirname(created))
  const segments = await listRecord(directory)
  const newest = segments.at(-1)
  if (newest === undefined) return { segments, head: 0 as N }
  const fileBytes = newest.bytes
  const head = await readNewest(newest, ring)
  await settle(newest)
  if (newest.bytes === fileBytes) return { segments, head }
  return { segments, head, torn: { file: newest.path, n: (head + 1) as N, bytes: fileBytes - newest.bytes } }
}

/** Fills the ring and the index, sets `bytes` to the end of the last whole line. Returns its number. */
async function readNewest(segment: RecordSegment, ring: RecordRing): Promise<N> {
  const bytes = await readFile(segment.path)
  let n = segment.first as number
  let offset = 0
  ring.restart(n)
  for (;;) {
    const end = bytes.indexOf(10, offset)
    const transition = end < 0 ? undefined : parseLine(bytes.toString('utf8', offset, end), n as N)
    if (transition === undefined) break
    markLine(segment, n as N, offset)
    ring.push(transition)
    ring.shrink(n as N)
    n++
    offset = end + 1
  }
  segment.bytes = offset
  segment.isMarked = true
  return (n - 1) as N
}

/** What was read may never have been synced; from here on it counts as kept. */
async function settle(segment: RecordSegment): Promise<void> {
  const file = await open(segment.path, 'r+')
  try {
    await file.truncate(segment.bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
