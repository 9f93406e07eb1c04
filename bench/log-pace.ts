/**
 * How long batches wait for their sync at a fixed pace, with and without the next segment prepared, in turn in one run.
 * Behind docs/decisions/0021-the-next-segment-is-prepared.md.
 *
 * `node dist/bench/log-pace.js [directory [noiseBytesPerSecond]]`. The directory must lie on the disk that is to be
 * measured. The noise stands for ClickHouse: a process that writes new files on it and syncs each.
 */
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { UnixMs } from '../src/core/names.js'
import { openLog } from '../src/log/log.js'
import { entryOf } from './log-entry.js'

const entriesPerMs = 30
const runMs = 8000
const rounds = 3
const noiseFileBytes = 4 << 20

async function run(under: string, prepares: boolean): Promise<object> {
  const directory = mkdtempSync(join(under, 'log-pace-'))
  const syncs = createHistogram()
  const waits = createHistogram()
  const log = await openLog({
    directory,
    segmentBytesMax: 64 << 20,
    zeroAheadBytes: 1 << 20,
    ...(prepares ? { spareFreeBytesMin: 0 } : {}),
    batchEntriesMax: 10_000,
    batchBytesMax: 8 << 20,
    clock: () => Date.now() as UnixMs,
    onBatch: (_batch, _durableAtUs, us) => syncs.record(Math.max(1, Math.round(us))),
    onFatal: (error) => {
      throw error
    },
  })
  const began = performance.now()
  let appended = 0
  let last = Promise.resolve()
  while (performance.now() < began + runMs) {
    const dueMs = performance.now()
    const due = Math.floor((dueMs - began) * entriesPerMs) - appended
    if (due > 0) {
      const entries = Array.from({ length: due }, (_, index) => entryOf(appended + index))
      appended += due
      // As an event waits: from when it came to when it is durable, behind the batch in flight.
      last = log
        .append(entries)
        .durable.then(() => waits.record(Math.max(1, Math.round((performance.now() - dueMs) * 1000))))
    }
    await sleep(1)
  }
  await last
  await log.close()
  rmSync(directory, { recursive: true })
  const ms = (us: number) => Math.round(us / 10) / 100
  const of = (from: typeof syncs) => [50, 99, 99.9, 100].map((share) => ms(from.percentile(share)))
  return { prepares, appended, syncMs: of(syncs), appendedToDurableMs: of(waits) }
}

/** Until it is killed. */
async function makeNoise(directory: string, bytesPerSecond: number): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const bytes = Buffer.alloc(noiseFileBytes, 'n')
  for (let number = 0; ; number++) {
    const path = join(directory, `noise-${number % 16}`)
    rmSync(path, { force: true })
    writeFileSync(path, bytes, { flush: true })
    await sleep((noiseFileBytes / bytesPerSecond) * 1000)
  }
}

const [under = tmpdir(), noise = '0', role] = process.argv.slice(2)
if (role === 'noise') await makeNoise(under, Number(noise))
const noiseAt = join(under, `log-pace-noise-${process.pid}`)
const child = Number(noise) > 0 ? fork(fileURLToPath(import.meta.url), [noiseAt, noise, 'noise']) : undefined
console.log('p50, p99, p99.9, max')
for (let round = 0; round < rounds; round++)
  for (const prepares of round % 2 === 0 ? [false, true] : [true, false])
    console.log(JSON.stringify(await run(under, prepares)))
child?.kill()
rmSync(noiseAt, { recursive: true, force: true })
