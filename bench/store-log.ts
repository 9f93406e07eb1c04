/**
 * What the same events take in the service's own log and record: written by the log and the record themselves, counted
 * on the disk after both are closed.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from '../src/config/config.js'
import type { LogPosition, N, UnixMs } from '../src/core/names.js'
import { openLog } from '../src/log/log.js'
import { openRecord } from '../src/log/record.js'
import type { StoreSource } from '../src/store/store.js'

export interface KeptBytes {
  readonly logBytesPerEvent: number
  readonly recordBytesPerEvent: number
  readonly recordBytesPerTransition: number
}

const pageTransitions = 1000

const onFatal = (error: Error): never => {
  throw error
}

export async function keptBytes(source: StoreSource, directory: string): Promise<KeptBytes> {
  const { config } = loadConfig({ directory: '/', environment: {} })
  const [logDirectory, recordDirectory] = [join(directory, 'log'), join(directory, 'record')]
  let nowMs = 0 as UnixMs
  const log = await openLog({
    ...config,
    directory: logDirectory,
    zeroAheadBytes: config.logZeroAheadBytes,
    clock: () => nowMs,
    onBatch: () => undefined,
    onFatal,
  })
  for await (const batch of source.read(1 as LogPosition)) {
    nowMs = batch.nowMs
    await log.append(batch.entries).durable
  }
  await log.close()
  const record = await openRecord({ ...config, directory: recordDirectory, onFatal })
  for (;;) {
    const page = await source.transitions(record.head as N, pageTransitions)
    if (page.length === 0) break
    record.append(page)
    // It writes by itself, and is never given more than it may hold.
    while (record.pendingBytes > config.recordPendingBytesMax / 2)
      await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const transitions = record.head
  await record.close()
  const logBytes = await bytesOf(logDirectory)
  const recordBytes = await bytesOf(recordDirectory)
  const per = (bytes: number, of: number): number => Math.round((bytes / of) * 10) / 10
  return {
    logBytesPerEvent: per(logBytes, source.settled),
    recordBytesPerEvent: per(recordBytes, source.settled),
    recordBytesPerTransition: per(recordBytes, transitions),
  }
}

async function bytesOf(directory: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(directory)) bytes += (await stat(join(directory, name))).size
  return bytes
}
