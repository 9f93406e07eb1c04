/**
 * The data directory of a service that is stopped, read by the test itself.
 */
import { loadConfig } from '../../src/config/config.js'
import type { LogPosition, UnixMs } from '../../src/core/names.js'
import { type Log, openLog } from '../../src/log/log.js'
import { dataPaths } from '../../src/node/data-directory.js'

const fail = (error: Error) => {
  throw error
}

export function stoppedLog(directory: string): Promise<Log> {
  return openLog({
    ...loadConfig({ directory, environment: {} }).config,
    directory: dataPaths(directory).logPath,
    zeroAheadBytes: 0,
    clock: () => Date.now() as UnixMs,
    onBatch: () => undefined,
    onFatal: fail,
  })
}

/** How often each event stands in the log, by its id. */
export async function eventsInLog(directory: string): Promise<Map<string, number>> {
  const log = await stoppedLog(directory)
  const counts = new Map<string, number>()
  for await (const { entry } of log.find('event', 1 as LogPosition))
    counts.set(entry.event.id, (counts.get(entry.event.id) ?? 0) + 1)
  await log.close()
  return counts
}
