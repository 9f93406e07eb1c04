/** A store that holds more than the log: a difference, also of a service that runs, unless the log has gone on meanwhile. */
import t from 'tap'
import type { LogPosition, N } from '../../src/core/names.js'
import type { LogReader } from '../../src/log/reader.js'
import { Findings } from '../../src/node/verify/report.js'
import { compareStored } from '../../src/node/verify/stored.js'
import type { Store } from '../../src/store/store.js'

const position = 12 as LogPosition

/** A store that holds up to `position`, and in which nothing else differs. */
const store = {
  log: async () => ({ first: 1, settled: position }),
  lastRange: async () => ({ from: 1, to: position }),
  compare: async () => ({ position, n: 0, rows: {}, differences: [] }),
} as unknown as Store

for (const isRunning of [true, false])
  t.test(`what the log does not hold is named, ${isRunning ? 'running' : 'stopped'}`, async (t) => {
    const findingsAt = async (head: number) => {
      const findings = new Findings()
      await compareStored({
        store,
        reader: { first: 1, head: 10 } as unknown as LogReader,
        headNow: async () => head as LogPosition,
        recordPath: '',
        settled: { position: 10 as LogPosition, n: 0 as N },
        writerDirectory: '',
        isRunning,
        ttlDays: 0,
        waitMs: 0,
        findings,
        onProgress: () => undefined,
      })
      return findings.mismatches
    }
    const what = 'is in the store, and the log ends at 11'
    t.same(await findingsAt(11), [{ place: 'store', at: { position: 12 }, what }])
    t.same(await findingsAt(12), [], 'the log went on while the store was asked')
  })
