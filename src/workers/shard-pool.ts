/**
 * One engine shard on one thread: a Piscina pool of exactly one.
 *
 * A pool per shard, because a pool of many would hand a batch to any thread, and a shard's state lives in its own.
 */
import { Piscina } from 'piscina'
import type { ShardAnswer, ShardCall } from './shard-host.js'

export interface ShardPool {
  readonly call: (call: ShardCall) => Promise<ShardAnswer>
  readonly close: () => Promise<void>
}

export function openShardPool(shard: number): ShardPool {
  const pool = new Piscina<ShardCall, ShardAnswer>({
    filename: new URL('./shard-thread.js', import.meta.url).href,
    name: 'default',
    minThreads: 1,
    maxThreads: 1,
    // Never idle out: the state is in the thread.
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
    workerData: { shard },
  })
  // A thread that dies between tasks is replaced by Piscina; the next call finds it empty (`lost`). Without a listener
  // its error would end the process.
  pool.on('error', () => undefined)
  return {
    call: (call) => pool.run(call),
    close: () => pool.destroy(),
  }
}
