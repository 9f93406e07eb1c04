import t from 'tap'
import { Mortals, ways } from './deaths.js'

t.test('the core dies, of whatever: it comes back, nothing is lost or doubled', async (t) => {
  const mortals = await Mortals.begin(t)
  for (const way of ways) {
    await mortals.acknowledgesMore()
    const [core] = mortals.service.children().core
    await mortals.end('core', Number(core), way)
  }
  await mortals.proof()
})
