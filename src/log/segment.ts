/**
 * Segment files: `<first position, 16 digits>.seg` in one directory, so that their order is the order of their names
 * and trimming is deleting files.
 *
 * Shared by the log, which writes and reads them, and by check.ts, which must never write.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'

/** Where frames begin, noted about every `markEveryBytes`, so that reading from a position skips most of a file. */
export interface Mark {
  readonly position: LogPosition
  readonly offset: number
}

export interface Segment {
  readonly first: LogPosition
  readonly path: string
  /** Bytes that may be read: of whole, durable frames in the newest segment, of the file in the others. */
  bytes: number
  readonly marks: Mark[]
}

const markEveryBytes = 1 << 20

export const segmentPath = (directory: string, first: LogPosition): string =>
  join(directory, `${String(first).padStart(16, '0')}.seg`)

/** The segments of a directory, oldest first, with the sizes of their files. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{16}\.seg$/.test(name)).sort()
  const found = await Promise.all(
    names.map(async (name): Promise<Segment | undefined> => {
      const path = join(directory, name)
      const bytes = await sizeOf(path)
      return bytes === undefined
        ? undefined
        : { first: Number(name.slice(0, 16)) as LogPosition, path, bytes, marks: [] }
    }),
  )
  // Between the two looks one may have been trimmed, or removed by a start because it was empty.
  return found.filter((segment) => segment !== undefined)
}

/** Undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function addMark(segment: Segment, mark: Mark): void {
  if (mark.offset >= (segment.marks.at(-1)?.offset ?? 0) + markEveryBytes) segment.marks.push(mark)
}

/** The last known beginning of a frame that is not behind `position`. */
export function markBefore(segment: Segment, position: LogPosition): Mark {
  const mark = segment.marks.findLast((candidate) => candidate.position <= position)
  return mark ?? { position: segment.first, offset: 0 }
}

export const damaged = (segment: Segment, offset: number, position: LogPosition, reason: string): QwError =>
  new QwError('QW_LOG_DAMAGED', { file: segment.path, offset, position, reason })

/**
 * A new file, and durable. Its directory is opened first, so that nothing has been made when there is no descriptor for
 * either of them.
 */
export function createDurably(directory: string, path: string, flags: string | number): Promise<FileHandle> {
  return usingFile(directory, async (handle) => {
    const file = await open(path, flags, 0o640)
    await handle.sync()
    return file
  })
}

// Of the process, and of the machine (open(2)).
const noDescriptor: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE'])

/** No file could be opened. Nothing was written, so unlike after a failed write it may be tried again. */
export const lacksDescriptor = ({ code }: NodeJS.ErrnoException): boolean => noDescriptor.has(code)

/** A new or deleted file is only durable once its directory is. */
export async function syncDirectory(directory: string): Promise<void> {
  await usingFile(directory, (handle) => handle.sync())
}

export async function usingFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r')
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
