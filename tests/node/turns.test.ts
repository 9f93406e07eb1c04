import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Turns } from '../../src/node/turns.js'

t.test('a request has waited since the first of the turn before it', async (t) => {
  const turns = new Turns()
  t.equal(turns.waitedUs(1000), 0, 'the first of all')
  t.equal(turns.waitedUs(4000), 3000, 'behind others of its turn')
  await nextTurn()
  t.equal(turns.waitedUs(5000), 4000, 'it may have come when the turn before had begun to read')
  t.equal(turns.waitedUs(9000), 8000)
  await nextTurn()
  t.equal(turns.waitedUs(9500), 4500)
})

t.test('when the loop has found nothing in between, nothing has waited', async (t) => {
  const turns = new Turns()
  turns.waitedUs(1000)
  turns.waitedUs(90_000)
  await nextTurn()
  await nextTurn()
  t.equal(turns.waitedUs(95_000), 0)
  t.equal(turns.waitedUs(96_000), 1000)
})
