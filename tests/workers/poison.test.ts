import fc from 'fast-check'
import t from 'tap'
import { findPoison } from '../../src/workers/poison.js'

t.test('the first poisonous entry is found, in as many trials as halving needs', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), async (poisonous) => {
      let trials = 0
      const found = await findPoison(poisonous.length, async (entries) => {
        trials++
        const at = poisonous.indexOf(true)
        return at >= 0 && at < entries ? new Error(`entry ${at}`) : undefined
      })
      const first = poisonous.indexOf(true)
      t.ok(trials <= Math.ceil(Math.log2(poisonous.length)) + 2, `${trials} trials for ${poisonous.length}`)
      if (first < 0) return found === undefined
      return found?.index === first && found.error.message === `entry ${first}`
    }),
  )
})

t.test('what throws without any entry is no entry’s fault', async (t) => {
  await t.rejects(
    findPoison(8, async () => new Error('a deadline')),
    /without any entry of the batch: a deadline/,
  )
})

t.test('an entry is only blamed when it was seen to throw', async (t) => {
  t.equal(await findPoison(1, async () => undefined), undefined)
  t.equal(await findPoison(1000, async () => undefined), undefined)
})
