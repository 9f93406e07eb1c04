/**
 * Reads the record in another process than the one that writes it, in order, and changes nothing.
 *
 * Only up to the number that it is told: what stands behind it in a file may be half a line. From one file to the next it
 * goes by number: a file is named after its first.
 */
import type { N } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import { readAt } from './frame-cursor.js'
import { listRecord, parseLine, recordDamaged, recordPath } from './record-segment.js'
import { usingFile } from './segment.js'

/** The line of number `n` begins at `offset`. */
interface Place {
  readonly path: string
  readonly n: N
  readonly offset: number
}

const blockBytes = 1 << 18
const lineFeed = 10

export class RecordFollower {
  readonly #directory: string
  #place: Place | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Those with since < n <= head, oldest first, at most `limit`; `head` must be written. QW_LOG_DAMAGED. */
  async read(since: N, limit: number, head: N): Promise<Transition[]> {
    const found: Transition[] = []
    const last = Math.min(head, since + limit) as N
    if (last <= since) return found
    let place = await this.#placeOf((since + 1) as N)
    while (place.n <= last) place = await this.#take(place, last, found)
    this.#place = place
    return found
  }

  async #placeOf(n: N): Promise<Place> {
    if (this.#place?.n === n) return this.#place
    const segment = (await listRecord(this.#directory)).findLast(({ first }) => first <= n)
    if (!segment) throw recordDamaged(this.#directory, 0, n)
    let place: Place = { path: segment.path, n: segment.first, offset: 0 }
    while (place.n < n) place = await this.#take(place, (n - 1) as N, [])
    return place
  }

  async #take(place: Place, last: N, into: Transition[]): Promise<Place> {
    const { path, n, offset } = place
    const next = await takeLines(place, last, into)
    if (next.n > n) return next
    if (offset === 0) throw recordDamaged(path, offset, n)
    return { path: recordPath(this.#directory, n), n, offset: 0 }
  }
}

/** From a block of the file the lines up to number `last`. The same place is returned where the file ends. */
async function takeLines({ path, n: first, offset }: Place, last: N, into: Transition[]): Promise<Place> {
  for (let bytes = blockBytes; ; bytes *= 4) {
    const block = await readBlock(path, offset, bytes, first)
    let [n, at] = [first as number, 0]
    while (n <= last) {
      const end = block.indexOf(lineFeed, at)
      if (end < 0) break
      const transition = parseLine(block.toString('utf8', at, end), n as N)
      if (!transition) throw recordDamaged(path, offset + at, n as N)
      into.push(transition)
      n += 1
      at = end + 1
    }
    // A line longer than the block needs a larger one.
    if (n > first || block.length < bytes) return { path, n: n as N, offset: offset + at }
  }
}

async function readBlock(path: string, offset: number, bytes: number, n: N): Promise<Buffer> {
  try {
    return await usingFile(path, (file) => readAt(file, offset, bytes))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw recordDamaged(path, offset, n)
  }
}
