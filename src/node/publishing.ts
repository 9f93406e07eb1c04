/**
 * What the bus is told, and how it reads what push processes ask for: snapshots from the judge, the rest from the record.
 */
import type { N } from '../core/names.js'
import type { TransitionRecord } from '../log/record.js'
import type { BusSettings } from '../stream/bus.js'
import type { Judge } from '../workers/judge.js'
import type { Foundation } from './foundation.js'
import { snapshotOfTopic } from './topic-snapshots.js'

export function busSettings({ begin, record, recovered, clock }: Foundation): BusSettings {
  const { config, addresses } = begin
  return {
    path: addresses.busPath,
    epoch: begin.epoch,
    n: recovered.judge.n,
    figuresEveryMs: 1000 / config.figuresPerSecondMax,
    catchUpTransitionsMax: config.resumeTransitionsMax,
    snapshotPartBytesMax: config.snapshotPartBytesMax,
    snapshotReuseMs: config.snapshotReuseMs,
    snapshotCacheBytesMax: config.snapshotCacheBytesMax,
    coreReadsMax: config.coreReadsMax,
    pushQueueBytesMax: config.pushQueueBytesMax,
    clock: () => ({ nowMs: clock.nowMs(), kind: clock.kind }),
    onSnapshot: (topic) => snapshotOfTopic(recovered.judge, topic),
    onCatchUp: (topic, since, limit) => catchUp(record, recovered.judge, topic, since, limit),
  }
}

/** From the record: everything, or one topic along its chain of previous numbers. */
async function catchUp(record: TransitionRecord, judge: Judge, topic: string, since: N, limit: number) {
  if (topic !== 'all') {
    const { value } = await judge.read({ kind: 'head', topic })
    return record.readTopic(topic, value as N, since, limit)
  }
  const transitions = await record.read(since, limit + 1)
  return transitions.length > limit ? undefined : transitions
}
