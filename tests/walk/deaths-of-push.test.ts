import t from 'tap'
import { Mortals, ways } from './deaths.js'

t.test('push processes die, of whatever: the rest goes on, they come back, nothing is lost or doubled', async (t) => {
  const mortals = await Mortals.begin(t)
  for (const way of ways) {
    const { push } = mortals.service.children()
    t.equal(push.length, 3)
    // They are all alike: each is killed, one throws, one runs out of memory.
    for (const pid of way === 'SIGKILL' ? push : push.slice(-1)) await mortals.end('push', pid, way)
  }
  await mortals.proof()
})
