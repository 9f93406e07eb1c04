/**
 * V8 gives all objects of a class one shape, until one of them gets a number of more than 31 bits where the others had
 * small ones: then each of them is moved over when it is next met, and whatever reads them is compiled anew. With 60,000
 * units that was a quarter of the engine's pace (bench engine).
 */
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { Unit } from '../../src/alerts/unit.js'
import { Engine } from './engine.js'
import { makeWorld } from './world.js'

setFlagsFromString('--allow-natives-syntax')
const haveSameShape = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean

t.test('whatever befalls units, they keep the shape that they were made with', async (t) => {
  const before = new Unit('XH-EDU-1')
  let kinds = new Set<string>()
  for (const seed of [1, 2, 3]) {
    const engine = new Engine(1).run(makeWorld({ seed, units: 20, batches: 120 }))
    kinds = new Set([...kinds, ...engine.transitions.map(({ kind }) => kind)])
  }
  t.ok(kinds.has('freeze'), 'units went over their quota')
  t.ok(haveSameShape(before, new Unit('XH-EDU-2')))
})

t.test('the check sees a shape that changes', async (t) => {
  class Moment {
    ms = 0
  }
  const [before, other] = [new Moment(), new Moment()]
  other.ms = Date.parse('2024-07-01T09:00:00+08:00')
  t.notOk(haveSameShape(before, new Moment()))
})
