/**
 * Ingest, the order desk and the real engine, joined as the core joins them, over a log in memory.
 */
import { faultOf } from '../../../src/alerts/rules.js'
import { readRules } from '../../../src/config/rules-file.js'
import { dayOf } from '../../../src/core/day.js'
import type { LogEntry } from '../../../src/core/entry.js'
import type { LogPosition, UnixMs } from '../../../src/core/names.js'
import type { RuleSet } from '../../../src/core/rule-set.js'
import type { Transition } from '../../../src/core/transition.js'
import { EngineDesk } from '../../../src/node/orders/desk.js'
import type { ReadQuery } from '../../../src/workers/judge.js'
import { ShardHost } from '../../../src/workers/shard-host.js'
import { rules, shippedRules } from '../../alerts/engine.js'
import { type MemoryLog, type Service, service } from '../../ingest/fixtures.js'
import { openSitting } from '../../workers/fixtures.js'

export interface Ordering {
  readonly s: Service<MemoryLog>
  readonly transitions: readonly Transition[]
  readonly read: (query: ReadQuery) => Promise<unknown>
  readonly give: (body: object) => Promise<{ readonly status: number; readonly body: Record<string, unknown> }>
  /** Appends an entry that is nobody's order; time passes to `nowMs` before. */
  readonly tell: (nowMs?: UnixMs, ...entries: LogEntry[]) => Promise<void>
  /** The entries from the position on, as the log holds them. */
  readonly from: (position: unknown) => LogEntry[]
  /** While held, the desk waits for the engine. */
  hold(): () => void
  /** What happens when the desk has been answered by the engine, each time until it gives false. */
  whenRead: (then: () => Promise<boolean>) => void
}

export const who = { by: '王主任', reason: '市委决定' }

export async function openOrdering(
  t: { teardown: (end: () => Promise<void>) => void },
  {
    set = shippedRules,
    shards = 1,
    ordersWaitingMax = 64,
  }: { set?: RuleSet; shards?: number; ordersWaitingMax?: number } = {},
): Promise<Ordering> {
  const s = service()
  const openPool = () => {
    const host = new ShardHost()
    return { call: async (call: Parameters<ShardHost['answer']>[0]) => host.answer(call), close: async () => undefined }
  }
  const { judge, transitions } = await openSitting(t, { shards, openPool })
  s.log.onBatch = (batch) => judge.submit({ ...batch, lines: batch.entries.map((entry) => JSON.stringify(entry)) })
  const read = async (query: ReadQuery) => (await judge.read(query)).value
  let held: Promise<void> | undefined
  let afterRead: (() => Promise<boolean>) | undefined
  s.desk = new EngineDesk({
    read: async (query) => {
      const value = await read(query)
      if (afterRead && !(await afterRead())) afterRead = undefined
      return value
    },
    judged: async (position) => {
      await held
      while (judge.position < position) await new Promise((done) => setImmediate(done))
    },
    watch: (subject) => s.sequencer.watch(subject),
    readRules: async (text) => readRules(text, 'the body', faultOf),
    today: () => dayOf(s.nowMs),
    ordersWaitingMax,
  })
  const append = async (entries: readonly LogEntry[]) => {
    await s.log.append(entries).durable
    s.sequencer.position = s.log.head
    await judge.drained()
  }
  await append([rules(set)])
  return {
    s,
    transitions,
    read,
    give: async (body) => {
      const answer = await s.app.inject({ method: 'POST', url: '/v1/orders', payload: { ...who, ...body } })
      await judge.drained()
      return { status: answer.statusCode, body: answer.json() }
    },
    tell: async (nowMs, ...entries) => {
      if (nowMs !== undefined) s.nowMs = nowMs
      await append(entries.length === 0 ? [{ kind: 'tick' }] : entries)
    },
    from: (position) => s.log.entries.slice((position as LogPosition) - 1),
    whenRead: (then) => {
      afterRead = then
    },
    hold: () => {
      let release: () => void = () => undefined
      held = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
  }
}
