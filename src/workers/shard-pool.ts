/**
 * One engine shard on one thread: a Piscina pool of exactly one.
 *
 * A pool per shard, because a pool of many would hand a batch to any thread, and a shard's state lives in its own.
 */
import { Piscina } from 'piscina'
import type { ShardAnswer, ShardCall } from './shard-host.js'

export interface ShardPoolSettings {
  /** A thread whose heap would grow over this ends. */
  readonly shardHeapBytesMax: number
  /** A thread that has not answered by then is ended. */
  readonly judgeCallMsMax: number
}

export interface ShardPool {
  /** Rejects when the engine threw and when the thread died; a new one, empty, takes its place. */
  readonly call: (call: ShardCall) => Promise<ShardAnswer>
  readonly close: () => Promise<void>
}

const mebibyte = 1024 * 1024

export function openShardPool(shard: number, { shardHeapBytesMax, judgeCallMsMax }: ShardPoolSettings): ShardPool {
  const pool = new Piscina<ShardCall, ShardAnswer>({
    filename: new URL('./shard-thread.js', import.meta.url).href,
    name: 'default',
    minThreads: 1,
    maxThreads: 1,
    // Never idle out: the state is in the thread.
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
    // Whatever else the process was started with stays out: what a tracer or a test runner loads into each thread would
    // count against the heap that is the engine's (tap's takes 55 MB), and has cost a second of CPU at each start.
    execArgv: process.execArgv.filter((word) => word === '--enable-source-maps'),
    resourceLimits: { maxOldGenerationSizeMb: shardHeapBytesMax / mebibyte },
    workerData: { shard },
  })
  // A thread that dies between tasks is replaced by Piscina; the next call finds it empty (`lost`). Without a listener
  // its error would end the process.
  pool.on('error', () => undefined)
  const calls = new Set<AbortController>()
  // One that dies before it has begun is not replaced before the next call, and the call that waits for it would wait in
  // vain. Piscina says that it is gone before it has counted it out, hence one turn later.
  pool.on('workerDestroy', () =>
    setImmediate(() => {
      if (pool.threads.length > 0) return
      for (const call of calls) call.abort(new Error(`shard ${shard}: its thread died before it had begun`))
    }),
  )
  return {
    call: (call) => within(judgeCallMsMax, calls, (signal) => pool.run(call, { signal })),
    close: () => pool.destroy(),
  }
}

/** A thread that turns for ever is ended by the signal, and the call with it. */
async function within<T>(
  limitMs: number,
  calls: Set<AbortController>,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  calls.add(abort)
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${limitMs} ms`)), limitMs)
  try {
    return await call(abort.signal)
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error
  } finally {
    clearTimeout(timer)
    calls.delete(abort)
  }
}
