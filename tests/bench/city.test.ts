import fc from 'fast-check'
import t from 'tap'
import {
  type CitySettings,
  countyOfUnit,
  eventBody,
  flipsAmong,
  foundingLines,
  markerEvent,
  markerUnit,
} from '../../bench/city.js'

const time = '2024-07-03T09:15:00+08:00'

interface Unit {
  approved: number
  filled: number
}

interface Event {
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly data: { readonly count: number; readonly approved?: number; readonly county?: string }
}

/** The independent oracle: heads and posts of the city, counted plainly. */
const found = (settings: CitySettings): Map<string, Unit> => {
  const units = new Map<string, Unit>()
  for (const line of foundingLines(settings, time)) {
    const { type, subject, data } = JSON.parse(line) as Event
    const unit = units.get(subject) ?? { approved: 0, filled: 0 }
    if (type === 'staff.entered') unit.filled += data.count
    if (type === 'quota.approved') unit.approved = data.approved ?? 0
    units.set(subject, unit)
  }
  return units
}

const isOver = ({ approved, filled }: Unit): boolean => filled > approved
const isVacant = ({ approved, filled }: Unit): boolean => (approved - filled) / approved > 0.2

const settings = fc.record({
  units: fc.integer({ min: 11, max: 300 }),
  flipShare: fc.double({ min: 0.001, max: 1, noNaN: true }),
})

/** Applies event `i`; what it did to the colour of its unit. */
const apply = (units: Map<string, Unit>, i: number, city: CitySettings): { flipped: boolean; vacant: boolean } => {
  const { type, subject, data } = JSON.parse(eventBody(i, city, time)) as Event
  const unit = units.get(subject)
  if (unit === undefined) throw new Error(`event ${i} is about ${subject}, which was never founded`)
  const before = isOver(unit)
  if (type === 'staff.entered') unit.filled += data.count
  if (type === 'staff.left') unit.filled -= data.count
  return { flipped: isOver(unit) !== before, vacant: isVacant(unit) }
}

t.test("an event crosses its unit's quota exactly when the mix says so, and no unit is ever vacant", async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(settings, (city) => {
        const units = found(city)
        return Array.from({ length: 1_500 }, (_, i) => i).every((i) => {
          const { flipped, vacant } = apply(units, i, city)
          return !vacant && flipped === flipsAmong(i + 1, city.flipShare) > flipsAmong(i, city.flipShare)
        })
      }),
      { numRuns: 30 },
    ),
  )
})

t.test('both colours are reached: units go over quota and come back', async (t) => {
  const city = { units: 11, flipShare: 0.5 }
  const types = Array.from({ length: 40 }, (_, i) => JSON.parse(eventBody(2 * i + 1, city, time)) as Event)
  t.equal(types.filter(({ type }) => type === 'staff.entered').length, 20)
  t.equal(types.filter(({ type }) => type === 'staff.left').length, 20)
})

t.test('the default mix makes 220 transitions of 1,000 events', async (t) => {
  t.equal(2 * flipsAmong(1_000, 0.22 / 2), 220)
})

t.test('the city stays below the cap of 60,000 posts and every unit lies in its county', async (t) => {
  for (const units of [11, 1_100, 5_000]) {
    const all = found({ units, flipShare: 0.1 })
    t.equal(all.size, units + 1)
    t.ok([...all.values()].reduce((sum, { approved }) => sum + approved, 0) <= 60_000)
  }
  for (const line of foundingLines({ units: 30, flipShare: 0.1 }, time)) {
    const { type, subject, data } = JSON.parse(line) as Event
    if (type === 'unit.registered') t.equal(countyOfUnit(subject), data.county)
  }
  t.equal(countyOfUnit('city'), undefined)
})

t.test('ids are never used twice', async (t) => {
  const city = { units: 50, flipShare: 0.11 }
  const lines = [...foundingLines(city, time), ...Array.from({ length: 500 }, (_, i) => eventBody(i, city, time))]
  lines.push(markerEvent(0, time).text, markerEvent(1, time).text)
  t.equal(new Set(lines.map((line) => (JSON.parse(line) as Event).id)).size, lines.length)
})

t.test('the marker makes its unit red, then green', async (t) => {
  const unit = found({ units: 11, flipShare: 0.1 }).get(markerUnit)
  t.strictSame(unit, { approved: 1, filled: 1 })
  t.match(JSON.parse(markerEvent(0, time).text), { type: 'staff.entered', subject: markerUnit, data: { count: 1 } })
  t.match(JSON.parse(markerEvent(1, time).text), { type: 'staff.left', subject: markerUnit, data: { count: 1 } })
})
