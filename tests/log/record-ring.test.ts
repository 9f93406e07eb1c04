import t from 'tap'
import { RecordRing } from '../../src/log/record-ring.js'
import { n, transitionsOf, unitsOf } from './transitions.js'

t.test('the ring keeps its number of the newest, and all that is not written', async (t) => {
  const all = transitionsOf(unitsOf(20, 'A'))
  const ring = new RecordRing(4)
  for (const transition of all.slice(0, 10)) ring.push(transition)
  const held = () => all.filter((transition) => ring.get(transition.n) === transition).map((transition) => transition.n)
  ring.shrink(n(3))
  t.same(held(), [4, 5, 6, 7, 8, 9, 10])
  ring.push(all[10] as (typeof all)[0])
  ring.shrink(n(11))
  t.same(held(), [8, 9, 10, 11])
  ring.shrink(n(11))
  t.same(held(), [8, 9, 10, 11], 'nothing more to drop')
  t.equal(ring.get(n(12)), undefined)
})
