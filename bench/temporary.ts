/**
 * A directory that is gone when the bench is.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cleanup } from './cleanup.js'

export const temporaryDirectory = async (cleanup: Cleanup): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'quotawatch-bench-'))
  cleanup.add(() => rm(directory, { recursive: true, force: true }))
  return directory
}
