import t from 'tap'
import {
  type FanoutMeasured,
  reportFanout,
  type Shot,
  type TargetMeasured,
} from '../../../bench/fanout/fanout-report.js'

const shot = (toLastMs: number, serverCpuMs = 100, foreignCores = 0): Shot => ({
  toLastMs,
  judgedToLastMs: undefined,
  serverCpuMs,
  clientCpuMs: 50,
  foreignCores,
})

const target = (name: TargetMeasured['name'], shots: readonly Shot[], over: Partial<TargetMeasured> = {}) => ({
  name,
  version: 'x',
  bytesPerClient: 1_000,
  shots,
  broadcasts: shots.length + 1,
  reports: [
    { clients: 5, lost: 0, received: 5 * (shots.length + 1), fewest: shots.length + 1, most: shots.length + 1 },
  ],
  ...over,
})

const measured = (targets: readonly TargetMeasured[]): FanoutMeasured => ({
  settings: { clients: 10_000 },
  targets,
  skipped: [],
  machine: { cpu: 'x', cores: 2, memoryBytes: 1, kernel: 'x', node: 'x' },
  commit: { revision: 'x', dirty: false },
  at: '2024-07-03T00:00:00Z',
})

t.test('a ratio is taken within its round, so that a slow round of both is no difference', async (t) => {
  const { result, exitCode } = reportFanout(
    measured([
      target('floor', [shot(100), shot(1_000), shot(100)]),
      target('service', [shot(110, 120), shot(1_200, 120), shot(120, 120)]),
    ]),
  )
  t.equal(exitCode, 0)
  t.match(result.targets, [
    { name: 'floor', toLastMs: 100, toFloor: { toLast: 1 }, serverUsPerDelivery: 10 },
    { name: 'service', toLastMs: 120, toFloor: { toLast: 1.2, serverCpu: 1.2 }, clientUsPerDelivery: 5 },
  ])
})

t.test(
  'the service fails above the multiple of the floor that was set, and not at it; its peers may be slow',
  async (t) => {
    const run = measured([target('floor', [shot(100)]), target('service', [shot(120)]), target('ws', [shot(900)])])
    const exitCode = (toFloorMax: number) =>
      reportFanout({ ...run, settings: { ...run.settings, toFloorMax } }).exitCode
    t.strictSame([0, 1.2, 1.19].map(exitCode), [0, 0, 1])
  },
)

t.test('without a floor there is no ratio', async (t) => {
  const { result } = reportFanout(measured([target('ws', [shot(100)])]))
  t.notOk(Object.hasOwn(result.targets[0] ?? {}, 'toFloor'))
})

t.test('a message that one client missed or got twice fails the run, whoever sent it', async (t) => {
  const exact = { clients: 5, lost: 0, received: 10, fewest: 2, most: 2 }
  for (const wrong of [{ fewest: 1 }, { most: 3 }, { fewest: 1, most: 3 }, { lost: 1 }]) {
    const reports = [exact, { ...exact, ...wrong }]
    const { exitCode } = reportFanout(measured([target('floor', [shot(100)], { reports })]))
    t.equal(exitCode, 1, JSON.stringify(wrong))
  }
})

t.test('a run in which others used the machine, or nothing was measured, is invalid', async (t) => {
  t.equal(reportFanout(measured([target('floor', [shot(100, 100, 0.31)])])).exitCode, 2)
  t.equal(reportFanout(measured([target('floor', [shot(100, 100, 0.3)])])).exitCode, 0)
  t.equal(reportFanout(measured([target('floor', [])])).exitCode, 2)
})
