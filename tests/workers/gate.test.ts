import t from 'tap'
import { createGateMemory, GateReader } from '../../src/workers/gate-board.js'
import {
  approved,
  at,
  by,
  desk,
  entered,
  event,
  left,
  order,
  registered,
  rules,
  shippedRules,
} from '../alerts/engine.js'
import { MemoryLog, openSitting, poison, whole } from './fixtures.js'

interface Shown {
  readonly facts: { readonly usable?: number; readonly filled: number }
  readonly freeze: { readonly state: string; readonly reasons: readonly string[] }
}

const units = ['PJ-1', 'XH-1', 'TS-1', 'KP-1']
const start = at('2024-07-01T09:00:00+08:00')
const later = at('2024-07-03T09:00:00+08:00')

for (const shards of [1, 3])
  t.test(`after every batch the board says of each unit what the engine says, with ${shards} shards`, async (t) => {
    const gate = createGateMemory(shards, 1000)
    const { judge, log } = await openSitting(t, { shards, gate })
    const reader = new GateReader(gate)
    const stories = [
      [rules(shippedRules), ...units.flatMap((unit) => [registered(unit), approved(unit, 10), entered(unit, 9)])],
      [entered('PJ-1', 2), entered('XH-1', 1)],
      [order({ order: 'freeze', subject: 'TS-1', ...by })],
      [order({ order: 'lift', subject: 'PJ-1', until: '2024-07-02T09:00:00+08:00', ...by })],
      [poison('KP-1'), entered('KP-1', 3)],
      [{ kind: 'policy' as const, policy: desk }],
      [event('pool.lent', 'PJ-1', { loanId: 'L-1', count: 498, dueOn: '2024-12-31' })],
      [left('PJ-1', 2), order({ order: 'release', subject: 'TS-1', ...by })],
    ]
    for (const [index, entries] of stories.entries()) {
      log.append({ nowMs: index < 5 ? start : later, entries })
      await judge.drained()
      for (const unit of units) {
        const { value, n } = await judge.read({ kind: 'unit', id: unit })
        const { facts, freeze } = value as Shown
        const found = reader.find(unit)
        t.match(
          found.row,
          { usable: facts.usable, filled: facts.filled, isFrozen: freeze.state === 'frozen' },
          `${unit} after story ${index}`,
        )
        if (freeze.state === 'frozen') t.same(found.row?.reasons.toSorted(), freeze.reasons)
        t.equal(found.n, n)
      }
      t.same(reader.find('PJ-1').common, {
        counted: index < 5 ? ['permanent', 'seconded_out', 'posted_out'] : desk.bases,
        poolLeft: index < 6 ? 500 : 2,
        poolRule: 'pool-capacity',
      })
    }
  })

t.test('an engine that begins from a state shows all of it before anything is judged', async (t) => {
  const { judge, log } = await openSitting(t)
  log.append({ nowMs: start, entries: [rules(), registered('PJ-1'), approved('PJ-1', 1), entered('PJ-1', 2)] })
  await judge.drained()
  const gate = createGateMemory(1, 1000)
  await openSitting(t, { gate, state: await whole(await judge.capture()) }, new MemoryLog())
  t.match(new GateReader(gate).find('PJ-1').row, { usable: 1, filled: 2, isFrozen: true, reasons: ['over-quota'] })
})
