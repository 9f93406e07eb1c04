import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { City, lookOfTile, type Tally, type Tile } from '../../wall/model/city.js'
import { type County, counties } from '../../wall/model/names.js'
import { alertTo, facts, freezeTo, unit } from './samples.js'

const lookOf = (city: City, id: string) => {
  const tile = city.tiles.get(id)
  return tile && lookOfTile(tile)
}
const summary = { scope: 'city', units: 1, facts: facts(1), policy: 'home@1' }

t.test('a unit that was never judged is unknown, and never green', async (t) => {
  const city = new City()
  city.replaceUnits([unit('PJ-1'), unit('PJ-2', { facts: facts(3, null) }), unit('PJ-3', { setAside: true })])
  t.equal(lookOf(city, 'PJ-1'), 'green')
  t.equal(lookOf(city, 'PJ-2'), 'unknown')
  t.equal(lookOf(city, 'PJ-3'), 'unknown')
  t.ok(city.awaitsLoad)
  t.match(city.total, { units: 3, green: 1, unknown: 2 })
})

t.test('a unit of which a silent feed told is never green, keeps its trouble, and is counted', async (t) => {
  const city = new City()
  const stale = [{ source: '/departments/hr', since: '2024-01-02T00:00:00+08:00' }]
  city.apply(alertTo('PJ-2', 'red'))
  city.replaceUnits([unit('PJ-1', { stale }), unit('PJ-2', { stale }), unit('XH-1')])
  t.same(
    ['PJ-1', 'PJ-2', 'XH-1'].map((id) => lookOf(city, id)),
    ['unknown', 'red', 'green'],
  )
  t.match(city.total, { units: 3, old: 2, unknown: 1, red: 1, green: 1 })
  t.match(city.tallies.XH, { old: 0 })
  city.figures({ city: summary, units: [{ unit: 'PJ-1', facts: facts(77) }] })
  t.equal(lookOf(city, 'PJ-1'), 'unknown', 'another feed’s word does not make it fresh')
  city.takeChanged()
  city.replaceUnits([unit('PJ-1'), unit('PJ-2', { stale: [] }), unit('XH-1')])
  t.same(
    ['PJ-1', 'PJ-2'].map((id) => lookOf(city, id)),
    ['green', 'red'],
  )
  t.match(city.total, { old: 0, unknown: 0 })
  t.ok(city.takeChanged().includes('PJ-2'), 'its tile is painted anew')
})

t.test('a unit is as bad as the worst of its alerts and those of its tasks', async (t) => {
  const city = new City()
  city.replaceUnits([unit('PJ-1')])
  city.apply(alertTo('PJ-1', 'yellow', { rule: 'vacancy' }))
  city.apply(alertTo('PJ-1', 'red', { subject: 'PJ-1/task', rule: 'progress' }))
  t.equal(lookOf(city, 'PJ-1'), 'red')
  city.apply(alertTo('PJ-1', 'green', { subject: 'PJ-1/task', rule: 'progress' }))
  t.equal(lookOf(city, 'PJ-1'), 'yellow')
  city.apply(alertTo('PJ-1', 'green', { rule: 'vacancy' }))
  t.equal(lookOf(city, 'PJ-1'), 'green')
})

t.test('a freeze is shown over the colour and counted beside it', async (t) => {
  const city = new City()
  city.replaceUnits([unit('PJ-1')])
  city.apply(alertTo('PJ-1', 'red'))
  city.apply(freezeTo('PJ-1', 'frozen'))
  t.equal(lookOf(city, 'PJ-1'), 'frozen')
  t.match(city.tallies.PJ, { red: 1, frozen: 1, units: 1 })
  city.apply(freezeTo('PJ-1', 'lifted'))
  t.equal(lookOf(city, 'PJ-1'), 'red')
})

t.test('what stands before the list of units is read is shown when it comes', async (t) => {
  const city = new City()
  city.reset([{ kind: 'alert', subject: 'PJ-1', unit: 'PJ-1', rule: 'over-quota', colour: 'red', since: 'x', why: {} }])
  city.replaceUnits([unit('PJ-1')])
  t.equal(lookOf(city, 'PJ-1'), 'red')
})

