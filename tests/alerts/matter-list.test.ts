import fc from 'fast-check'
import t from 'tap'
import { MatterList } from '../../src/alerts/matter-list.js'

interface Thing {
  readonly id: string
  next: Thing | undefined
}

t.test('few or many, what was added is found by its id and told in the order in which it came', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 30 }), (ids) => {
        const list = new MatterList<Thing>()
        const model = new Map<string, Thing>()
        for (const id of ids) {
          if (list.get(id)) return false
          const thing: Thing = { id, next: undefined }
          list.add(thing)
          model.set(id, thing)
        }
        const found = ids.every((id) => list.get(id) === model.get(id))
        return (
          found &&
          list.all().every((one, at) => one === model.get(ids[at] as string)) &&
          list.all().length === ids.length
        )
      }),
      { numRuns: 300 },
    ),
  )
})
