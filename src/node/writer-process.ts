/**
 * The store's writer, in a process of its own at low priority: what it costs, and what goes wrong in it, is not the
 * core's. It reads the files of the log and the record as far as the core says. Started by main; nobody waits for it.
 */
import { pino } from 'pino'
import type { Config } from '../config/config.js'
import type { LogPosition } from '../core/names.js'
import { LogFollower } from '../log/follow-log.js'
import { RecordFollower } from '../log/follow-record.js'
import type { StoreSource, Writer } from '../store/store.js'
import { type DataPaths, dataPaths } from './data-directory.js'
import { runAsChild } from './role.js'
import { reachStore } from './store-access.js'
import { WriterLink } from './writer-link.js'
import { type WriterReport, writerSocket } from './writer-words.js'

// What the writer has begun may end; a range that is cut off is asked about at the next start.
const stopMsMax = 300

runAsChild(async ({ config, addresses }) => {
  const logger = pino({ level: config.logLevel, base: { process: 'writer' } })
  const paths = dataPaths(config.dataDirectory)
  const held: { writer?: Writer } = {}
  const link = new WriterLink({
    path: writerSocket(addresses.busPath),
    reconnectMs: config.coreReconnectMs,
    reconnectMsMax: config.coreReconnectMsMax,
    report: () => reportOf(held.writer),
  })
  const store = await reachStore(config, addresses.storePort)
  const source = await followedFiles(paths, link)
  const writer = await store.write(source, {
    directory: paths.writerPath,
    ...writerSettings(config),
    say: (level, message) => logger[level](message),
  })
  held.writer = writer
  return async () => {
    await writer.stop(stopMsMax)
    link.close()
    await store.close()
  }
})

async function followedFiles(paths: DataPaths, link: WriterLink): Promise<StoreSource> {
  const log = await LogFollower.open(paths.logPath)
  const record = new RecordFollower(paths.recordPath)
  return {
    first: log.first,
    get settled() {
      return link.settled.position
    },
    read: (from) => log.read(from, link.settled.position),
    transitions: (since, limit) => record.read(since, limit, link.settled.n),
  }
}

const writerSettings = (config: Config) => ({
  engine: config.storeEngine,
  ttlDays: config.storeTtlDays,
  rangeRowsMax: config.storeRangeRowsMax,
  rangeBytesMax: config.storeRangeBytesMax,
  insertEveryMs: config.storeInsertEveryMs,
  backoffMs: config.storeBackoffMs,
  backoffMsMax: config.storeBackoffMsMax,
  marginMs: config.storeMarginMs,
  marginEntries: config.storeMarginEntries,
})

/** Before it has begun nothing is known, so the log must keep everything. */
function reportOf(writer: Writer | undefined): WriterReport {
  if (!writer) return { position: 0 as LogPosition, keepFrom: 1 as LogPosition, state: 'calm' }
  const { position, keepFrom, state } = writer
  const why = state.kind === 'away' ? state.why : state.kind === 'refused' ? state.error.message : undefined
  return { position, keepFrom, state: state.kind, ...(why === undefined ? {} : { why }) }
}
