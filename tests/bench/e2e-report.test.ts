import t from 'tap'
import { countyOfUnit } from '../../bench/city.js'
import { countyShareOf } from '../../bench/e2e.js'
import { type E2eMeasured, reportE2e, summariseE2e } from '../../bench/e2e-report.js'
import { newHistogram, pack, record } from '../../bench/histogram.js'
import { expect } from '../../bench/ledger.js'
import type { ClientsReport, GeneratorReport } from '../../bench/messages.js'
import { openReceipt, type Receipt, receive, startReceipt } from '../../bench/receipts.js'

const packed = (...valuesUs: number[]): string => {
  const histogram = newHistogram()
  for (const value of valuesUs) record(histogram, value)
  return pack(histogram)
}

const receiptOf = (ns: readonly number[]): Receipt => {
  const receipt = openReceipt('county/PJ')
  startReceipt(receipt, 0)
  for (const n of ns) receive(receipt, n, n - 1)
  return receipt
}

const stages = {
  intendedToReceived: packed(1_000),
  receivedToDurable: packed(2_000),
  durableToJudged: packed(3_000),
  judgedToPublished: packed(4_000),
  publishedToClient: packed(1_500),
}

const clientsReport = (over: Partial<ClientsReport> = {}): ClientsReport => ({
  receipts: [receiptOf([1, 2, 3])],
  latency: packed(10_000, 20_000, 30_000),
  stages,
  lag: packed(500),
  seconds: [],
  malformed: [],
  malformedCount: 0,
  disconnects: 0,
  disconnectReasons: [],
  cpuMs: 30,
  residentBytes: 1,
  ...over,
})

const generatorReport: GeneratorReport = {
  sentInWindow: 1_000,
  sent: 1_150,
  answered: 1_150,
  errors: 0,
  errorExamples: [],
  http: packed(1_000),
  lag: packed(900),
  seconds: [{ second: 0, sent: 500, answered: 499, lagMaxMs: 1 }],
  connections: 3,
  cpuMs: 115,
}

const measured = (over: Partial<E2eMeasured> = {}): E2eMeasured => ({
  settings: { rate: 100, seconds: 10, warmupSeconds: 1 },
  serviceCommand: 'node dist/src/main.js start',
  generator: generatorReport,
  clients: [clientsReport(), clientsReport()],
  expectation: expect(
    [1, 2, 3].map((n) => ({ n, subject: 'PJ-BEN-000000' })),
    countyOfUnit,
  ),
  transitions: 3,
  drained: true,
  connectMs: 5,
  processes: [],
  foreignCores: 0,
  machine: { cpu: 'x', cores: 2, memoryBytes: 1, kernel: 'x', node: 'x' },
  commit: { revision: 'x', dirty: false },
  at: '2024-07-03T00:00:00Z',
  ...over,
})

t.test('a run in which all is well is valid, exits with 0 and has every figure', async (t) => {
  const { result, exitCode } = reportE2e(measured())
  t.equal(exitCode, 0)
  t.match(result, {
    valid: true,
    invalid: [],
    failed: [],
    offeredPerSecond: 100,
    deliveries: { expected: 6, received: 6, gaps: 0, duplicates: 0, perSecond: 0.6 },
    stagesMs: { intendedToReceived: { p50: 1, p99: 1 }, publishedToClient: { p99: 1.5 } },
    cost: { generatorUsPerRequest: 100, clientUsPerDelivery: 10_000 },
    perSecond: [{ second: 0, sent: 500, answered: 499 }],
  })
  t.equal(Math.round(result.latencyMs.p50), 20)
  t.match(summariseE2e(result), /valid, nothing lost/)
})

t.test('the lag of the worst client process counts, not the mean', async (t) => {
  const { result, exitCode } = reportE2e(
    measured({ clients: [clientsReport(), clientsReport({ lag: packed(15_000) })] }),
  )
  t.equal(exitCode, 2)
  t.notOk(result.valid)
  t.ok(result.clientLagMs.p99 >= 15)
})

t.test('one frame missing in one process fails the run', async (t) => {
  const short = clientsReport({ receipts: [receiptOf([1, 2])] })
  const { result, exitCode } = reportE2e(measured({ clients: [clientsReport(), short] }))
  t.equal(exitCode, 1)
  t.ok(result.valid, 'the figures may be believed: the service lost a frame')
  t.match(result.deliveries, { expected: 6, received: 5, mismatched: 1 })
  t.match(summariseE2e(result), /FAILED: 5 transition frames received, 6 expected/)
})

t.test('too little offered makes the run invalid', async (t) => {
  const { exitCode } = reportE2e(measured({ generator: { ...generatorReport, sentInWindow: 989 } }))
  t.equal(exitCode, 2)
})

t.test('so many clients watch a county that a transition has the receivers that were asked for', async (t) => {
  const share = (clients: number, receivers: number) => countyShareOf({ clients, units: 1100, receivers } as never)
  for (const [clients, receivers] of [
    [2000, 90],
    [2000, 20],
    [20_000, 90],
  ] as const)
    t.ok(Math.abs(clients / 1100 + (share(clients, receivers) * clients) / 8 - receivers) < 1e-9)
  t.equal(share(2000, 5000), 1, 'never more than all')
  t.equal(share(100_000, 90), 0, 'the units alone have as many')
})
