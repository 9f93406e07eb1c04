import t from 'tap'
import type { Balance } from '../../bench/ledger.js'
import { exitCodeOf, failedReasons, invalidReasons, type RunFigures } from '../../bench/verdict.js'

const good: RunFigures = {
  intendedPerSecond: 500,
  offeredPerSecond: 500,
  generatorLagP99Ms: 2,
  clientLagP99Ms: 3,
  httpErrors: 0,
  transitions: { intended: 6_600, seen: 6_600 },
  samples: 1,
}

t.test('a run that did what it says is valid, up to the edge of each rule', async (t) => {
  t.strictSame(invalidReasons(good), [])
  t.strictSame(invalidReasons({ ...good, offeredPerSecond: 495, generatorLagP99Ms: 10, clientLagP99Ms: 10 }), [])
  for (const seen of [6_468, 6_732])
    t.strictSame(invalidReasons({ ...good, transitions: { intended: 6_600, seen } }), [])
  t.strictSame(invalidReasons({ ...good, transitions: { intended: 4, seen: 14 } }), [])
})

t.test('each broken rule alone makes a run invalid and says its figure', async (t) => {
  const broken: readonly (readonly [Partial<RunFigures>, RegExp])[] = [
    [{ offeredPerSecond: 494.9 }, /494\.9/],
    [{ generatorLagP99Ms: 10.001 }, /generator was 10\.001 ms/],
    [{ clientLagP99Ms: 10.001 }, /client process was 10\.001 ms/],
    [{ httpErrors: 1 }, /1 requests/],
    [{ transitions: { intended: 6_600, seen: 6_467 } }, /6467 transitions, not 6600/],
    [{ transitions: { intended: 6_600, seen: 6_733 } }, /6733 transitions/],
    [{ samples: 0 }, /no latency/],
    [{ offeredPerSecond: Number.NaN }, /NaN/],
    [{ generatorLagP99Ms: Number.NaN }, /NaN/],
    [{ clientLagP99Ms: Number.NaN }, /NaN/],
  ]
  for (const [change, says] of broken) {
    const reasons = invalidReasons({ ...good, ...change })
    t.equal(reasons.length, 1, JSON.stringify(change))
    t.match(reasons[0], says)
  }
})

const kept: Balance = {
  subscriptions: 4,
  expected: 10,
  received: 10,
  gaps: 0,
  duplicates: 0,
  brokenChains: 0,
  mismatched: 0,
  examples: [],
}
const quiet = { disconnects: 0, malformed: 0, drained: true, bounds: [] }
const p99 = (ms: number, msMax: number) => ({ ...quiet, bounds: [{ name: 'p99', ms, msMax }] })

t.test('a run in which everything came exactly once has not failed', async (t) => {
  t.strictSame(failedReasons(kept, quiet), [])
})

t.test('each fault alone fails the run', async (t) => {
  const faults: readonly Partial<Balance>[] = [
    { received: 9 },
    { received: 11 },
    { mismatched: 1 },
    { gaps: 1 },
    { duplicates: 1 },
    { brokenChains: 1 },
    { expected: 0, received: 0 },
  ]
  for (const fault of faults) t.equal(failedReasons({ ...kept, ...fault }, quiet).length, 1, JSON.stringify(fault))
  t.equal(failedReasons(kept, { ...quiet, disconnects: 1 }).length, 1)
  t.equal(failedReasons(kept, { ...quiet, malformed: 1 }).length, 1)
  t.equal(failedReasons(kept, { ...quiet, drained: false }).length, 1)
})

t.test('a p99 fails the run above the bound that was set, and not at it', async (t) => {
  t.strictSame(failedReasons(kept, p99(50, 50)), [])
  t.strictSame(failedReasons(kept, p99(50, 0)), [])
  t.equal(failedReasons(kept, p99(50, 49)).length, 1)
  t.equal(failedReasons(kept, p99(Number.NaN, 49)).length, 1)
})

t.test('in an incident connections are lost on purpose, but everybody must come back and be resumed', async (t) => {
  const incident = { away: 0, reloads: 0 }
  t.strictSame(failedReasons(kept, { ...quiet, disconnects: 3, incident }), [])
  t.equal(failedReasons(kept, { ...quiet, incident: { ...incident, away: 1 } }).length, 1)
  t.equal(failedReasons(kept, { ...quiet, incident: { ...incident, reloads: 1 } }).length, 1)
})

t.test('failing weighs more than being invalid', async (t) => {
  t.equal(exitCodeOf([], []), 0)
  t.equal(exitCodeOf(['late'], []), 2)
  t.equal(exitCodeOf([], ['lost']), 1)
  t.equal(exitCodeOf(['late'], ['lost']), 1)
})
