/**
 * How many push processes are started, from what is planned and what the system permits.
 */
import fc from 'fast-check'
import t from 'tap'
import { loadConfig } from '../../src/config/config.js'
import { QwError } from '../../src/core/errors.js'
import { pushCount } from '../../src/node/push-count.js'

const directory = t.testdir({})
const configWith = (...settings: string[]) => loadConfig({ directory, environment: {}, settings }).config

t.test('100,000 clients and 20,000 files a process are eight processes, so that one may die', async (t) => {
  t.same(pushCount(configWith(), 20_000), { pushProcesses: 8, clientsPerProcessMax: 16_000, roomFor: 112_000 })
})

t.test('the count follows from what is planned and from the files that a process may open', async (t) => {
  const table = [
    { settings: [], files: Number.POSITIVE_INFINITY, processes: 8, each: 16_000 },
    { settings: [], files: 1_048_576, processes: 8, each: 16_000 },
    { settings: [], files: 10_256, processes: 11, each: 10_000 },
    { settings: ['clientsPlanned=1'], files: 20_000, processes: 2, each: 16_000 },
    { settings: ['clientsPlanned=16000'], files: 20_000, processes: 2, each: 16_000 },
    { settings: ['clientsPlanned=16001'], files: 20_000, processes: 3, each: 16_000 },
    { settings: ['clientsPerProcessMax=1000'], files: 20_000, processes: 64, each: 1000 },
    { settings: [], files: 1024, processes: 64, each: 768 },
    { settings: [], files: 257, processes: 64, each: 1 },
  ]
  for (const { settings, files, processes, each } of table)
    t.match(
      pushCount(configWith(...settings), files),
      { pushProcesses: processes, clientsPerProcessMax: each },
      `${settings} with ${files} files`,
    )
})

t.test('a count that was asked for is taken as it is, its processes within what they may open', async (t) => {
  t.match(pushCount(configWith('pushProcesses=3'), 20_000), { pushProcesses: 3, clientsPerProcessMax: 16_000 })
  t.match(pushCount(configWith('pushProcesses=3'), 8192), { pushProcesses: 3, clientsPerProcessMax: 7936 })
})

t.test('whatever is planned has room when one process is dead, or the most processes there may be', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 257, max: 100_000 }), (planned, files) => {
        const { pushProcesses, clientsPerProcessMax, roomFor } = pushCount(
          configWith(`clientsPlanned=${planned}`),
          files,
        )
        const enough = roomFor >= planned || pushProcesses === 64
        const needless = pushProcesses > 2 && (pushProcesses - 2) * clientsPerProcessMax >= planned
        return enough && !needless && clientsPerProcessMax < files
      }),
      { numRuns: 200 },
    ),
  )
})

t.test('a system that permits too few files is refused with the option and the number', async (t) => {
  t.throws(
    () => pushCount(configWith(), 256),
    new QwError('QW_OPTION_INVALID', {
      option: 'clientsPerProcessMax',
      value: 16_000,
      must: 'needs more open files than the 256 that this system permits a process',
    }),
  )
})

t.test('what this system permits is read from it', async (t) => {
  t.ok(pushCount(configWith()).clientsPerProcessMax >= 1)
})
