/**
 * The data directory: made on the first start, held by one service at a time, of one clock for life.
 *
 * The lock is a listening socket in Linux's abstract namespace, named after the directory's real path. The kernel
 * frees it the moment its holder is gone, however it died, so there is no stale lock to guess about; and the holder
 * answers who it is and where it serves. It spans one network namespace: two containers must not share a data directory.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, realpath, rename } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { QwError } from '../core/errors.js'
import type { Addresses } from './messages.js'

export type ClockKind = 'system' | 'scenario'

interface Birth {
  readonly format: 1
  readonly clock: ClockKind
}

export interface DataPaths {
  readonly logPath: string
  readonly recordPath: string
  readonly snapshotPath: string
  /** How far the store's writer is. */
  readonly writerPath: string
  /** Data of the embedded ClickHouse. */
  readonly clickhousePath: string
}

export interface DataDirectory {
  readonly path: string
  /** Names the history that lies here, for clients that come back with a cursor: made once, in the file `epoch`. */
  readonly epoch: string
  /** From now on whoever asks is told where the service answers. */
  readonly announce: (addresses: Addresses) => void
  readonly release: () => void
}

/** Who runs on a data directory, as it says itself. */
export interface Holder {
  readonly pid: number | undefined
  /** Absent while it has not chosen them, or is no service. */
  readonly addresses?: Addresses
}

/** Held by us, or by the one who was asked. */
export interface HeldOrAsked {
  readonly path: string
  readonly holder: Holder | undefined
  readonly release: () => void
}

/** Where the parts live. */
export const dataPaths = (path: string): DataPaths => ({
  logPath: join(path, 'log'),
  recordPath: join(path, 'record'),
  snapshotPath: join(path, 'snapshots'),
  writerPath: join(path, 'writer'),
  clickhousePath: join(path, 'clickhouse'),
})

/** Makes what is missing and takes the lock; QW_DATA_IN_USE when another process holds it, QW_CLOCK_KIND on the wrong clock. */
export async function openDataDirectory(directory: string, clock: ClockKind): Promise<DataDirectory> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = await realpath(directory)
  const lock = await takeLock(path)
  if (!lock) throw new QwError('QW_DATA_IN_USE', { directory: path, pid: (await askHolder(path)).pid ?? 'unknown' })
  try {
    const born = await birth(path, clock)
    if (born.clock !== clock)
      throw new QwError('QW_CLOCK_KIND', { clock: born.clock, reason: `it cannot be run with clock ${clock}` })
    for (const each of Object.values(dataPaths(path))) await mkdir(each, { recursive: true, mode: 0o700 })
    return { path, epoch: await epochOf(path), announce: lock.announce, release: lock.release }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Takes the lock of a directory that is there, so that nobody starts meanwhile; or asks who has it. */
export async function holdOrAsk(directory: string): Promise<HeldOrAsked> {
  const path = await realpath(directory)
  const lock = await takeLock(path)
  return lock
    ? { path, holder: undefined, release: lock.release }
    : { path, holder: await askHolder(path), release: () => undefined }
}

/** Of which clock it was born; undefined where it was never started. */
export async function clockOf(path: string): Promise<ClockKind | undefined> {
  const text = await readFile(join(path, birthName), 'utf8').catch(unlessMissing)
  return text === undefined ? undefined : birthIn(join(path, birthName), text).clock
}

const lockName = (path: string): string =>
  `\0quotawatch-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`

/** Undefined when somebody has it. */
async function takeLock(path: string): Promise<Pick<DataDirectory, 'announce' | 'release'> | undefined> {
  let holder: Holder = { pid: process.pid }
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(JSON.stringify(holder))
  })
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen({ path: lockName(path) }, () => resolve(true))
  })
  if (!taken) return undefined
  server.unref()
  return {
    announce: (addresses) => {
      holder = { pid: process.pid, addresses }
    },
    release: () => server.close(),
  }
}

/** What the holder answers with. */
function askHolder(path: string): Promise<Holder> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ path: lockName(path) })
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(holderIn(text)))
  })
}

/** One that hung, or is of another version, is somebody all the same. */
function holderIn(text: string): Holder {
  try {
    const holder = JSON.parse(text) as Holder
    return typeof holder === 'object' && typeof holder.pid === 'number' ? holder : { pid: undefined }
  } catch {
    return { pid: undefined }
  }
}

const birthName = 'birth.json'

/** Reads how the directory was born, or writes it on the first start. */
const birth = async (path: string, clock: ClockKind): Promise<Birth> => {
  const file = join(path, birthName)
  return birthIn(file, await readOrMake(file, () => JSON.stringify({ format: 1, clock } satisfies Birth)))
}

function birthIn(file: string, text: string): Birth {
  try {
    const born = JSON.parse(text) as Birth
    if (born.clock === 'system' || born.clock === 'scenario') return born
  } catch {
    // said below
  }
  throw new QwError('QW_BIRTH_DAMAGED', { file })
}

const epochBytes = 8

/** Whoever puts an older copy of a directory back removes the file: then clients reload instead of resuming into it. */
const epochOf = async (path: string): Promise<string> =>
  (await readOrMake(join(path, 'epoch'), () => randomBytes(epochBytes).toString('hex'))).trim()

/** For `catch`: undefined for a file that is not there. */
export function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** The text of a small file; made and durable when it was missing. */
async function readOrMake(file: string, make: () => string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(unlessMissing)
  if (text !== undefined) return text
  const made = make()
  const handle = await open(`${file}.part`, 'w', 0o600)
  try {
    await handle.writeFile(`${made}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.part`, file)
  return made
}
