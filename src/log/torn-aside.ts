/**
 * What is cut as torn is kept beside the log for a while: `torn-<first position>-<offset>.bin`.
 *
 * Nobody was told of it, as far as anything shows; should that be wrong, the bytes are still there. The newest few are
 * kept, and of each at most what a batch and its last entry may hold.
 */
import { type FileHandle, readdir, rm, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readAt } from './frame-cursor.js'
import { createDurably } from './segment.js'
import type { TornTail } from './settings.js'

const keptFiles = 3
const keptBytesMax = 64 << 20
const pieceBytes = 1 << 20

/**
 * Copies it durably and returns where to; undefined when the disk does not take it: what nobody was told of must not
 * keep a service from starting.
 */
export async function keepAside(directory: string, source: FileHandle, torn: TornTail): Promise<string | undefined> {
  const path = join(directory, `torn-${basename(torn.file, '.seg')}-${torn.offset}.bin`)
  try {
    await dropOldest(directory, keptFiles - 1)
    await rm(path, { force: true })
    const file = await createDurably(directory, path, 'wx')
    try {
      const end = torn.offset + Math.min(torn.bytes, keptBytesMax)
      for (let at = torn.offset; at < end; at += pieceBytes)
        await file.writeFile(await readAt(source, at, Math.min(pieceBytes, end - at)))
      await file.sync()
    } finally {
      await file.close()
    }
    return path
  } catch {
    await unlink(path).catch(() => undefined)
    return undefined
  }
}

async function dropOldest(directory: string, keep: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^torn-\d{16}-\d+\.bin$/.test(name))
  const aged = await Promise.all(names.map(async (name) => ({ name, ms: (await stat(join(directory, name))).mtimeMs })))
  aged.sort((a, b) => b.ms - a.ms)
  for (const { name } of aged.slice(keep)) await unlink(join(directory, name))
}
