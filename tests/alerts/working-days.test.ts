import fc from 'fast-check'
import t from 'tap'
import { WorkingDays } from '../../src/alerts/working-days.js'
import { dayFromCivil, parseDay, weekdayOf } from '../../src/core/day.js'
import type { CalendarEntry } from '../../src/core/entry.js'
import type { DayNumber } from '../../src/core/names.js'

const day = (text: string): DayNumber => parseDay(text) as DayNumber

t.test('any span counts as its days do one by one, inside and outside the calendar', async (t) => {
  const from = dayFromCivil(2022, 11, 1)
  const anyDay = fc.integer({ min: from, max: dayFromCivil(2026, 3, 1) })
  const text = (d: number) => new Date(d * 86_400_000).toISOString().slice(0, 10)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(anyDay), fc.array(anyDay), anyDay, anyDay, (free, worked, after, upTo) => {
        const entry: CalendarEntry = {
          kind: 'calendar',
          years: { first: 2023, last: 2025 },
          holidays: free.map(text),
          makeUpWorkdays: worked.map(text),
        }
        const calendar = new WorkingDays(entry)
        const is = (d: DayNumber) => {
          const isWeekday = weekdayOf(d) >= 1 && weekdayOf(d) <= 5
          const known = d >= dayFromCivil(2023, 1, 1) && d <= dayFromCivil(2025, 12, 31)
          if (!known) return isWeekday
          return isWeekday ? !free.includes(d) : worked.includes(d)
        }
        const days = Array.from({ length: Math.max(0, upTo - after) }, (_, i) => (after + 1 + i) as DayNumber)
        return (
          days.every((d) => calendar.isWorking(d) === is(d)) &&
          calendar.between(after as DayNumber, upTo as DayNumber) === days.filter(is).length
        )
      }),
      { numRuns: 40 },
    ),
  )
})

t.test('a span is known when each of its years is', async (t) => {
  const calendar = new WorkingDays({
    kind: 'calendar',
    years: { first: 2024, last: 2025 },
    holidays: [],
    makeUpWorkdays: [],
  })
  t.ok(calendar.knows(day('2024-01-01'), day('2025-12-31')))
  t.notOk(calendar.knows(day('2023-12-31'), day('2024-06-01')))
  t.notOk(calendar.knows(day('2025-06-01'), day('2026-01-01')))
  t.notOk(new WorkingDays().knows(day('2024-01-01'), day('2024-01-01')), 'no calendar, nothing known')
})

t.test('the next working day is found behind a weekend, and not behind the end', async (t) => {
  const calendar = new WorkingDays()
  t.equal(calendar.firstBetween(day('2024-06-14'), day('2024-06-30')), day('2024-06-17'))
  t.equal(calendar.firstBetween(day('2024-06-14'), day('2024-06-16')), undefined)
  t.equal(calendar.firstBetween(day('2024-06-14'), day('2024-06-01')), undefined)
})
