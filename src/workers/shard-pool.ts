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
    resourceLimits: { maxOldGenerationSizeMb: shardHeapBytesMax / mebibyte },
    workerData: { shard },
  })
  // A thread that dies between tasks is replaced by Piscina; the next call finds it empty (`lost`). Without a listener
  // its error would end the process.
  pool.on('error', () => undefined)
  return {
    call: (call) => within(judgeCallMsMax, (signal) => pool.run(call, { signal })),
    close: () => pool.destroy(),
  }
}

/** A thread that turns for ever is ended by the signal, and the call with it. */
async function within<T>(limitMs: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${limitMs} ms`)), limitMs)
  try {
    return await call(abort.signal)
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}
