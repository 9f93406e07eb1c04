import fc from 'fast-check'
import t from 'tap'
import type { GateRow } from '../../src/alerts/gate.js'
import type { N, UnixMs } from '../../src/core/names.js'
import { createGateMemory, GateCommonWriter, GateReader, GateWriter, judgedMsOf } from '../../src/workers/gate-board.js'
import { Names } from '../../src/workers/gate-names.js'

const common = { counted: ['permanent', 'posted_in'], poolLeft: 3, poolRule: 'pool-capacity' } as const

function board(shards = 1, unitsMax = 100) {
  const memory = createGateMemory(shards, unitsMax)
  const core = new GateCommonWriter(memory)
  const writers = memory.shards.map((of) => new GateWriter(of))
  for (const writer of writers) writer.begin()
  return { memory, core, writers, reader: new GateReader(memory) }
}

const row = fc.record({
  standing: fc.constantFrom('registered', 'closed'),
  hasQuota: fc.boolean(),
  usable: fc.integer({ min: -5, max: 1_000_000 }),
  filled: fc.integer({ min: -5, max: 1_000_000 }),
  isFrozen: fc.boolean(),
  reasons: fc.uniqueArray(fc.constantFrom('order', 'over-quota', 'economic-contribution'), { minLength: 1 }),
})
// An id is any text of up to 64 characters; Chinese takes three bytes each.
const id = fc.oneof(fc.string({ minLength: 1, maxLength: 64 }), fc.constantFrom('蓬'.repeat(64), '江门市第一中学'))

const shown = ({ reasons, ...of }: GateRow) => ({ ...of, reasons: of.isFrozen ? [...reasons].sort() : [] })

t.test(
  'whatever was written last is read, of every unit, in whatever order rows come and boards begin anew',
  async (t) => {
    const writes = fc.array(fc.oneof({ weight: 20, arbitrary: fc.tuple(id, row) }, fc.constant('begin' as const)))
    fc.assert(
      fc.property(writes, (steps) => {
        const { core, writers, reader } = board()
        const rows = new Map<string, GateRow>()
        const slots = new Map<string, number>()
        core.write(1 as N, 1 as UnixMs, common)
        for (const step of steps) {
          if (step === 'begin') {
            writers[0]?.begin()
            for (const each of [rows, slots]) each.clear()
            continue
          }
          const [unit, of] = step
          const slot = slots.get(unit) ?? slots.size
          slots.set(unit, slot)
          rows.set(unit, of)
          writers[0]?.write(slot, unit, of)
          const read = reader.find(unit).row
          t.same(read && shown(read), shown(of))
        }
        for (const [unit, of] of rows) {
          const read = reader.find(unit).row
          t.same(read && shown(read), shown(of))
        }
        t.equal(reader.find('never written').row, undefined)
      }),
      { numRuns: 60 },
    )
  },
)

t.test('what all units have in common is read with the n and the time it was written with', async (t) => {
  const { core, reader, memory } = board()
  core.write(9_007_199_254_740_991 as N, 1_725_000_000_000 as UnixMs, common)
  t.same(reader.find('x'), { n: 9_007_199_254_740_991, common, row: undefined })
  t.equal(judgedMsOf(memory)(), 1_725_000_000_000)
  core.write(2 as N, 3 as UnixMs, { counted: [], poolLeft: 1 << 20, poolRule: undefined })
  t.same(reader.find('x'), { n: 2, common: { counted: [], poolLeft: 1 << 20, poolRule: undefined }, row: undefined })
})

t.test('nobody is answered before the engine stands, nor while it is built anew', async (t) => {
  const { core, reader } = board()
  t.throws(() => reader.find('x'), { code: 'QW_NOT_JUDGING' })
  core.write(1 as N, 1 as UnixMs, common)
  t.equal(reader.find('x').row, undefined)
  core.shut()
  t.throws(() => reader.find('x'), { code: 'QW_NOT_JUDGING' })
})

t.test('a row that a thread died over is not read, and the next board is whole', async (t) => {
  const { core, memory, writers, reader } = board()
  const of = { standing: 'registered', hasQuota: true, usable: 3, filled: 2, isFrozen: false, reasons: [] } as const
  core.write(1 as N, 1 as UnixMs, common)
  writers[0]?.write(0, 'PJ-1', of)
  const rows = new Int32Array((memory.shards[0] as { rows: SharedArrayBuffer }).rows)
  Atomics.add(rows, 0, 1)
  t.throws(() => reader.find('PJ-1'), { code: 'QW_NOT_JUDGING' })
  const [shard] = memory.shards
  if (!shard) throw new Error('no shard')
  const next = new GateWriter(shard)
  next.begin()
  next.write(0, 'PJ-1', { ...of, filled: 1 })
  t.match(reader.find('PJ-1').row, { usable: 3, filled: 1 })
})

t.test('a unit beyond the bound is not said to be unknown', async (t) => {
  const { core, writers, reader } = board(2, 1)
  const of = { standing: 'registered', hasQuota: true, usable: 3, filled: 2, isFrozen: false, reasons: [] } as const
  core.write(1 as N, 1 as UnixMs, common)
  writers[0]?.write(0, 'PJ-1', of)
  t.equal(reader.find('PJ-2').row, undefined)
  writers[1]?.write(0, 'PJ-2', of)
  writers[1]?.write(1, 'PJ-3', of)
  t.match(reader.find('PJ-2').row, { filled: 2 })
  t.throws(() => reader.find('PJ-3'), { code: 'QW_GATE_UNITS_MAX' })
})

t.test('answers of all readers are counted together', async (t) => {
  const { memory } = board()
  const readers = [new GateReader(memory), new GateReader(memory)]
  for (const reader of readers) reader.count(true)
  readers[0]?.count(false)
  t.same(readers[1]?.answered, { allowed: 2, denied: 1 })
})

t.test('31 names have a bit of their own; those that come later are one that says so', async (t) => {
  const memory = Names.memory()
  const [writer, reader] = [new Names(memory), new Names(memory)]
  const names = Array.from({ length: 40 }, (_, i) => `rule-${i}`)
  for (const [index, name] of names.entries())
    t.same(reader.namesOf(writer.bitsOf([name])), [index < 31 ? name : '…'], name)
  t.same(reader.namesOf(writer.bitsOf(names.slice(30, 33))), ['rule-30', '…'])
})
