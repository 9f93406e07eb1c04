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
import { QwError } from '../../core/errors.js'

export interface PlayOfDirectory {
  readonly seed: number
  /** `YYYY-MM` */
  readonly from: string
}

export class PlayedDirectory {
  readonly #file: string
  #play: PlayOfDirectory | undefined

  constructor(directory: string) {
    this.#file = join(directory, 'play.json')
    this.#play = this.#read()
  }

  get play(): PlayOfDirectory | undefined {
    return this.#play
  }

  /** @throws QwError QW_PLAY_DIFFERS */
  refuseOther(play: PlayOfDirectory): void {
    refuseOther(this.#play, play)
  }

  async keep({ seed, from }: PlayOfDirectory): Promise<void> {
    if (this.#play) return
    this.#play = { seed, from }
    await writeFile(this.#file, `${JSON.stringify(this.#play)}\n`, { mode: 0o600 })
  }

  #read(): PlayOfDirectory | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as PlayOfDirectory
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}

/** @throws QwError QW_PLAY_DIFFERS */
export function refuseOther(known: PlayOfDirectory | undefined, { seed, from }: PlayOfDirectory): void {
  if (known && (known.seed !== seed || known.from !== from)) throw new QwError('QW_PLAY_DIFFERS', { ...known })
}
