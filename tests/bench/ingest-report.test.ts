import fc from 'fast-check'
import t from 'tap'
import { type IngestMeasured, type IngestRound, type Measured, reportIngest } from '../../bench/ingest-report.js'
import { median } from '../../bench/median.js'

const shot = (perSecond: number, over: Partial<Measured> = {}): Measured => ({
  perSecond,
  refused: 0,
  overloaded: 0,
  clientCores: 0.5,
  serverCores: 1,
  foreignCores: 0.2,
  ...over,
})

const round = (over: Partial<IngestRound> = {}): IngestRound => ({
  constant: shot(1_000),
  logOnly: shot(800),
  service: shot(650, { judged: true, judgedPerSecond: 640 }),
  logOnlyLines: shot(150_000),
  serviceLines: shot(130_000, { judged: true, judgedPerSecond: 100_000 }),
  storedLines: shot(90_000, { judged: true, judgedPerSecond: 90_000, stored: true, storedPerSecond: 60_000 }),
  ...over,
})

const measured = (...rounds: IngestRound[]): IngestMeasured => ({
  rounds,
  settings: {},
  machine: { cpu: 'x', cores: 2, memoryBytes: 1, kernel: 'x', node: 'x' },
  commit: { revision: 'x', dirty: false },
  at: '2024-07-03T00:00:00Z',
})

t.test('the median has as many values above as below', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values)
        const below = values.filter((value) => value < middle).length
        const above = values.filter((value) => value > middle).length
        return below <= values.length / 2 && above <= values.length / 2
      }),
    ),
  )
  t.equal(median([1, 2, 3, 10]), 2.5)
  t.ok(Number.isNaN(median([])))
})

t.test('ratios are taken within a round, so a slow machine in one round cancels', async (t) => {
  const slow = round({ constant: shot(100), logOnly: shot(80), service: shot(65, { judged: true }) })
  const { result, exitCode } = reportIngest(measured(round(), slow, round()))
  t.equal(exitCode, 0)
  t.match(result, { valid: true, failed: [], ratios: { logOnlyToConstant: 0.8, serviceToConstant: 0.65 } })
})

t.test('a ratio exactly on its target is reached, one below is not', async (t) => {
  t.equal(reportIngest(measured(round({ logOnly: shot(750), service: shot(600, { judged: true }) }))).exitCode, 0)
  const { result, exitCode } = reportIngest(measured(round({ logOnly: shot(749) })))
  t.equal(exitCode, 1)
  t.strictSame(result.failed, ['logOnlyToConstant 0.749, the target is 0.75'])
  t.equal(reportIngest(measured(round({ service: shot(599, { judged: true }) }))).exitCode, 1)
})

t.test('a pace exactly on its target is reached, one below is not', async (t) => {
  const slow = (over: Partial<Measured>) => shot(90_000, { judged: true, stored: true, ...over })
  t.equal(reportIngest(measured(round())).exitCode, 0)
  const unjudged = reportIngest(measured(round({ serviceLines: slow({ judgedPerSecond: 99_999 }) })))
  t.equal(unjudged.exitCode, 1)
  t.strictSame(unjudged.result.failed, ['serviceLinesJudged 99999 a second, the target is 100000'])
  const behind = reportIngest(measured(round({ storedLines: slow({ storedPerSecond: 59_999 }) })))
  t.equal(behind.exitCode, 1)
  t.strictSame(behind.result.failed, ['storedLinesStored 59999 a second, the target is 60000'])
})

t.test('events that were not in the store in the end fail the run', async (t) => {
  const lost = shot(90_000, { judged: true, stored: false, storedPerSecond: 70_000 })
  t.equal(reportIngest(measured(round({ storedLines: lost }), round())).exitCode, 1)
})

t.test('events that were never judged fail the run', async (t) => {
  t.equal(reportIngest(measured(round({ serviceLines: shot(8_000, { judged: false }) }))).exitCode, 1)
  t.equal(reportIngest(measured(round(), round({ service: shot(650, { judged: false }) }))).exitCode, 1)
})

t.test('a single refused request makes the run invalid, and so does a target that answers nothing', async (t) => {
  t.equal(reportIngest(measured(round({ constant: shot(1_000, { refused: 1 }) }))).exitCode, 2)
  t.notOk(reportIngest(measured(round({ logOnlyLines: shot(0) }))).result.valid)
  t.notOk(reportIngest(measured()).result.valid)
})

t.test('a machine that others used makes the run invalid, a single disturbed shot does not', async (t) => {
  const disturbed = round({ constant: shot(1_000, { foreignCores: 1 }) })
  t.equal(reportIngest(measured(disturbed)).exitCode, 0)
  const shots = Object.fromEntries(Object.entries(round()).map(([name, one]) => [name, { ...one, foreignCores: 0.21 }]))
  t.equal(reportIngest(measured(round(shots))).exitCode, 2)
})

t.test('a load process at a full core is named', async (t) => {
  const { result } = reportIngest(measured(round({ constant: shot(1_000, { clientCores: 0.99 }) }), round()))
  t.strictSame(result.clientBound, ['constant'])
})
