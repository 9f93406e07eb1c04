import t from 'tap'
import { type ArmFigures, runSnapshot } from '../../bench/engine/snapshot-pauses.js'

t.test('each arm judges the same load, and makes the snapshots it is about', async (t) => {
  const settings = { units: 300, seconds: 1, rounds: 1, rate: 2000, perBatch: 20, sliceMs: 1, seed: 1 }
  const { result } = await runSnapshot(settings)
  const { rounds } = result as { rounds: Record<'none' | 'whole' | 'pieces', ArmFigures>[] }
  t.equal(rounds.length, 1)
  for (const [arm, { snapshots, snapshotBytes, maxMs }] of Object.entries(rounds[0] ?? {})) {
    t.equal(snapshots > 0, arm !== 'none', arm)
    t.equal(snapshotBytes > 300 * 100, arm !== 'none', `${arm}: ${snapshotBytes} bytes`)
    t.ok(maxMs > 0)
  }
})
