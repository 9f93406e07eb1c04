/**
 * Snapshots on disk: what the engine and the sequencer held at a position of the log, in named sections.
 *
 * A start is the newest good snapshot plus the log's tail. A file is complete or absent: it is written beside, synced,
 * and renamed. The first line is JSON with the length and CRC-32 of each section, so that damage is seen before use.
 */
import { open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { QwError } from '../core/errors.js'
import type { LogPosition } from '../core/names.js'

export interface SnapshotSection {
  readonly name: string
  readonly bytes: Uint8Array
}

interface SectionHead {
  readonly name: string
  readonly length: number
  readonly crc: number
}

export interface SnapshotFile {
  readonly position: LogPosition
  readonly path: string
}

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

/** Writes the sections as the snapshot at `position` and removes all but the newest `keep`. */
export async function writeSnapshot(
  directory: string,
  position: LogPosition,
  sections: readonly SnapshotSection[],
  keep: number,
): Promise<void> {
  const heads: SectionHead[] = sections.map(({ name, bytes }) => ({ name, length: bytes.length, crc: crc32(bytes) }))
  const path = join(directory, `${String(position).padStart(16, '0')}.snapshot`)
  const file = await open(`${path}.part`, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ format: 1, position, sections: heads })}\n`)
    for (const { bytes } of sections) await file.writeFile(bytes)
    await file.sync()
  } catch (error) {
    // Half a file on a full disk is in everybody's way.
    await unlink(`${path}.part`).catch(() => undefined)
    throw error
  } finally {
    await file.close()
  }
  await rename(`${path}.part`, path)
  await syncDirectory(directory)
  for (const old of (await listSnapshots(directory)).slice(keep)) await unlink(old.path)
}

/** The sections by name; throws QW_SNAPSHOT_DAMAGED when any byte is not what was written. */
export async function readSnapshot(file: SnapshotFile): Promise<ReadonlyMap<string, Buffer>> {
  const damaged = (reason: string) => new QwError('QW_SNAPSHOT_DAMAGED', { file: file.path, reason })
  const bytes = await readFile(file.path)
  const lineEnd = bytes.indexOf(0x0a)
  if (lineEnd < 0) throw damaged('no header')
  const sections = new Map<string, Buffer>()
  let at = lineEnd + 1
  for (const head of parseHeads(bytes.subarray(0, lineEnd).toString(), damaged)) {
    const section = bytes.subarray(at, at + head.length)
    at += head.length
    if (section.length !== head.length) throw damaged(`section ${head.name} is cut off`)
    if (crc32(section) !== head.crc) throw damaged(`section ${head.name} does not fit its checksum`)
    sections.set(head.name, section)
  }
  if (at !== bytes.length) throw damaged('bytes after the last section')
  return sections
}

function parseHeads(line: string, damaged: (reason: string) => QwError): readonly SectionHead[] {
  try {
    const header = JSON.parse(line) as { format?: number; sections?: SectionHead[] }
    if (header.format === 1 && Array.isArray(header.sections)) return header.sections
  } catch {
    // falls through: said below
  }
  throw damaged('the header is not readable')
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
