import t from 'tap'
import { newHistogram, pack, record } from '../../bench/histogram.js'
import { type ClientsReport, stageNames } from '../../bench/messages.js'
import type { Asked } from '../../bench/overload/asker.js'
import { Moves } from '../../bench/overload/moves.js'
import { type OverloadMeasured, reportOverload } from '../../bench/overload/report.js'
import { exact, kept, run } from './run-bench.js'

t.test('overload: what is accepted is counted frame by frame, and what is refused by reason', async (t) => {
  const words = [
    '--rate',
    '400',
    '--events',
    '4',
    '--seconds',
    '2',
    '--find-seconds',
    '1',
    '--find-warmup-seconds',
    '0',
    '--clients',
    '30',
  ]
  const small = ['--units', '22', '--transition-share', '0.2', '--warmup-seconds', '1', '--senders', '4']
  // No machine is so fast that a second event of the same millisecond would not be late by this budget.
  const { exitCode, result } = await run(
    t,
    'overload',
    ...words,
    ...small,
    ...['--budget-ms', '1', '--p99-ms', '0', '--accepted-share-min', '0', '--drain-seconds', '60'],
  )
  t.ok(kept(exitCode), `${result['failed']}`)
  t.match(result, {
    bench: 'overload',
    failed: [],
    deliveries: exact,
    events: { withoutRetryAfter: 0, errors: 0, refusedByReason: { delay: Number } },
    asked: { livez: { wrong: 0 }, readyz: { wrong: 0 }, metrics: { wrong: 0 }, gate: { wrong: 0 } },
  })
  const { sent, accepted, refused } = result['events'] as { sent: number; accepted: number; refused: object }
  t.equal(sent, 400 * 3)
  t.equal(accepted + 4 * Object.values(refused).reduce((sum, count) => sum + count, 0), sent)
})

const microseconds = (...values: number[]): string => {
  const histogram = newHistogram()
  for (const value of values) record(histogram, value)
  return pack(histogram)
}

const answered: Asked = {
  asked: 10,
  wrong: 0,
  examples: [],
  latencyMs: { p50: 1, p90: 1, p99: 1, p999: 1, max: 1 },
}

const stages = Object.fromEntries(stageNames.map((name) => [name, microseconds(4000)]))

/** A run in which all went well. */
function measured(over: Partial<OverloadMeasured> = {}): OverloadMeasured {
  return {
    settings: { seconds: 1, p99Ms: 50, acceptedShareMin: 0.3 },
    capacityPerSecond: 500,
    ratePerSecond: 1000,
    load: {
      sent: 1000,
      accepted: 400,
      refused: { QW_TOO_LATE: 590, QW_OVERLOADED: 10 },
      withoutRetryAfter: 0,
      errors: 0,
      errorExamples: [],
      transitions: 100,
      sentInWindow: 1000,
      acceptedInWindow: 400,
      acceptedHttp: microseconds(1000),
      refusedHttp: microseconds(1000),
      lag: microseconds(100),
      connections: 10,
      cpuMs: 10,
    },
    clients: [
      { latency: microseconds(20_000), stages, lag: microseconds(100), disconnects: 0, malformedCount: 0 },
    ] as unknown as ClientsReport[],
    balance: {
      subscriptions: 1,
      expected: 100,
      received: 100,
      gaps: 0,
      duplicates: 0,
      brokenChains: 0,
      mismatched: 0,
      examples: [],
    },
    transitionsSeen: 100,
    drained: true,
    asked: { livez: answered, readyz: answered, metrics: answered, gate: answered, gateOnApiPort: answered },
    refusedByReason: { delay: 590, log: 10 },
    foreignCores: 0.1,
    ...over,
  }
}

t.test('a run in which all went well is valid and kept', async (t) => {
  const { result, exitCode } = reportOverload(measured())
  t.match(result, {
    invalid: [],
    failed: [],
    acceptedPerSecond: 400,
    acceptedShare: 0.8,
    stagesMs: { durableToJudged: { p99: 4.001 } },
  })
  t.equal(exitCode, 0)
})

t.test('whatever was promised and not kept fails a run', async (t) => {
  const good = measured()
  const failing: [Partial<OverloadMeasured>, RegExp][] = [
    [
      { clients: [{ ...good.clients[0], latency: microseconds(60_000) } as ClientsReport] },
      /p99 of what was accepted 6\d/,
    ],
    [{ load: { ...good.load, withoutRetryAfter: 1 } }, /1 refusals without Retry-After/],
    [{ load: { ...good.load, errors: 2 } }, /2 requests were neither accepted nor refused/],
    [{ refusedByReason: { delay: 599 } }, /600 requests were refused, and the service has counted 599/],
    [{ asked: { ...good.asked, gate: { ...answered, wrong: 1, examples: ['503'] } } }, /1 of 10 questions to gate/],
    [{ asked: { ...good.asked, livez: { ...answered, asked: 0 } } }, /livez was never asked/],
    [{ load: { ...good.load, acceptedInWindow: 100 } }, /only 0.2 of what it can take/],
    [{ balance: { ...good.balance, received: 99 } }, /99 transition frames received/],
    [{ drained: false }, /did not appear/],
  ]
  for (const [over, said] of failing) {
    const { result, exitCode } = reportOverload(measured(over))
    t.match(result.failed.join('; '), said)
    t.equal(exitCode, 1)
  }
})

t.test('a run that was no overload, or not the load that is claimed, is not to be believed', async (t) => {
  const good = measured()
  const doubtful: [Partial<OverloadMeasured>, RegExp][] = [
    [{ load: { ...good.load, refused: {} }, refusedByReason: {} }, /nothing was refused/],
    [{ load: { ...good.load, sentInWindow: 900 } }, /offered 900/],
    [{ foreignCores: 0.5 }, /others used 0.5 cores/],
    [{ transitionsSeen: 150 }, /150 transitions, not 100/],
  ]
  for (const [over, said] of doubtful) {
    const { result, exitCode } = reportOverload(measured(over))
    t.match(result.invalid.join('; '), said)
    t.equal(exitCode, 2)
  }
})

t.test('who comes next to a unit, or leaves it, follows from what was accepted', async (t) => {
  const moves = new Moves({ units: 22, flipShare: 0.5 })
  const flip = moves.next(1)
  t.same(flip, { unit: 0, isFlip: true, comes: true })
  t.match(JSON.parse(moves.text('x', flip, 'now')), { type: 'staff.entered', subject: /-BEN-000000/ })
  // Twenty units flip, by every second event: the same unit again after forty.
  t.same(moves.next(41), flip, 'it was refused: once more')
  moves.accepted(flip)
  t.equal(moves.transitions, 2)
  const back = moves.next(41)
  t.same(back, { unit: 0, isFlip: true, comes: false })
  t.match(JSON.parse(moves.text('x', back, 'now')), { type: 'staff.left' })
  moves.accepted(back)
  t.same(moves.next(81), flip)
  t.match(JSON.parse(moves.text('y', moves.next(0), 'now')), { type: 'contract.entered', data: { count: 1 } })
  t.equal(moves.transitions, 4)
})
