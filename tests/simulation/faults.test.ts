/**
 * Nothing acknowledged is ever lost: the real service in one process, on a machine whose disk tears and fails, whose
 * threads and processes die, whose store does things without saying so, and whose time is a list.
 *
 * `QW_FAULT_SEEDS=500` runs more, `QW_FAULT_SEED=17 QW_FAULT_SEEDS=1` runs one again. A seed that fails is printed with
 * what was done to it, and does the same each time.
 */
import t from 'tap'
import { run } from './run.js'

const seeds = Number(process.env['QW_FAULT_SEEDS'] ?? 20)
const firstSeed = Number(process.env['QW_FAULT_SEED'] ?? 1)

t.test('whatever dies, nothing that was acknowledged is lost or counted twice, and all say the same', async (t) => {
  const sum = { acknowledged: 0, transitions: 0, starts: 0, doubts: 0 }
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const of = await run(seed)
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += of[name]
  }
  t.comment(`seeds ${firstSeed} to ${firstSeed + seeds - 1}: ${JSON.stringify(sum)}`)
  // A simulation in which nothing happens proves nothing.
  t.ok(sum.acknowledged >= seeds * 30, 'events were acknowledged')
  t.ok(sum.transitions >= seeds * 2, 'transitions followed')
  if (seeds >= 10) t.ok(sum.starts >= seeds * 2, 'the core was started again')
})

t.test('a seed does the same each time', async (t) => {
  t.same(await run(firstSeed), await run(firstSeed))
})
