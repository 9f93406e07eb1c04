import t from 'tap'
import type { LogEntry } from '../../src/core/entry.js'
import type { LogPosition, N, UnixMs } from '../../src/core/names.js'
import { Derivation } from '../../src/store/derivation.js'
import { Follower } from '../../src/store/follower.js'
import { type Ends, gatherRange } from '../../src/store/gather.js'
import type { StoreSource } from '../../src/store/source.js'

const tick: LogEntry = { kind: 'tick' }
const limits = { rangeRowsMax: 100, rangeBytesMax: 1_000_000 }

/** Four batches of two entries each in the log, of which so much is settled. */
function source(settled: number) {
  return {
    settled: settled as LogPosition,
    first: 1 as LogPosition,
    async *read(from: LogPosition) {
      for (let first = 1; first < 9; first += 2)
        if (first + 1 >= from)
          yield {
            firstPosition: first as LogPosition,
            nowMs: (1_720_000_000_000 + first) as UnixMs,
            entries: [tick, tick],
            lines: ['{"kind":"tick"}', '{"kind":"tick"}'],
          }
    },
    transitions: async () => [],
  }
}

function gather(settled: number, begun: Ends | undefined, wait: (of: { settled: LogPosition }) => Promise<void>) {
  const log = source(settled)
  const follower = new Follower(log as unknown as StoreSource, 0 as LogPosition, 0 as N)
  return gatherRange(follower, new Derivation(), limits, begun, {
    next: () => follower.next(),
    wait: () => wait(log),
  })
}

const ends = (from: number, to: number): Ends => ({ from: from as LogPosition, to: to as LogPosition })

t.test('a range that was begun is met again exactly, though less is settled than was before', async (t) => {
  let waits = 0
  const range = await gather(4, ends(1, 6), async (log) => {
    waits += 1
    // The core judges its log again, and is beyond the range in the end.
    log.settled = (log.settled + 2) as LogPosition
  })
  t.match(range, { from: 1, to: 6 })
  t.equal(waits, 1)
})

t.test('any other ends where there is no more', async (t) => {
  const never = async () => {
    t.fail('nobody is to wait')
  }
  t.match(await gather(4, undefined, never), { from: 1, to: 4 })
  t.match(await gather(4, ends(5, 8), never), { from: 1, to: 4 }, 'and before one that was begun')
  t.match(await gather(8, ends(5, 8), never), { from: 1, to: 4, full: true }, 'also when there is more')
  t.equal(await gather(0, ends(1, 6), never), undefined)
})

t.test('a writer that is to stop does not wait', async (t) => {
  const stopping = new Error('stopping')
  await t.rejects(
    gather(4, ends(1, 6), async () => {
      throw stopping
    }),
    stopping,
  )
})
