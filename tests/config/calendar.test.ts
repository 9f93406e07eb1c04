import chineseDays from 'chinese-days'
import t from 'tap'
import { WorkingDays } from '../../src/alerts/working-days.js'
import { readCalendar } from '../../src/config/calendar.js'
import { dayFromCivil, formatDay, parseDay, weekdayOf } from '../../src/core/day.js'
import type { DayNumber } from '../../src/core/names.js'

const calendar = readCalendar()
const day = (text: string): DayNumber => parseDay(text) as DayNumber

t.test('the calendar says what the State Council announced for 2024', async (t) => {
  const of2024 = (days: readonly string[]) => days.filter((text) => text.startsWith('2024'))
  // Guo Ban Fa Ming Dian (2023) 7: New Year's Eve, 9 February, was left to employers and is a working day.
  t.same(of2024(calendar.holidays), [
    ...['2024-01-01', '2024-02-12', '2024-02-13', '2024-02-14', '2024-02-15', '2024-02-16', '2024-04-04', '2024-04-05'],
    ...['2024-05-01', '2024-05-02', '2024-05-03', '2024-06-10', '2024-09-16', '2024-09-17'],
    ...['2024-10-01', '2024-10-02', '2024-10-03', '2024-10-04', '2024-10-07'],
  ])
  t.same(of2024(calendar.makeUpWorkdays), [
    ...['2024-02-04', '2024-02-18', '2024-04-07', '2024-04-28', '2024-05-11', '2024-09-14', '2024-09-29', '2024-10-12'],
  ])
})

t.test('years are known without a gap, from the first to the last announced', async (t) => {
  t.ok(calendar.years.first <= 2010, `${calendar.years.first}`)
  t.ok(calendar.years.last >= 2026, `${calendar.years.last}`)
  for (let year = calendar.years.first; year <= calendar.years.last; year++)
    t.ok(calendar.holidays.includes(`${year}-10-01`) || [0, 6].includes(weekdayOf(day(`${year}-10-01`))), `${year}`)
})

t.test('the engine counts every known day as the package does', async (t) => {
  const working = new WorkingDays(calendar)
  const first = dayFromCivil(calendar.years.first, 1, 1)
  const last = dayFromCivil(calendar.years.last, 12, 31)
  const wrong: string[] = []
  let count = 0
  for (let d = first; d <= last; d++) {
    const is = chineseDays.isWorkday(formatDay(d))
    if (is) count += 1
    if (working.isWorking(d) !== is) wrong.push(formatDay(d))
  }
  t.same(wrong, [])
  t.equal(working.between((first - 1) as DayNumber, last), count, 'the running count over all years')
})
