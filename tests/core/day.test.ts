import fc from 'fast-check'
import t from 'tap'
import {
  civilFromDay,
  dayFromCivil,
  dayOf,
  formatDay,
  formatTime,
  parseDay,
  startOfDay,
  weekdayOf,
} from '../../src/core/day.js'
import type { DayNumber, UnixMs } from '../../src/core/names.js'

t.test('a day in Asia/Shanghai begins at 16:00 UTC of the day before', async (t) => {
  const before = Date.parse('2024-07-02T15:59:59.999Z') as UnixMs
  const after = Date.parse('2024-07-02T16:00:00.000Z') as UnixMs
  t.equal(formatDay(dayOf(before)), '2024-07-02')
  t.equal(formatDay(dayOf(after)), '2024-07-03')
  t.equal(startOfDay(dayOf(after)), after)
})

t.test('a date that does not exist is no day', async (t) => {
  for (const text of ['2024-02-30', '2023-02-29', '2024-13-01', '2024-00-10', '24-01-01', '2024-1-1', ''])
    t.equal(parseDay(text), undefined, text)
  t.equal(formatDay(parseDay('2024-02-29') as DayNumber), '2024-02-29')
})

t.test('days agree with the platform calendar', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
        const date = new Date(day * 86_400_000)
        const { year, month, dayOfMonth } = civilFromDay(day as DayNumber)
        return (
          year === date.getUTCFullYear() &&
          month === date.getUTCMonth() + 1 &&
          dayOfMonth === date.getUTCDate() &&
          weekdayOf(day as DayNumber) === date.getUTCDay() &&
          dayFromCivil(year, month, dayOfMonth) === day
        )
      }),
    ),
  )
})

t.test('a time is written with the offset of Asia/Shanghai and reads back as itself', async (t) => {
  t.equal(formatTime(Date.parse('2024-07-03T01:15:00.005Z') as UnixMs), '2024-07-03T09:15:00.005+08:00')
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => Date.parse(formatTime(ms as UnixMs)) === ms)),
  )
})
