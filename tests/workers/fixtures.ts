/**
 * A judge over a log in memory, and entries that no engine can take.
 */
import { loadConfig } from '../../src/config/config.js'
import type { EventEntry } from '../../src/core/entry.js'
import type { LogPosition } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import type { CommittedBatch } from '../../src/log/log.js'
import {
  type Capture,
  type EngineState,
  Judge,
  type JudgeSettings,
  type PoisonedEntry,
} from '../../src/workers/judge.js'
import { entered, type WorldBatch } from '../alerts/engine.js'

/** An event whose data is missing: the border would never let it through, and the engine finds nothing to count. */
export function poison(unit: string): EventEntry {
  const whole = entered(unit, 1)
  return { ...whole, event: { ...whole.event, data: null } as unknown as EventEntry['event'] }
}

/** A log in memory. What is appended is durable at once and goes to the judge, as the log does it. */
export class MemoryLog {
  readonly batches: CommittedBatch[] = []
  onBatch: (batch: CommittedBatch) => void = () => undefined
  head = 0

  append({ nowMs, entries }: WorldBatch): LogPosition {
    const firstPosition = (this.head + 1) as LogPosition
    const batch = { firstPosition, nowMs, entries, lines: entries.map((entry) => JSON.stringify(entry)) }
    this.batches.push(batch)
    this.head += entries.length
    this.onBatch(batch)
    return firstPosition
  }

  async *read(from: LogPosition): AsyncGenerator<CommittedBatch> {
    for (const batch of this.batches) if (batch.firstPosition >= from) yield batch
  }

  get skipped(): LogPosition[] {
    return this.batches.flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.kind === 'skipped' ? [entry.position] : [])),
    )
  }
}

export interface Sitting {
  readonly judge: Judge
  readonly log: MemoryLog
  readonly transitions: Transition[]
  readonly troubles: Error[]
  readonly fatal: Error[]
  readonly poisoned: PoisonedEntry[]
}

/** A judge that sets aside in the log, and is ended with the test. */
export async function openSitting(
  t: { teardown: (end: () => Promise<void>) => void },
  over: Partial<JudgeSettings> = {},
  log = new MemoryLog(),
): Promise<Sitting> {
  const transitions: Transition[] = []
  const troubles: Error[] = []
  const fatal: Error[] = []
  const poisoned: PoisonedEntry[] = []
  const { config } = loadConfig({ directory: '/', environment: {} })
  const judge = await Judge.open({
    ...config,
    stateBefore: async () => undefined,
    readLog: (from) => log.read(from),
    skippedFrom: async (from) => log.skipped.filter((position) => position >= from),
    setAside: async (one) => {
      poisoned.push(one)
      const nowMs = log.batches.at(-1)?.nowMs
      if (nowMs === undefined) throw new Error('nothing was judged yet')
      log.append({ nowMs, entries: [{ kind: 'skipped', position: one.position, error: one.error.message, stack: '' }] })
    },
    onTrouble: (error) => troubles.push(error),
    onJudged: (judged) => transitions.push(...judged.transitions),
    onFatal: (error) => fatal.push(error),
    ...over,
  })
  log.onBatch = (batch) => judge.submit(batch)
  t.teardown(() => judge.close())
  return { judge, log, transitions, troubles, fatal, poisoned }
}

/** All of a state; `between` runs before each piece. */
export async function whole(capture: Capture, between = async () => {}): Promise<EngineState> {
  const sections: Uint8Array[][] = Array.from({ length: capture.shards + 1 }, () => [])
  for (;;) {
    await between()
    const captured = await capture.next(1)
    if (captured.kind === 'givenUp') throw new Error(captured.reason)
    if (captured.kind === 'whole') break
    for (const { section, bytes } of captured.pieces) sections[section]?.push(bytes)
  }
  const [fold = [], ...shards] = sections
  return { position: capture.position, n: capture.n, fold, shards }
}
