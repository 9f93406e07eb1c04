import t from 'tap'
import { countyOfUnit } from '../../bench/city.js'
import { type E2eMeasured, reportE2e, summariseE2e } from '../../bench/e2e-report.js'
import { countyShareOf, type E2eSettings, e2eFlags, settled } from '../../bench/e2e-settings.js'
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
  disturbedLatency: packed(),
  warmUpLatency: packed(70_000),
  recovery: { disturbed: 0, away: 0, reloads: 0, lastBackUs: 0, times: packed() },
  cpuMs: 30,
  receivedWhile: 3,
  residentBytes: 1,
  ...over,
})

/** What the flags say when nothing is typed, with `over`. */
const flags = (over: Partial<E2eSettings>): E2eSettings => ({
  ...(Object.fromEntries(Object.entries(e2eFlags).map(([name, flag]) => [name, flag.default])) as E2eSettings),
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
  clientsTotal: 100,
  serviceCommand: 'node dist/src/main.js start',
  generator: generatorReport,
  clients: [clientsReport(), clientsReport()],
  apartProcesses: 0,
  expectation: expect(
    [1, 2, 3].map((n) => ({ n, subject: 'PJ-BEN-000000' })),
    countyOfUnit,
  ),
  transitions: { intended: 3, seen: 3 },
  drained: true,
  connectMs: 5,
  pushBytes: { empty: 1_000_000, connected: 1_300_000, loaded: 1_400_000 },
  processes: [],
  foreignCores: 0,
  interruptCores: 0,
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
    memory: { bytesPerClient: 3_000 },
    incident: undefined,
  })
  t.equal(Math.round(result.latencyMs.p50), 20)
  t.match([Math.round(result.warmUpMs.p99), result.warmUpMs.samples], [70, 2], 'the warm-up is told, and told apart')
  t.match(summariseE2e(result), /valid, nothing lost/)
})

t.test('the lag of a process whose clients are all of the incident is told apart, and spoils nothing', async (t) => {
  const clients = [clientsReport(), clientsReport({ lag: packed(400_000) })]
  const { result } = reportE2e(measured({ clients, apartProcesses: 1 }))
  t.equal(result.valid, true)
  t.ok(result.clientLagMs.p99 < 1 && (result.apartLagMs?.p99 ?? 0) > 390)
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

t.test('a p99 above the one that was set fails the run, and none does when none was set', async (t) => {
  const settings = { rate: 100, seconds: 10, warmupSeconds: 1 }
  t.equal(reportE2e(measured({ settings: { ...settings, p99Ms: 30 } })).exitCode, 1)
  t.equal(reportE2e(measured({ settings: { ...settings, p99Ms: 31 } })).exitCode, 0)
})

t.test('after an incident lost connections are no failure, but who is not back and who must reload is', async (t) => {
  const recovery = { disturbed: 7, away: 0, reloads: 0, lastBackUs: 3_000_000, times: packed(1_000_000, 2_000_000) }
  const incident = { kind: 'kill', atSecond: 2, beganUs: 1_000_000 } as const
  const run = (over: Partial<typeof recovery>) =>
    reportE2e(
      measured({
        incident,
        clients: [
          clientsReport(),
          clientsReport({ disconnects: 7, disturbedLatency: packed(900_000), recovery: { ...recovery, ...over } }),
        ],
      }),
    )
  const { result, exitCode } = run({})
  t.equal(exitCode, 0)
  t.match(result.incident, {
    kind: 'kill',
    disturbed: 7,
    allBackAfterMs: 2_000,
    backMs: { max: Number },
    latencyMs: { samples: 1 },
  })
  t.ok(result.latencyMs.max < 100, 'their frames are not among those of the others')
  t.equal(run({ away: 1 }).exitCode, 1)
  t.equal(run({ reloads: 1 }).exitCode, 1)
  const unasked = reportE2e(measured({ clients: [clientsReport({ disconnects: 1 })] }))
  t.equal(unasked.exitCode, 1, 'without an incident no connection may be lost')
})

t.test('a transition has the receivers that were asked for', async (t) => {
  for (const [clients, over] of [
    [2_000, {}],
    [2_000, { receivers: 20 }],
    [20_000, {}],
    [100_000, { rate: 1_000, deliveries: 20_000 }],
    [100_000, { rate: 1_000, deliveries: 48_000 }],
  ] as const) {
    const settings = settled(flags({ clients, ...over }))
    const wanted = 'deliveries' in over ? over.deliveries / 220 : 'receivers' in over ? over.receivers : 90
    const share = countyShareOf(settings)
    t.ok(Math.abs(clients / settings.units + (share * clients) / 8 - wanted) < 0.1)
    t.ok(share > 0, 'through units and counties both')
  }
  t.equal(countyShareOf(settled(flags({ clients: 2_000, receivers: 5_000 }))), 1, 'never more than all')
  t.equal(countyShareOf(settled(flags({ clients: 100_000, units: 1_100 }))), 0, 'the units alone have as many')
})

t.test('100,000 clients are spread so that one process may die', async (t) => {
  t.match(settled(flags({ clients: 100_000 })), { pushProcesses: 8, clientProcesses: 8 })
  t.match(settled(flags({ clients: 100_000, pushProcesses: 7 })), { pushProcesses: 7 })
})
