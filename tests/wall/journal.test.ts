import fc from 'fast-check'
import t from 'tap'
import { type Entry, Journal, trendOf } from '../../wall/model/journal.js'
import { alertTo, freezeTo } from './samples.js'

const startSecond = 1_704_067_200
const at = (second: number): string => new Date(second * 1000).toISOString()
const entry = (n: number, fields: object = {}): Entry => ({ ...alertTo('PJ-1', 'red'), n, ...fields }) as Entry

t.test('two sources that overlap make one list, newest first, as long as it may be', async (t) => {
  const journal = new Journal(3)
  journal.add([entry(5)])
  journal.add([entry(3), entry(4), entry(5)])
  t.same(
    journal.entries.map(({ n }) => n),
    [5, 4, 3],
  )
  journal.add([entry(6)])
  t.same(
    journal.entries.map(({ n }) => n),
    [6, 5, 4],
  )
  journal.clear()
  t.same(journal.entries, [])
})

t.test('a trend walked back from now equals the counts walked forward', async (t) => {
  const step = fc.record({
    after: fc.nat(3),
    alert: fc.nat(4),
    to: fc.constantFrom('green', 'yellow', 'red'),
    isFreeze: fc.boolean(),
  })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 50 }), fc.nat(5000), (steps, later) => {
        const colours = new Map<number, string>()
        const forward = new Map<number, { red: number; yellow: number }>()
        const entries: Entry[] = []
        const count = (wanted: string) => [...colours.values()].filter((colour) => colour === wanted).length
        let second = startSecond
        steps.forEach(({ after, alert, to, isFreeze }, i) => {
          second += after
          const from = colours.get(alert) ?? 'green'
          const fields = { n: i + 1, at: at(second) }
          if (isFreeze) entries.push({ ...freezeTo('PJ-1', 'frozen'), ...fields } as Entry)
          else {
            entries.push(entry(i + 1, { ...fields, from, to }))
            colours.set(alert, to)
          }
          forward.set(second, { red: count('red'), yellow: count('yellow') })
        })
        const trend = trendOf(
          [...entries].reverse(),
          { red: count('red'), yellow: count('yellow') },
          (second + later) * 1000,
        )
        if (trend.red[0] !== 0 || trend.yellow[0] !== 0) return false
        if (trend.seconds.some((each, i) => i > 0 && each <= (trend.seconds[i - 1] ?? 0))) return false
        return trend.seconds.every((each, i) => {
          const expected = forward.get(each)
          return !expected || (expected.red === trend.red[i] && expected.yellow === trend.yellow[i])
        })
      }),
    ),
  )
})

t.test('without any transition the trend is a level line of what stands', async (t) => {
  const { seconds, red, yellow } = trendOf([], { red: 2, yellow: 1 }, startSecond * 1000)
  t.equal(seconds.at(-1), startSecond)
  t.same(
    [red, yellow],
    [
      [2, 2],
      [1, 1],
    ],
  )
})
