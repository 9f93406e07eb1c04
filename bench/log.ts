/**
 * What a durable append costs: closed-loop appenders, each waiting for its entry before the next, as HTTP requests do.
 *
 * `node dist/bench/log.js [directory [zeroAheadBytes]]`. The directory must lie on the disk that is to be measured.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UnixMs } from '../src/core/names.js'
import { openLog } from '../src/log/log.js'
import { entryOf } from './log-entry.js'

interface LogFigures {
  readonly appenders: number
  readonly appendsPerSecond: number
  readonly entriesPerBatch: number
  /** User and system time of the whole process, threads included. */
  readonly cpuUsPerAppend: number
  readonly syncUsMean: number
}

const runMs = 4000

async function run(under: string, appenders: number, zeroAheadBytes: number): Promise<LogFigures> {
  const directory = await mkdtemp(join(under, 'log-bench-'))
  let batches = 0
  let syncUs = 0
  const log = await openLog({
    directory,
    segmentBytesMax: 64 << 20,
    zeroAheadBytes,
    batchEntriesMax: 4096,
    batchBytesMax: 1 << 20,
    clock: () => Date.now() as UnixMs,
    onBatch: (_batch, _durableAtUs, us) => {
      batches++
      syncUs += us
    },
    onFatal: (error) => {
      throw error
    },
  })
  const cpu = process.cpuUsage()
  const began = performance.now()
  const until = began + runMs
  let count = 0
  const appender = async () => {
    while (performance.now() < until) await log.append([entryOf(count++)]).durable
  }
  await Promise.all(Array.from({ length: appenders }, appender))
  const elapsedMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  await log.close()
  await rm(directory, { recursive: true })
  return {
    appenders,
    appendsPerSecond: Math.round((count / elapsedMs) * 1000),
    entriesPerBatch: Math.round((count / batches) * 10) / 10,
    cpuUsPerAppend: Math.round(((user + system) / count) * 100) / 100,
    syncUsMean: Math.round(syncUs / batches),
  }
}

const under = process.argv[2] ?? tmpdir()
const zeroAheadBytes = Number(process.argv[3] ?? 1 << 20)
for (const appenders of [1, 64, 256, 64, 256]) console.log(JSON.stringify(await run(under, appenders, zeroAheadBytes)))
