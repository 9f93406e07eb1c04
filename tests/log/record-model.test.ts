import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { openRecord, type RecordSettings, type TransitionRecord } from '../../src/log/record.js'
import { headOf, n, settingsFor, transitionsOf, unitsOf } from './transitions.js'

const all = transitionsOf(unitsOf(400, 'A', 'B', 'C', 'A', 'D', 'A'))

/** A record beside the array that it should be: the first `head` of `all`. */
interface Pair {
  readonly settings: RecordSettings
  record: TransitionRecord
  head: number
}

type Step = (pair: Pair) => Promise<boolean>

const same = (found: unknown, wanted: unknown) => JSON.stringify(found) === JSON.stringify(wanted)

const append = fc.integer({ min: 1, max: 12 }).map(
  (count): Step =>
    async (pair) => {
      pair.record.append(all.slice(pair.head, pair.head + count))
      pair.head += count
      return true
    },
)

const sync = fc.constant<Step>(async (pair) => {
  await pair.record.sync()
  return pair.record.pendingBytes === 0
})

const reopenAndJudgeAgain = fc.nat(30).map(
  (back): Step =>
    async (pair) => {
      await pair.record.close()
      pair.record = await openRecord(pair.settings)
      pair.record.append(all.slice(Math.max(0, pair.head - back), pair.head))
      return true
    },
)

const sinceAndLimit = fc.tuple(fc.nat(100), fc.nat(40))

const read = sinceAndLimit.map(
  ([since, limit]): Step =>
    async (pair) => {
      const wanted = all.slice(since, Math.min(pair.head, since + limit))
      return same(await pair.record.read(n(since), limit), wanted)
    },
)

const readTopic = sinceAndLimit.map(
  ([since, limit]): Step =>
    async (pair) => {
      const kept = all.slice(0, pair.head)
      const newer = kept.filter((transition) => transition.unit === 'A' && transition.n > since)
      const found = await pair.record.readTopic('unit/A', headOf(kept, 'A'), n(since), limit)
      return same(found, newer.length > limit ? undefined : newer)
    },
)

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: append },
    { weight: 3, arbitrary: sync },
    { weight: 2, arbitrary: reopenAndJudgeAgain },
    { weight: 4, arbitrary: read },
    { weight: 4, arbitrary: readTopic },
  ),
  { maxLength: 30 },
)

const bounds = fc.record({
  recordSegmentBytesMax: fc.integer({ min: 1, max: 6000 }),
  recordRingTransitionsMax: fc.integer({ min: 1, max: 20 }),
  recordFlushEveryMs: fc.integer({ min: 1, max: 3 }),
})

t.test('any appends, syncs, reads and restarts agree with a plain array', async (t) => {
  const root = t.testdir()
  let runs = 0
  const property = fc.asyncProperty(bounds, steps, async (bound, taken) => {
    const settings = settingsFor(join(root, String(runs++)), bound)
    const pair: Pair = { settings, record: await openRecord(settings), head: 0 }
    for (const step of taken) if (!(await step(pair)) || pair.record.head !== pair.head) return false
    await pair.record.close()
    return true
  })
  await t.resolves(fc.assert(property, { numRuns: 100 }))
})
