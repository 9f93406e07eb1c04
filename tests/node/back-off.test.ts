import t from 'tap'
import { BackOff } from '../../src/node/back-off.js'

t.test('a process that dies before it serves waits longer each time, up to the longest wait', async (t) => {
  const backOff = new BackOff(200, 1000)
  t.same(
    [1, 2, 3, 4, 5].map(() => backOff.waitMs(undefined)),
    [200, 400, 800, 1000, 1000],
  )
  backOff.startOver()
  t.equal(backOff.waitMs(undefined), 200)
})

t.test('one that served ten times as long as it had waited begins anew, one that served less does not', async (t) => {
  const backOff = new BackOff(200, 1000)
  t.same(
    [undefined, 1999, 3999, 7999, 9999, 10_000, 2000].map((servedMs) => backOff.waitMs(servedMs)),
    [200, 400, 800, 1000, 1000, 200, 200],
  )
})
