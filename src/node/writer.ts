/**
 * The store's writer: reads the files of the log and the record as far as the core says, and says how far the store is.
 * Started by writer-process.ts.
 */
import type { Config } from '../config/config.js'
import type { LogPosition } from '../core/names.js'
import { LogFollower } from '../log/follow-log.js'
import { RecordFollower } from '../log/follow-record.js'
import type { Store, StoreSource, Writer } from '../store/store.js'
import type { DataPaths } from './data-directory.js'
import { WriterLink } from './writer-link.js'
import type { WriterReport } from './writer-words.js'

export interface WriterNeeds {
  readonly config: Config
  readonly paths: DataPaths
  /** Where the core listens for it. */
  readonly socket: string
  readonly openStore: () => Promise<Pick<Store, 'write' | 'close'>>
  readonly say: (level: 'info' | 'warn', message: string) => void
}

// What the writer has begun may end; a range that is cut off is asked about at the next start.
const stopMsMax = 300

/** Resolves to its stop. */
export async function startWriter({
  config,
  paths,
  socket,
  openStore,
  say,
}: WriterNeeds): Promise<() => Promise<void>> {
  const held: { writer?: Writer } = {}
  const link = new WriterLink({
    path: socket,
    reconnectMs: config.coreReconnectMs,
    reconnectMsMax: config.coreReconnectMsMax,
    report: () => reportOf(held.writer),
  })
  const store = await openStore()
  const source = await followedFiles(paths, link)
  const writer = await store.write(source, { directory: paths.writerPath, ...writerSettings(config), say })
  held.writer = writer
  return async () => {
    await writer.stop(stopMsMax)
    link.close()
    await store.close()
  }
}

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
  // Somebody else's is there already, or it is away.
  startMs: config.clickhouseUrl === '' ? config.storeStartMs : 0,
  marginMs: config.storeMarginMs,
  marginEntries: config.storeMarginEntries,
})

/** Before it has begun nothing is known, so the log must keep everything. */
function reportOf(writer: Writer | undefined): WriterReport {
  if (!writer) return { position: 0 as LogPosition, keepFrom: 1 as LogPosition, state: 'calm' }
  const { position, atMs, keepFrom, state } = writer
  const why = state.kind === 'away' ? state.why : state.kind === 'refused' ? state.error.message : undefined
  return {
    position,
    ...(atMs === undefined ? {} : { atMs }),
    keepFrom,
    state: state.kind,
    ...(why === undefined ? {} : { why }),
  }
}
