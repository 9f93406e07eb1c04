import t from 'tap'
import { Mortals, ways } from './deaths.js'
import { figure } from './health.js'
import { until } from './service.js'
import { verified } from './verified.js'

t.test('the store and its writer die, of whatever: nobody waits, they come back, no row is missing', async (t) => {
  const mortals = await Mortals.begin(t, { store: 'clickhouse', storeInsertEveryMs: 50 })
  for (const way of ways)
    for (const role of ['store', 'writer'] as const) {
      await storesMore(mortals)
      const [pid] = mortals.service.children()[role]
      t.ok(pid, `${role} is there`)
      const [core] = mortals.service.children().core
      await mortals.end(role, Number(pid), way)
      t.same(mortals.service.children().core, [core], 'the core has not noticed')
    }
  // A store that has been away so often need not overtake a department that never rests.
  await mortals.rest()
  const { code, report } = await verified(mortals.service.directory, '--wait-seconds', '60')
  t.equal(code, 0)
  t.match(report, { verdict: 'same' })
  await mortals.proof()
})

/** Both work: one that has just been started could not be told yet what to die of. */
async function storesMore(mortals: Mortals): Promise<void> {
  const position = () => figure(mortals.service, 'quotawatch_store_position')
  const before = await until(position, Number.isFinite)
  await mortals.acknowledgesMore()
  await until(position, (now) => now > before)
}
