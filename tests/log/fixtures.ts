/**
 * Logs for tests: a directory that goes away, settings that fit, entries that tell who they are, and a disk that can
 * be held, failed and counted.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import type { CommittedBatch, Log, LogIo, LogSettings } from '../../src/log/log.js'
import { diskIo } from '../../src/log/log-io.js'

export const at = (position: number) => position as LogPosition

export function settingsFor(directory: string, over: Partial<LogSettings> = {}): LogSettings {
  return {
    directory,
    segmentBytesMax: 1 << 20,
    zeroAheadBytes: 4096,
    batchEntriesMax: 1000,
    batchBytesMax: 1 << 20,
    clock: () => 1_700_000_000_000 as UnixMs,
    onBatch: () => {},
    onFatal: (error) => {
      throw error
    },
    ...over,
  }
}

/** `text` comes back as `event`, so that a test sees which entry it got. */
export const entryOf = (text: string): LogEntry => ({
  kind: 'quarantined',
  item: 'q',
  code: 'QW_EVENT_INVALID',
  reason: 'r',
  event: text,
})

export const textOf = (entry: LogEntry | undefined): unknown => (entry?.kind === 'quarantined' ? entry.event : entry)

/** One batch per call. */
export const put = (log: Log, ...texts: string[]): Promise<void> => log.append(texts.map(entryOf)).durable

export async function batchesFrom(log: Log, from = 1): Promise<CommittedBatch[]> {
  const batches: CommittedBatch[] = []
  for await (const batch of log.read(at(from))) batches.push(batch)
  return batches
}

export const textsOf = (batches: readonly CommittedBatch[]): unknown[] =>
  batches.flatMap((batch) => batch.entries.map(textOf))

export const segmentFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(directory, name))

/** A disk on which a write ends only when the test says so. */
export function heldDisk() {
  const waiting: (() => void)[] = []
  const arrivals: (() => void)[] = []
  let writes = 0
  const io: LogIo = {
    write: (fd, parts, offset, done) => {
      writes++
      waiting.push(() => diskIo.write(fd, parts, offset, done))
      arrivals.shift()?.()
    },
  }
  return {
    io,
    writes: () => writes,
    /** Resolves when a write has begun and is held. */
    arrived: async () => {
      if (waiting.length === 0) await new Promise<void>((resolve) => arrivals.push(resolve))
    },
    release: () => waiting.shift()?.(),
  }
}
