/**
 * What one durable write costs, four ways: write + fdatasync or O_DSYNC, with and without zeros written ahead.
 * Behind docs/decisions/0005-write-through-log.md.
 *
 * `node dist/bench/log-sync.js [directory]`. The directory must lie on the disk that is to be measured.
 */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Way {
  readonly writesThrough: boolean
  readonly zeroAheadBytes: number
  readonly batchBytes: number
}

const batches = 4000

/** One batch after the other, the next in the turn of the loop after the last. */
async function measure(path: string, way: Way): Promise<object> {
  const { O_CREAT, O_TRUNC, O_WRONLY, O_DSYNC } = fs.constants
  const fd = fs.openSync(path, O_CREAT | O_TRUNC | O_WRONLY | (way.writesThrough ? O_DSYNC : 0))
  const batch = Buffer.alloc(way.batchBytes, 'a')
  const zeros = Buffer.alloc(way.zeroAheadBytes)
  const tookUs: number[] = []
  let zeroedTo = 0
  const cpu = process.cpuUsage()
  for (let index = 0; index < batches; index++) {
    const offset = index * batch.length
    const passes = zeros.length > 0 && offset + batch.length > zeroedTo
    if (passes) zeroedTo = offset + batch.length + zeros.length
    const began = performance.now()
    await new Promise<void>((resolve, reject) => {
      const synced = (error: Error | null) => (error ? reject(error) : resolve())
      const written = (error: Error | null) => (error || way.writesThrough ? synced(error) : fs.fdatasync(fd, synced))
      if (passes) fs.writev(fd, [batch, zeros], offset, written)
      else fs.write(fd, batch, 0, batch.length, offset, written)
    })
    tookUs.push((performance.now() - began) * 1000)
  }
  const { user, system } = process.cpuUsage(cpu)
  fs.closeSync(fd)
  fs.unlinkSync(path)
  tookUs.sort((a, b) => a - b)
  const at = (share: number) => Math.round(tookUs[Math.floor(batches * share)] ?? 0)
  const cpuUsPerBatch = Math.round((user + system) / batches)
  return { ...way, p50Us: at(0.5), p99Us: at(0.99), p999Us: at(0.999), cpuUsPerBatch }
}

const path = join(process.argv[2] ?? tmpdir(), `log-sync-${process.pid}`)
for (const batchBytes of [5000, 20_000])
  for (const writesThrough of [false, true])
    for (const zeroAheadBytes of [0, 1 << 18, 1 << 20, 1 << 22])
      console.log(JSON.stringify(await measure(path, { writesThrough, zeroAheadBytes, batchBytes })))
