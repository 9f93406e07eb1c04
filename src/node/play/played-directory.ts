/**
 * Which play a data directory has seen: its seed and its first month stand in `play.json` beside the log.
 *
 * Another seed would go on from a city that it does not know, and its events would mostly be refused. So a directory has
 * one play for life; where it ends may be moved. The core keeps it, because whoever plays may be on another machine and
 * names its play when it moves the clock; `quotawatch simulate` looks here before it starts a service of its own.
 */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Play } from '../../api/api.js'
import { QwError } from '../../core/errors.js'

export class PlayedDirectory {
  readonly #file: string
  #play: Play | undefined

  constructor(directory: string) {
    this.#file = join(directory, 'play.json')
    this.#play = this.#read()
  }

  get play(): Play | undefined {
    return this.#play
  }

  /** @throws QwError QW_PLAY_DIFFERS */
  refuseOther(play: Play): void {
    refuseOther(this.#play, play)
  }

  async keep({ seed, from }: Play): Promise<void> {
    if (this.#play) return
    this.#play = { seed, from }
    await writeFile(this.#file, `${JSON.stringify(this.#play)}\n`, { mode: 0o600 })
  }

  #read(): Play | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Play
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}

/** @throws QwError QW_PLAY_DIFFERS */
export function refuseOther(known: Play | undefined, { seed, from }: Play): void {
  if (known && (known.seed !== seed || known.from !== from)) throw new QwError('QW_PLAY_DIFFERS', { ...known })
}
