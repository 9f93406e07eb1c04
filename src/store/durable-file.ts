/** Small files that must be on the disk, whole, before what they announce is begun. */
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes beside, syncs, renames, syncs the directory: a reader finds the old text or the new one. */
export async function writeDurably(path: string, pieces: Iterable<string>): Promise<void> {
  const beside = `${path}.new`
  const file = await open(beside, 'w')
  try {
    // Not `write`: a disk that is nearly full takes less than it was given, without a word.
    for (const piece of pieces) await file.writeFile(piece)
    await file.sync()
  } finally {
    await file.close()
  }
  await moveDurably(beside, path)
}

export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  const directory = await open(dirname(to))
  await syncAndClose(directory)
}

async function syncAndClose(file: FileHandle): Promise<void> {
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Undefined when there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
