import fc from 'fast-check'
import t from 'tap'
import { parseTime } from '../../src/core/rfc3339.js'

t.test('times are read as the platform reads them', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1800-01-01'), max: new Date('9999-01-01'), noInvalidDate: true }),
        fc.integer({ min: -1439, max: 1439 }),
        (date, offset) => {
          const sign = offset < 0 ? '-' : '+'
          const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0')
          const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1)
          return parseTime(`${local}${sign}${two(offset / 60)}:${two(offset % 60)}`) === date.getTime()
        },
      ),
    ),
  )
  for (const text of [
    '2024-07-03',
    '2024-07-03 09:15:00Z',
    '2024-07-03T24:00:00Z',
    '2024-07-03T09:15:60Z',
    '2024-07-03T09:15Z',
    '2024-07-03T09:15:00.Z',
    '2024-07-03T09:15:00+24:00',
    '2024-13-03T09:15:00Z',
    '',
  ])
    t.equal(parseTime(text), undefined, text)
  t.equal(parseTime('2024-07-03t09:15:00.1239z'), Date.parse('2024-07-03T09:15:00.123Z'))
})

t.test('fractions are cut to milliseconds', async (t) => {
  for (const [fraction, ms] of [
    ['', 0],
    ['.1', 100],
    ['.01', 10],
    ['.001', 1],
    ['.0019', 1],
    ['.999999999', 999],
  ] as const)
    t.equal(parseTime(`1970-01-01T00:00:00${fraction}Z`), ms, fraction)
})

t.test('a character too many, too few or another is no time', async (t) => {
  const good = '2024-02-29T23:59:59.123+08:30'
  t.equal(parseTime(good), Date.parse(good))
  for (let at = 0; at < good.length; at++) {
    t.equal(parseTime(good.slice(0, at)), undefined)
    t.equal(parseTime(`${good.slice(0, at)}x${good.slice(at + 1)}`), undefined, `x at ${at}`)
    t.equal(parseTime(`${good.slice(0, at)} ${good.slice(at)}`), undefined, `a space at ${at}`)
  }
  for (const text of [
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:00+08:60',
    '2024-01-01T00:00:00.1234567890Z',
    '2024-01-01T00:00:00ZZ',
    '２０24-01-01T00:00:00Z',
  ])
    t.equal(parseTime(text), undefined, text)
})