t.test('figures that come while the list is read are newer than the list', async (t) => {
  const city = new City()
  city.beginReading()
  t.same(city.figures({ city: summary, units: [{ unit: 'PJ-1', facts: facts(77) }] }), ['PJ-1'], 'not named yet')
  city.replaceUnits([unit('PJ-1', { facts: facts(1) })])
  t.equal(city.tiles.get('PJ-1')?.facts.filled, 77)
  t.same(city.figures({ city: summary, units: [{ unit: 'PJ-1', facts: facts(78) }] }), [])
  t.equal(city.tiles.get('PJ-1')?.facts.filled, 78)
})

t.test('a unit that is not in the list any more is gone, from the counts too', async (t) => {
  const city = new City()
  city.replaceUnits([unit('PJ-1'), unit('XH-1')])
  const before = city.structure
  city.replaceUnits([unit('XH-1')])
  t.same(city.idsOf('PJ'), [])
  t.match(city.total, { units: 1, green: 1 })
  t.ok(city.structure > before, 'places have to be found anew')
})

t.test('reading the same list again moves nothing', async (t) => {
  const city = new City()
  city.replaceUnits([unit('PJ-1'), unit('XH-1')])
  const before = city.structure
  city.replaceUnits([unit('PJ-1'), unit('XH-1')])
  t.equal(city.structure, before)
})

t.test('a unit of a county that the page does not know is left out', async (t) => {
  const city = new City()
  city.replaceUnits([unit('QQ-1')])
  t.equal(city.tiles.size, 0)
})

t.test('only what changed is named, once', async (t) => {
  const city = new City()
  city.replaceUnits([unit('PJ-1'), unit('PJ-2')])
  t.same(city.takeChanged().sort(), ['PJ-1', 'PJ-2'])
  city.apply(alertTo('PJ-2', 'red'))
  city.apply(alertTo('PJ-2', 'yellow'))
  t.same(city.takeChanged(), ['PJ-2'])
  t.same(city.takeChanged(), [])
})

const id = fc.constantFrom('PJ-1', 'PJ-2', 'XH-1', 'SZ-1', 'SZ-2')
const colour = fc.constantFrom('green' as const, 'yellow' as const, 'red' as const)
const freeze = fc.constantFrom('none' as const, 'frozen' as const, 'lifted' as const)
const rule = fc.constantFrom('a', 'b')

/** Something that happens to a city. */
const happening: fc.Arbitrary<(city: City) => void> = fc.oneof(
  fc.tuple(id, colour, rule).map(
    ([unit, to, rule]) =>
      (city: City) =>
        city.apply(alertTo(unit, to, { rule })),
  ),
  fc.tuple(id, freeze).map(
    ([unit, to]) =>
      (city: City) =>
        city.apply(freezeTo(unit, to)),
  ),
  fc.tuple(id, fc.nat(200), fc.option(fc.nat(200))).map(([unit, filled, approved]) => (city: City) => {
    city.figures({ city: summary, units: [{ unit, facts: facts(filled, approved) }] })
  }),
  fc.tuple(fc.uniqueArray(id), fc.nat(3)).map(([ids, old]) => (city: City) => {
    const stale = [{ source: '/departments/hr', since: '2024-01-02T00:00:00+08:00' }]
    city.replaceUnits(ids.map((each, at) => unit(each, at < old ? { stale } : {})))
  }),
)

function countedPlainly(city: City, county: County): Tally {
  const tiles = [...city.tiles.values()].filter((tile) => tile.county === county)
  const count = (of: (tile: Tile) => boolean) => tiles.filter(of).length
  return {
    units: tiles.length,
    approved: tiles.reduce((sum, tile) => sum + (tile.facts.approved ?? 0), 0),
    filled: tiles.reduce((sum, tile) => sum + (tile.facts.filled ?? 0), 0),
    green: count((tile) => tile.colour === 'green'),
    yellow: count((tile) => tile.colour === 'yellow'),
    red: count((tile) => tile.colour === 'red'),
    frozen: count((tile) => tile.freeze === 'frozen'),
    unknown: count((tile) => tile.colour === undefined),
    old: count((tile) => tile.isOld),
  }
}

t.test('counts and places are those of a plain count over all tiles, whatever happened', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
        const city = new City()
        for (const happen of happenings) happen(city)
        return counties.every((county) => {
          const ids = city.idsOf(county)
          const expected = countedPlainly(city, county)
          const inPlace = ids.length === expected.units && ids.every((each, at) => city.placeOf(each) === at)
          return inPlace && isDeepStrictEqual(city.tallies[county], expected)
        })
      }),
    ),
  )
})
