/**
 * Snapshots on disk: what the engine and the sequencer held at a position of the log, in named sections.
 *
 * A start is the newest good snapshot plus the log's tail. A file is complete or absent: it is written beside, synced,
 * and renamed. A line of JSON names the sections; then come frames of [length u32][CRC-32 of section and payload u32]
 * [section u8][payload], of all sections in any order, so that pieces are written as they are made and no section need
 * fit into one string. The last frame counts those before it and carries the CRC-32 of the first line: damage anywhere
 * is seen before use.
 */
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'
import type { Pieces } from './capture.js'

export interface SnapshotFile {
  readonly position: LogPosition
  readonly path: string
}

const format = 2
const headBytes = 9
const endSection = 255
const mebibyte = 1024 * 1024
// The log syncs on the same disk: what is written is brought there in small parts, not all at the end.
const unsyncedBytesMax = mebibyte
const fileName = /^(\d{16})\.snapshot$/

/** Newest first. */
export async function listSnapshots(directory: string): Promise<SnapshotFile[]> {
  const names = await readdir(directory)
  return names
    .map((name) => ({ name, match: fileName.exec(name) }))
    .filter((found) => found.match !== null)
    .map(({ name, match }) => ({ position: Number(match?.[1]) as LogPosition, path: join(directory, name) }))
    .sort((a, b) => b.position - a.position)
}

/** Writes one, a piece at a time. */
export class SnapshotWriter {
  readonly #directory: string
  readonly #path: string
  readonly #file: FileHandle
  readonly #headerCrc: number
  #frames = 0
  #unsynced = 0
  bytes = 0

  private constructor(directory: string, path: string, file: FileHandle, headerCrc: number) {
    this.#directory = directory
    this.#path = path
    this.#file = file
    this.#headerCrc = headerCrc
  }

  /** The snapshot at `position`, with at most 255 sections. */
  static async begin(directory: string, position: LogPosition, sections: readonly string[]): Promise<SnapshotWriter> {
    const path = join(directory, `${String(position).padStart(16, '0')}.snapshot`)
    const header = Buffer.from(`${JSON.stringify({ format, position, sections })}\n`)
    const writer = new SnapshotWriter(directory, path, await open(`${path}.part`, 'w', 0o600), crc32(header))
    await writer.#orAbandon(() => writer.#write(header))
    return writer
  }

  /** The next piece of a section, by its place in the list. */
  append(section: number, bytes: Uint8Array): Promise<void> {
    return this.#orAbandon(() => this.#frame(section, bytes))
  }

  /** Brings it to disk under its name, and removes all but the newest `keep`. */
  async commit(keep: number): Promise<void> {
    await this.#orAbandon(async () => {
      const end = Buffer.alloc(8)
      end.writeUInt32LE(this.#frames)
      end.writeUInt32LE(this.#headerCrc, 4)
      await this.#frame(endSection, end)
      await this.#file.sync()
    })
    await this.#file.close()
    await rename(`${this.#path}.part`, this.#path)
    await syncDirectory(this.#directory)
    for (const old of (await listSnapshots(this.#directory)).slice(keep)) await unlink(old.path)
  }

  /** There will be no such snapshot. Half a file on a full disk is in everybody's way. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined)
    await unlink(`${this.#path}.part`).catch(() => undefined)
  }

  async #frame(section: number, bytes: Uint8Array): Promise<void> {
    const head = Buffer.alloc(headBytes)
    head.writeUInt32LE(bytes.length)
    head.writeUInt32LE(crcOf(section, bytes), 4)
    head.writeUInt8(section, 8)
    this.#frames += 1
    await this.#write(Buffer.concat([head, bytes]))
  }

  async #write(bytes: Uint8Array): Promise<void> {
    // It writes on until all is written: a disk may take less than it is given.
    await this.#file.writeFile(bytes)
    this.bytes += bytes.length
    this.#unsynced += bytes.length
    if (this.#unsynced < unsyncedBytesMax) return
    this.#unsynced = 0
    await this.#file.datasync()
  }

  async #orAbandon(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      await this.abandon()
      throw error
    }
  }
}

/** The pieces of each section by its name; throws QW_SNAPSHOT_DAMAGED when any byte is not what was written. */
export async function readSnapshot(file: SnapshotFile): Promise<ReadonlyMap<string, Pieces>> {
  const reader = new SnapshotReader((reason) => new QwError('QW_SNAPSHOT_DAMAGED', { file: file.path, reason }))
  for await (const block of blocksOf(file.path)) reader.take(block)
  return reader.end()
}

/** A file may be longer than a buffer. */
async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path)
  try {
    for (let position = 0; ; ) {
      const block = Buffer.allocUnsafeSlow(mebibyte)
      const { bytesRead } = await file.read(block, 0, mebibyte, position)
      if (bytesRead === 0) return
      yield block.subarray(0, bytesRead)
      position += bytesRead
    }
  } finally {
    await file.close()
  }
}

class SnapshotReader {
  readonly #damaged: (reason: string) => QwError
  #rest: Buffer = Buffer.alloc(0)
  #sections: readonly { readonly name: string; readonly pieces: Uint8Array[] }[] | undefined
  #headerCrc = 0
  #frames = 0
  #isEnded = false

  constructor(damaged: (reason: string) => QwError) {
    this.#damaged = damaged
  }

  take(block: Buffer): void {
    this.#rest = this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block])
    if (!this.#sections) this.#takeHeader()
    while (this.#sections && !this.#isEnded) {
      const rest = this.#rest
      const end = rest.length < headBytes ? Number.POSITIVE_INFINITY : headBytes + rest.readUInt32LE()
      if (rest.length < end) return
      this.#takeFrame(rest.readUInt8(8), rest.subarray(headBytes, end), rest.readUInt32LE(4))
      this.#rest = rest.subarray(end)
    }
  }

  end(): ReadonlyMap<string, Pieces> {
    if (!this.#sections) throw this.#damaged('no header')
    if (!this.#isEnded) throw this.#damaged('it is cut off')
    if (this.#rest.length > 0) throw this.#damaged('bytes after the last frame')
    return new Map(this.#sections.map(({ name, pieces }) => [name, pieces]))
  }

  #takeHeader(): void {
    const lineEnd = this.#rest.indexOf(0x0a)
    if (lineEnd < 0) return
    const line = this.#rest.subarray(0, lineEnd + 1)
    this.#headerCrc = crc32(line)
    this.#rest = this.#rest.subarray(lineEnd + 1)
    this.#sections = this.#sectionsIn(line.toString()).map((name) => ({ name, pieces: [] }))
  }

  #sectionsIn(line: string): readonly string[] {
    try {
      const header = JSON.parse(line) as { format?: number; sections?: string[] }
      if (header.format === format && Array.isArray(header.sections)) return header.sections
    } catch {
      // falls through: said below
    }
    throw this.#damaged('the header is not readable')
  }

  #takeFrame(section: number, payload: Buffer, crc: number): void {
    if (crcOf(section, payload) !== crc) throw this.#damaged(`frame ${this.#frames} does not fit its checksum`)
    if (section === endSection) {
      if (payload.readUInt32LE() !== this.#frames) throw this.#damaged('frames are missing')
      if (payload.readUInt32LE(4) !== this.#headerCrc) throw this.#damaged('the header does not fit its checksum')
      this.#isEnded = true
      return
    }
    const of = this.#sections?.[section]
    if (!of) throw this.#damaged(`there is no section ${section}`)
    of.pieces.push(payload)
    this.#frames += 1
  }
}

const crcOf = (section: number, bytes: Uint8Array): number => crc32(bytes, section)

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
