/**
 * The engine on the caller's own thread, for whoever tries what would follow from entries that are in no log.
 *
 * The same shards, routes, feeds and fold as behind the judge, without threads, rebuilding or setting aside: what throws
 * here ends the trial. Room node tries rule sets on it, in a process of its own.
 */
import type { LogEntry } from '../core/entry.js'
import type { LogPosition, N, UnixMs } from '../core/names.js'
import type { Transition } from '../core/transition.js'
import type { CommittedBatch } from '../log/log.js'
import type { EngineState } from './capture.js'
import { Engine } from './engine.js'
import type { ReadQuery } from './merge-reads.js'
import type { Omits } from './routing.js'
import { type ShardCall, ShardHost } from './shard-host.js'

export class Trial {
  readonly #engine: Engine

  private constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Undefined: from before the log's first entry. */
  static async begin(shards: number, state: EngineState | undefined): Promise<Trial> {
    const engine = new Engine({ shards, openPool: inThisThread, shardHeapBytesMax: 0, judgeCallMsMax: 0 })
    await engine.begin(state)
    return new Trial(engine)
  }

  /** Number of the last transition. */
  get n(): N {
    return this.#engine.n
  }

  /** The next batches of the log. */
  async follow(batches: readonly CommittedBatch[], omits: Omits): Promise<void> {
    for await (const _ of this.#engine.step(batches, omits));
  }

  /** What would follow from one more batch. */
  async take(nowMs: UnixMs, entries: readonly LogEntry[]): Promise<readonly Transition[]> {
    const firstPosition = (this.#engine.position + 1) as LogPosition
    const batch = { firstPosition, nowMs, entries, lines: entries.map((entry) => JSON.stringify(entry)) }
    const transitions: Transition[] = []
    for await (const stepped of this.#engine.step([batch])) transitions.push(...stepped.transitions)
    return transitions
  }

  async read(query: ReadQuery): Promise<unknown> {
    const [read] = await this.#engine.read([query])
    if (!read) throw new Error('the engine was asked and did not answer')
    if ('failed' in read) throw read.failed
    return read.value
  }
}

function inThisThread() {
  const host = new ShardHost()
  return { call: async (call: ShardCall) => host.answer(call), close: async () => undefined }
}
