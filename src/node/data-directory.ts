/**
 * The data directory: made on the first start, held by one service at a time, of one clock for life.
 *
 * The lock is a listening socket in Linux's abstract namespace, named after the directory's real path. The kernel
 * frees it the moment its holder is gone, however it died, so there is no stale lock to guess about; and the holder
 * answers who it is. It spans one network namespace: two containers must not share a data directory.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, realpath, rename } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { QwError } from '../core/errors.js'

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
  try {
    const born = await birth(path, clock)
    if (born.clock !== clock)
      throw new QwError('QW_CLOCK_KIND', { clock: born.clock, reason: `it cannot be run with clock ${clock}` })
    for (const each of Object.values(dataPaths(path))) await mkdir(each, { recursive: true, mode: 0o700 })
    return { path, epoch: await epochOf(path), release: () => lock.close() }
  } catch (error) {
    lock.close()
    throw error
  }
}

async function takeLock(path: string): Promise<Server> {
  const name = `\0quotawatch-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(String(process.pid))
  })
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen({ path: name }, () => resolve(true))
  })
  if (!taken) throw new QwError('QW_DATA_IN_USE', { directory: path, pid: await holderOf(name) })
  return server.unref()
}

/** The process id that the holder answers with. */
function holderOf(name: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ path: name })
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(/^\d+$/.test(text) ? text : 'unknown'))
  })
}

/** Reads how the directory was born, or writes it on the first start. */
const birth = async (path: string, clock: ClockKind): Promise<Birth> =>
  JSON.parse(await readOrMake(join(path, 'birth.json'), () => JSON.stringify({ format: 1, clock } satisfies Birth)))

const epochBytes = 8

/** Whoever puts an older copy of a directory back removes the file: then clients reload instead of resuming into it. */
const epochOf = async (path: string): Promise<string> =>
  (await readOrMake(join(path, 'epoch'), () => randomBytes(epochBytes).toString('hex'))).trim()

/** The text of a small file; made and durable when it was missing. */
async function readOrMake(file: string, make: () => string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
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
