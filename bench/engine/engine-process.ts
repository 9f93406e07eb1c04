/**
 * One row of the engine bench in a process of its own, so that heap and optimised code of one row are none of another's.
 * Sent by engine.ts as the message `row`; answers with one message and ends. Ends too when its parent is gone.
 */
import { readCalendar } from '../../src/config/calendar.js'
import type { LogPosition } from '../../src/core/names.js'
import type { RuleSet } from '../../src/core/rule-set.js'
import type { Row, RowResult } from './engine-rows.js'
import { EngineRun } from './engine-run.js'
import { eventBatches, type MadeBatch, type MadeLogSettings, standingBatches } from './made-log.js'
import { shippedRules } from './shipped-rules.js'

process.once('disconnect', () => process.exit(1))
process.once('message', (row: Row) => {
  process.send?.(measure(row), () => process.disconnect())
})

function measure({ units, events, perBatch, hours, rulesTimes, seed, hashed, restores }: Row): RowResult {
  const rules = multiplied(shippedRules(), rulesTimes)
  const settings: MadeLogSettings = { units, events, perBatch, hours, rules, calendar: readCalendar(), seed }
  const emptyBytes = heapBytes()
  const run = new EngineRun({ hashed })
  for (const batch of standingBatches(settings)) run.take(batch)
  const standingBytes = heapBytes() - emptyBytes
  run.restartClock()
  let done = 0
  let restored = 0
  for (const batch of collected(eventBatches(settings, (run.position + 1) as LogPosition))) {
    run.take(batch)
    done += batch.entries.length
    if (restored < restores && done * (restores + 1) >= events * (restored + 1)) {
      run.restore()
      restored += 1
    }
  }
  return {
    events: run.entries,
    seconds: run.seconds,
    eventsPerSecond: Math.round(run.entries / run.seconds),
    nanosecondsPerEvent: Math.round((run.seconds * 1e9) / run.entries),
    transitions: run.transitions,
    longestBatchMs: Math.round(run.longestBatchMs * 1000) / 1000,
    heapBytesPerUnit: {
      standing: Math.round(standingBytes / units),
      afterEvents: Math.round((heapBytes() - emptyBytes) / units),
    },
    ...(hashed ? { digest: run.digest() } : {}),
  }
}

// About ten thousand events at a time.
const madeAhead = 40

/**
 * Made some batches ahead, and the garbage of making them collected, so that the engine's clock counts only its own. Each
 * is parsed when its turn comes, as a shard's thread does (workers/shard-host.ts): events that were parsed ten thousand
 * events ago would have to be fetched from memory, which happens to none in the service.
 */
function* collected(batches: Iterable<MadeBatch>): Generator<MadeBatch> {
  let ahead: Written[] = []
  for (const { entries, ...batch } of batches) {
    ahead.push({ ...batch, text: JSON.stringify(entries) })
    if (ahead.length < madeAhead) continue
    collectYoung()
    for (const written of ahead) yield parsed(written)
    ahead = []
  }
  for (const written of ahead) yield parsed(written)
}

interface Written extends Omit<MadeBatch, 'entries'> {
  readonly text: string
}

const parsed = ({ text, ...batch }: Written): MadeBatch => ({ ...batch, entries: JSON.parse(text) })

type Collect = (options?: { readonly type: 'minor' }) => void

/** Twice: what survives two collections of the young is old. */
function collectYoung(): void {
  const collect = (globalThis as { gc?: Collect }).gc
  collect?.({ type: 'minor' })
  collect?.({ type: 'minor' })
}

/** Each rule so many times, under ids of their own. */
function multiplied(set: RuleSet, times: number): RuleSet {
  const copies = Array.from({ length: times }, (_, copy) =>
    set.rules.map((rule) => (copy === 0 ? rule : { ...rule, id: `${rule.id}-${copy}` })),
  )
  return { ...set, rules: copies.flat() }
}

/** After a collection; the process runs with --expose-gc. */
function heapBytes(): number {
  const collect = (globalThis as { gc?: Collect }).gc
  collect?.()
  collect?.()
  return process.memoryUsage().heapUsed
}
