import t from 'tap'
import { Again } from '../../wall/model/again.js'

/** Runs that end when told to, and what they failed with. */
function runs() {
  const ends: ((error?: Error) => void)[] = []
  const errors: unknown[] = []
  const run = () =>
    new Promise<void>((resolve, reject) => ends.push((error?: Error) => (error ? reject(error) : resolve())))
  const again = new Again(run, (error) => errors.push(error))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { again, ends, errors, turn }
}

t.test('however often it is asked for during a run, one more run follows', async (t) => {
  const { again, ends, turn } = runs()
  for (let i = 0; i < 5; i++) again.soon()
  t.equal(ends.length, 1)
  ends[0]?.()
  await turn()
  t.equal(ends.length, 2)
  ends[1]?.()
  await turn()
  t.equal(ends.length, 2)
})

t.test('after a run that nobody asked again for, the next call runs at once', async (t) => {
  const { again, ends, turn } = runs()
  again.soon()
  ends[0]?.()
  await turn()
  again.soon()
  t.equal(ends.length, 2)
})

t.test('a run that fails is told of and does not stand in the way of the next', async (t) => {
  const { again, ends, errors, turn } = runs()
  again.soon()
  ends[0]?.(new Error('once'))
  await turn()
  t.match(errors, [{ message: 'once' }])
  again.soon()
  t.equal(ends.length, 2)
})
