/**
 * The next segment, written full of zeros while the present one is in use, so that a frame in it never makes the file
 * grow: then its sync waits for no commit of the file system's journal (docs/decisions/0021).
 *
 * No reader takes it for a segment before it has a segment's name. It holds nothing, so nothing about it is an error: a
 * log without it goes on with zeros ahead of each frame (segment-writer.ts). What a crash leaves of it is deleted by the
 * next start.
 */
import { constants, type FileHandle, open, rename, rm, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogIo } from './log-io.js'
import { lacksDescriptor, sizeOf, usingFile } from './segment.js'

export interface SpareSettings {
  readonly directory: string
  /** So long it will be: as long as a segment is. */
  readonly bytes: number
  /** Is made only where so much is free beside it. */
  readonly freeBytesMin: number
  readonly io: LogIo
}

/**
 * One piece is one write that is synced, and what the log writes meanwhile waits for it. Small ones: of 1 and 4 MiB the
 * log's p99 was worse with a spare than without (docs/decisions/0021).
 */
const pieceBytesMax = 256 * 1024
/** Between two pieces, and at least as long as the last one took: most of the disk's time is the log's. */
const restMsMin = 10

const pathIn = (directory: string): string => join(directory, 'next.tmp')

/** Deletes what a crash has left of one: nobody knows how much of it is on the disk. */
export const deleteSpare = (directory: string): Promise<void> => rm(pathIn(directory), { force: true })

/** Bytes that are free for us on the disk that holds the directory. */
export async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

export class SpareSegment {
  readonly #settings: SpareSettings
  readonly #path: string
  #making: Promise<void> | undefined
  #isUnwanted = false
  /** Whole, and on the disk; opened with O_DSYNC. */
  #file: FileHandle | undefined

  constructor(settings: SpareSettings) {
    this.#settings = settings
    this.#path = pathIn(settings.directory)
  }

  get isReady(): boolean {
    return this.#file !== undefined
  }

  /** Begins to make one, unless there is one. */
  make(): void {
    if (this.#file !== undefined || this.#making !== undefined) return
    this.#isUnwanted = false
    this.#making = this.#make()
      // Whatever it was: without a spare the log is as safe, and its own writes will meet the same.
      .catch(() => undefined)
      .finally(() => {
        this.#making = undefined
      })
  }

  /**
   * It becomes the segment at `path`, durably; undefined when there is none or its name cannot be changed. Rejects when
   * there is no descriptor (nothing has changed then), and when the directory's sync fails.
   */
  async take(path: string): Promise<FileHandle | undefined> {
    const file = this.#file
    if (file === undefined) return undefined
    // From here on it is nobody else's to give back.
    this.#file = undefined
    try {
      return await usingFile(this.#settings.directory, (directory) => this.#rename(file, path, directory))
    } catch (error) {
      if (lacksDescriptor(error as NodeJS.ErrnoException)) this.#file = file
      else await file.close().catch(() => undefined)
      throw error
    }
  }

  /** The directory was opened before, so that nothing has changed when there is no descriptor for it. */
  async #rename(file: FileHandle, path: string, directory: FileHandle): Promise<FileHandle | undefined> {
    // A new name takes the place of what has it already, and that would be a part of the log.
    if ((await sizeOf(path)) !== undefined) throw new Error(`EEXIST: ${path}`)
    try {
      await rename(this.#path, path)
    } catch {
      await this.#delete(file)
      return undefined
    }
    await directory.sync()
    return file
  }

  /** Gives its space back. True when there was something to give. */
  async discard(): Promise<boolean> {
    this.#isUnwanted = true
    const hadSome = this.#making !== undefined || this.#file !== undefined
    await this.#making
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) await this.#delete(file)
    return hadSome
  }

  async #make(): Promise<void> {
    if (!(await this.#hasRoomFor(this.#settings.bytes))) return
    const { O_WRONLY, O_CREAT, O_EXCL, O_DSYNC } = constants
    const file = await open(this.#path, O_WRONLY | O_CREAT | O_EXCL | O_DSYNC, 0o640)
    const isWhole = await this.#fill(file).catch(() => false)
    if (isWhole) this.#file = file
    else await this.#delete(file)
  }

  /** False when it is not to go on. */
  async #fill(file: FileHandle): Promise<boolean> {
    const { bytes, io } = this.#settings
    const zeros = Buffer.alloc(Math.min(bytes, pieceBytesMax))
    for (let at = 0; at < bytes; ) {
      if (this.#isUnwanted || !(await this.#hasRoomFor(bytes - at))) return false
      const beganMs = performance.now()
      const written = await writeSome(io, file, zeros.subarray(0, bytes - at), at)
      if (written === 0) return false
      at += written
      if (at < bytes) await sleep(Math.max(restMsMin, performance.now() - beganMs))
    }
    return !this.#isUnwanted
  }

  async #hasRoomFor(bytes: number): Promise<boolean> {
    const { directory, freeBytesMin } = this.#settings
    return (await freeBytesOf(directory)) >= freeBytesMin + bytes
  }

  async #delete(file: FileHandle): Promise<void> {
    await file.close().catch(() => undefined)
    await unlink(this.#path).catch(() => undefined)
  }
}

const writeSome = (io: LogIo, file: FileHandle, zeros: Buffer, at: number): Promise<number> =>
  new Promise((resolve, reject) =>
    io.write(file.fd, [zeros], at, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  )
