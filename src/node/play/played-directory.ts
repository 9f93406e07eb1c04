/**
 * Which play a data directory has seen: its seed and its first month stand in `play.json` beside the log.
 *
 * Another seed would go on from a city that it does not know, and its events would mostly be refused. So a directory has
 * one play for life; where it ends may be moved.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { QwError } from '../../core/errors.js'

export interface PlayOfDirectory {
  readonly seed: number
  readonly from: string
}

/** To be asked before anything is started. @throws QwError QW_PLAY_DIFFERS */
export async function refuseOtherPlay(directory: string, { seed, from }: PlayOfDirectory): Promise<void> {
  const text = await readFile(fileOf(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return
  const known = JSON.parse(text) as PlayOfDirectory
  if (known.seed !== seed || known.from !== from) throw new QwError('QW_PLAY_DIFFERS', { directory, ...known })
}

/** Once the directory is ours: it may have been one of the system clock. */
export const keepPlay = (directory: string, { seed, from }: PlayOfDirectory): Promise<void> =>
  writeFile(fileOf(directory), `${JSON.stringify({ seed, from })}\n`, { mode: 0o600 })

const fileOf = (directory: string): string => join(directory, 'play.json')
