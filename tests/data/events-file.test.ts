/**
 * The file itself: made by the generator, well-formed, with real places and without deadlines.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cityNdjson } from '../../data/city/events.js'
import { citySeed } from '../../data/city/plan.js'
import { counties, idPattern, levels, sectors, unitKinds } from '../../src/core/names.js'
import { directory, events, filledBy, ndjson, postsOf, units } from './census.js'

t.test('the generator writes the committed file byte for byte', async (t) => {
  t.ok(cityNdjson(citySeed) === ndjson, 'run `node dist/data/generate.js` and commit what it writes')
})

t.test('another seed is another city with the same sums', async (t) => {
  const other = cityNdjson(citySeed + 1)
  t.not(other, ndjson)
  const approved = [...other.matchAll(/"approved":(\d+)/g)].reduce((all, match) => all + Number(match[1]), 0)
  t.equal(approved, postsOf(units))
})

t.test('it is small: about 1,100 units in less than 3 MB', async (t) => {
  t.ok(units.length >= 1050 && units.length <= 1150, `${units.length} units`)
  t.ok(Buffer.byteLength(ndjson) < 3_000_000)
  t.ok(ndjson.endsWith('}\n') && !ndjson.includes('\r') && !ndjson.includes('\n\n'))
})

t.test('the README counts what the file holds', async (t) => {
  const readme = readFileSync(join(directory, 'README.md'), 'utf8')
  const filled = units.reduce((all, unit) => all + filledBy.home(unit), 0)
  for (const count of [events.length, units.length, filled]) {
    const shown = count.toLocaleString('en-US')
    t.ok(readme.includes(shown), shown)
  }
})

t.test('source and id name an event once', async (t) => {
  t.equal(new Set(events.map((event) => `${event.source} ${event.id}`)).size, events.length)
})

t.test('every unit has one well-formed id, a name of its own, and words that the service knows', async (t) => {
  const id = new RegExp(idPattern, 'u')
  t.equal(new Set(units.map((unit) => unit.name)).size, units.length, 'names')
  const wrong = units.filter(
    (unit) =>
      !id.test(unit.id) ||
      !new RegExp(`^${unit.county}-[A-Z]{3}-\\d{4}$`).test(unit.id) ||
      !(counties.includes(unit.county) && levels.includes(unit.level)) ||
      !(unitKinds.includes(unit.kind) && sectors.includes(unit.sector)) ||
      typeof unit.frontline !== 'boolean',
  )
  t.same(wrong, [])
  t.ok(
    units.some((unit) => unit.id === 'PJ-EDU-0012'),
    'the unit that the examples use',
  )
})

t.test('every event has the fields of its type and no other', async (t) => {
  const attributes = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'data']
  const fields: Readonly<Record<string, readonly string[]>> = {
    'unit.registered': ['name', 'level', 'county', 'kind', 'sector', 'frontline'],
    'county.described': ['areaKm2', 'pilotWave'],
    'quota.approved': ['approved', 'cause'],
    'staff.entered': ['count', 'basis'],
    'contract.entered': ['count'],
    'fund.budgeted': ['account', 'amountCny'],
    'indicator.reported': ['name', 'value'],
  }
  const optional = new Set(['pilotWave'])
  const wrong = events.filter((event) => {
    const [expected, actual] = [fields[event.type] ?? [], Object.keys(event.data)]
    return (
      Object.keys(event).join() !== attributes.join() ||
      actual.some((field) => !expected.includes(field)) ||
      expected.some((field) => !optional.has(field) && !actual.includes(field))
    )
  })
  t.same(wrong, [])
})

t.test('every count is a whole number above zero', async (t) => {
  const counts = events.flatMap((event) =>
    event.type === 'staff.entered' || event.type === 'contract.entered'
      ? [event.data.count]
      : event.type === 'quota.approved'
        ? [event.data.approved]
        : [],
  )
  t.ok(counts.length > units.length * 2)
  t.same(
    counts.filter((count) => !Number.isInteger(count) || count <= 0),
    [],
  )
})

t.test('a unit is registered first and approved last, so no reader sees a vacancy that never was', async (t) => {
  const order = new Map<string, string[]>()
  for (const event of events) order.set(event.subject, [...(order.get(event.subject) ?? []), event.type])
  const wrong = units.filter((unit) => {
    const types = order.get(unit.id) ?? []
    return types[0] !== 'unit.registered' || types.at(-1) !== 'quota.approved'
  })
  t.same(wrong, [])
})

t.test('standing facts only: no deadline, no loan, no task, one date throughout', async (t) => {
  t.same([...new Set(events.map((event) => event.type))].sort(), [
    'contract.entered',
    'county.described',
    'fund.budgeted',
    'indicator.reported',
    'quota.approved',
    'staff.entered',
    'unit.registered',
  ])
  t.same([...new Set(events.map((event) => event.time))], ['2024-01-01T00:00:00+08:00'])
})

t.test('the 73 townships and streets have an office, schools and a health centre each', async (t) => {
  const offices = units.filter((unit) => unit.level === 'township' && unit.kind === 'administrative')
  const countOf = (county: string) => offices.filter((unit) => unit.county === county).length
  t.same(['PJ', 'JH', 'XH', 'TS', 'KP', 'HS', 'EP'].map(countOf), [6, 3, 11, 17, 15, 10, 11])
  const names = new Set(units.map((unit) => unit.name))
  for (const office of offices) {
    const place = office.name.replace(/(办事处|人民政府)$/, '')
    const short = place.replace(/(街道|镇)$/, '')
    t.ok(names.has(`${short}中心小学`), `${place} has a school`)
    t.ok(names.has(`${place}卫生院`) || names.has(`${place}社区卫生服务中心`), `${place} has a health centre`)
  }
})

interface Outline {
  readonly properties: { readonly zh: string }
  readonly geometry:
    | { readonly type: 'Polygon'; readonly coordinates: readonly Ring[] }
    | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly Ring[])[] }
}
type Ring = readonly (readonly [number, number])[]

/** Square kilometres on a sphere of the Earth's mean radius, by the trapezoids between the ring and the equator. */
function ringKm2(ring: Ring): number {
  const radians = Math.PI / 180
  const sum = ring.reduce((all, [x1, y1], index) => {
    const [x2, y2] = ring[(index + 1) % ring.length] ?? [x1, y1]
    return all + (x2 - x1) * radians * (2 + Math.sin(y1 * radians) + Math.sin(y2 * radians))
  }, 0)
  return Math.abs((sum * 6371.0088 ** 2) / 2)
}

t.test('the outlines are those seven districts, and the land agrees with them within 6 %', async (t) => {
  const { features } = JSON.parse(readFileSync(join(directory, 'districts.geojson'), 'utf8')) as {
    readonly features: readonly Outline[]
  }
  const order = ['蓬江区', '江海区', '新会区', '台山市', '开平市', '鹤山市', '恩平市']
  t.same(
    features.map((feature) => feature.properties.zh),
    order,
  )
  const areas = events.flatMap((event) => (event.type === 'county.described' ? [event.data.areaKm2] : []))
  for (const [index, { geometry, properties }] of features.entries()) {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    const outline = polygons.reduce((all, [outer]) => all + (outer ? ringKm2(outer) : 0), 0)
    const described = areas[index] ?? Number.NaN
    t.ok(Math.abs(outline / described - 1) < 0.06, `${properties.zh}: ${described} km2, outline ${outline.toFixed(0)}`)
  }
})
