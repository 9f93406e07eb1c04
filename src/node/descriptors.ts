/**
 * Files that this process may open (proc(5)). Connections are files too: so many of them are let in that
 * the log, the record and snapshots never lack one. Where `openFilesReserved` was too small for that, or the whole machine
 * has no more, it is seen within a second, and said.
 */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Part } from '../api/api.js'
import { lacksDescriptor } from '../log/log.js'

/** The soft limit, which Node raises to the hard one when it starts; infinite where it is not known. */
export function openFilesMax(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** At most `wanted`, and so few that `reserved` files are left; at least one. */
export const connectionsAllowed = (wanted: number, reserved: number, filesMax = openFilesMax()): number =>
  Math.max(1, Math.min(wanted, filesMax - reserved))

const lookEveryMs = 1000

/** Tries once a second whether a file can be opened. */
export class OpenFiles {
  readonly #timer = setInterval(() => this.look(), lookEveryMs)
  #lacks: string | undefined
  #times = 0

  constructor() {
    this.#timer.unref()
  }

  /** Times that there was none left. */
  get times(): number {
    return this.#times
  }

  get part(): Part {
    const state = this.#lacks
      ? `none can be opened: ${this.#lacks}; new connections are refused until others close`
      : `${openFilesMax()} at most`
    return { name: 'files', state, ready: this.#lacks === undefined }
  }

  async look(tryOne: () => Promise<void> = openOne): Promise<void> {
    const lacks = await tryOne().then(
      () => undefined,
      (error: NodeJS.ErrnoException) => (lacksDescriptor(error) ? error.code : undefined),
    )
    if (lacks && !this.#lacks) this.#times += 1
    this.#lacks = lacks
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

async function openOne(): Promise<void> {
  await (await open('/dev/null')).close()
}
