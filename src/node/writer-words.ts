/**
 * What the core and the writer's process say to each other, one JSON text a line over a Unix socket beside the bus.
 *
 * The core says how far the log may be followed; the writer says how far the store is and what the log must keep.
 */
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { WriterState } from '../store/store.js'

/** Everything up to `position` is durable and judged, and the transitions of it, up to `n`, stand in the record's files. */
export interface Settled {
  readonly position: LogPosition
  readonly n: N
}

export interface WriterReport {
  /** Everything up to here is in the store. */
  readonly position: LogPosition
  /** Of the batch that ends there, where this writer has stored one. */
  readonly atMs?: UnixMs
  /** The log is trimmed before this, never behind it. */
  readonly keepFrom: LogPosition
  readonly state: WriterState['kind']
  /** Why it is away or has given up. */
  readonly why?: string
}

/** Where the two meet: beside the bus, whose path is short enough for both (main.ts). */
export const writerSocket = (busPath: string): string => `${busPath}.writer`

/** A writer that has said nothing for three of these is taken for silent. */
export const reportAtLeastEveryMs = 1000

/**
 * Hears what comes over the socket. The other end may be killed in the middle of a word: then the last line is no JSON, and
 * the socket ends with an error, which the reader of lines passes on; its end tells the same.
 */
export function hear<T>(socket: Socket, heard: (said: T) => void): void {
  createInterface({ input: socket })
    .on('line', (line) => {
      const said = parsed<T>(line)
      if (said !== undefined) heard(said)
    })
    .on('error', () => undefined)
  socket.on('error', () => undefined)
}

function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T
  } catch {
    return undefined
  }
}
