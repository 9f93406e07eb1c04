/**
 * What the writer keeps in the data directory: the range that it is about to insert, and a checkpoint to begin from.
 *
 * `range.json` is on the disk before the first byte of the range is sent, so that after a crash the same range is met
 * again, with the same tokens. `checkpoint.ndjson` holds the derivation as it was some while ago: a start goes on from
 * there and asks before it inserts, and the log keeps everything behind it. That while is a margin on purpose: a server
 * that has acknowledged rows may still lose them with the power, and they must be in the log then.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogPosition, N } from '../core/names.js'
import type { CountingPolicy } from '../core/policy.js'
import type { Kept } from './derivation.js'
import { moveDurably, readIfThere, writeDurably } from './durable-file.js'
import type { Ends } from './gather.js'
import type { KeptHour } from './hourly.js'
import type { UnitFigures } from './unit-figures.js'

export interface Checkpoint {
  readonly position: LogPosition
  readonly n: N
  readonly kept: Kept
}

interface Head {
  readonly position: LogPosition
  readonly n: N
  readonly policy: CountingPolicy
  readonly hour: KeptHour
  /** Lines that follow: a file that is not whole is noticed. */
  readonly units: number
}

const linesPerPiece = 500

/** One of these files is not as it was written. */
export class UnreadableError extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** Read by others than the writer; no file is made or removed. */
export async function readLastRange(directory: string): Promise<Ends | undefined> {
  const path = join(directory, rangeName)
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  try {
    const { from, to } = JSON.parse(text) as Ends
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new Error('it names no range')
    return { from, to }
  } catch (error) {
    throw new UnreadableError(path, error)
  }
}

const rangeName = 'range.json'
const checkpointName = 'checkpoint.ndjson'

/** A file of the writer's, and the position of the log that it names; only what is durable there is ever begun. */
export interface Begun {
  readonly path: string
  readonly position: LogPosition
}

/** How far the writer of this directory has been, by what it left; a file that cannot be read tells nothing. */
export async function begunIn(directory: string): Promise<readonly Begun[]> {
  const paths = [join(directory, rangeName), join(directory, checkpointName)] as const
  const [range, checkpoint] = await Promise.all(paths.map(firstLineOf))
  return [
    { path: paths[0], position: (range as Partial<Ends> | undefined)?.to },
    { path: paths[1], position: (checkpoint as Partial<Head> | undefined)?.position },
  ].filter((begun): begun is Begun => Number.isSafeInteger(begun.position))
}

async function firstLineOf(path: string): Promise<object | undefined> {
  const [line = ''] = ((await readIfThere(path)) ?? '').split('\n', 1)
  try {
    return (JSON.parse(line) as object | null) ?? undefined
  } catch {
    return undefined
  }
}

export class ProgressFiles {
  readonly #directory: string
  readonly #range: string
  readonly #checkpoint: string
  readonly #candidate: string

  private constructor(directory: string) {
    this.#directory = directory
    this.#range = join(directory, rangeName)
    this.#checkpoint = join(directory, checkpointName)
    this.#candidate = join(directory, 'checkpoint-next.ndjson')
  }

  static async open(directory: string): Promise<ProgressFiles> {
    await mkdir(directory, { recursive: true })
    const files = new ProgressFiles(directory)
    await rm(files.#candidate, { force: true })
    return files
  }

  readRange(): Promise<Ends | undefined> {
    return readLastRange(this.#directory)
  }

  async writeRange({ from, to }: Ends): Promise<void> {
    await writeDurably(this.#range, [`${JSON.stringify({ from, to } satisfies Ends)}\n`])
  }

  async readCheckpoint(): Promise<Checkpoint | undefined> {
    const text = await readIfThere(this.#checkpoint)
    if (text === undefined) return undefined
    try {
      return checkpointIn(text)
    } catch (error) {
      throw new UnreadableError(this.#checkpoint, error)
    }
  }

  /** Written, but not begun from before it is adopted. */
  async writeCandidate({ position, n, kept }: Checkpoint): Promise<void> {
    const units = [...kept.units]
    const head: Head = { position, n, policy: kept.policy, hour: kept.hour, units: units.length }
    await writeDurably(this.#candidate, piecesOf(head, units))
  }

  async adoptCandidate(): Promise<void> {
    await moveDurably(this.#candidate, this.#checkpoint)
  }
}

function checkpointIn(text: string): Checkpoint {
  const [first = '', ...lines] = text.trimEnd().split('\n')
  const { position, n, policy, hour, units } = JSON.parse(first) as Head
  if (!Number.isSafeInteger(position) || !Number.isSafeInteger(n)) throw new Error('its first line names no position')
  if (lines.length !== units) throw new Error(`it has ${lines.length} units of ${units}`)
  return { position, n, kept: { policy, hour, units: lines.map((line) => JSON.parse(line) as UnitFigures) } }
}

/** In pieces with a write between them, so that a province's units do not hold up the event loop. */
function* piecesOf(head: Head, units: readonly UnitFigures[]): Generator<string> {
  yield `${JSON.stringify(head)}\n`
  for (let at = 0; at < units.length; at += linesPerPiece)
    yield units
      .slice(at, at + linesPerPiece)
      .map((unit) => `${JSON.stringify(unit)}\n`)
      .join('')
}
