/**
 * The same arguments give the same bytes and the same transitions; a shorter play is the beginning of a longer one.
 */
import fc from 'fast-check'
import t from 'tap'
import type { QuotaEvent } from '../../src/core/event.js'
import { boundsOf, type Step, simulate } from '../../src/scenario/scenario.js'
import { events } from '../data/census.js'
import { calendar, PlayedService, startOf } from './service.js'

/** Every eighteenth unit of the city, so that all kinds are among them, with what is said about no unit. */
function shortened(): QuotaEvent[] {
  const units = events.filter(({ type }) => type === 'unit.registered').map(({ subject }) => subject)
  const kept = new Set(units.filter((_, index) => index % 18 === 0))
  const wide = new Set(events.map(({ subject }) => subject).filter((subject) => !units.includes(subject)))
  return events.filter(({ subject }) => kept.has(subject) || wide.has(subject))
}
const city = shortened()
const play = { from: '2024-01', to: '2024-03', city, calendar } as const
const stepsOf = (given: Parameters<typeof simulate>[0]): Step[] => [...simulate(given)]

function playedOut(seed: number): { bytes: string; transitions: string; unexpected: string[] } {
  const service = new PlayedService(city, startOf(play.from))
  const steps = stepsOf({ ...play, seed })
  const unexpected = steps.flatMap((step) => service.play(step))
  return { bytes: JSON.stringify(steps), transitions: JSON.stringify(service.transitions), unexpected }
}

t.test('the same seed gives the same bytes and the same transitions, another seed others', async (t) => {
  const [first, again, other] = [playedOut(7), playedOut(7), playedOut(8)]
  t.equal(first.bytes, again.bytes)
  t.equal(first.transitions, again.transitions)
  t.not(first.bytes, other.bytes)
  t.not(first.transitions, other.transitions)
  t.ok(JSON.parse(first.transitions).length > 10, 'there was something to compare')
})

t.test('any seed plays without a verdict that was not expected', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const { unexpected } = playedOut(seed)
        if (unexpected.length > 0) throw new Error(unexpected.slice(0, 3).join('\n'))
      }),
      { numRuns: 8 },
    ),
  )
})

t.test('a shorter play is the beginning of a longer one', async (t) => {
  const [short, long] = [stepsOf({ ...play, seed: 3, to: '2024-01' }), stepsOf({ ...play, seed: 3, to: '2024-02' })]
  // The last step of the short one is the midnight that the long one goes on from.
  t.ok(short.length > 80)
  t.same(JSON.stringify(long.slice(0, short.length)), JSON.stringify(short))
})

t.test(
  'time grows from step to step, from the second day of the first month to the midnight after the last',
  async (t) => {
    const steps = stepsOf({ ...play, seed: 3, to: '2024-02' })
    for (const [index, { nowMs }] of steps.entries()) if (index > 0) t.ok(nowMs > (steps[index - 1]?.nowMs ?? 0))
    const { beginMs, endMs } = boundsOf({ from: '2024-01', to: '2024-02' })
    t.equal(steps[0]?.nowMs, beginMs)
    t.equal(steps.at(-1)?.nowMs, endMs)
    t.equal(beginMs, Date.parse('2024-01-02T00:00:00+08:00'))
    t.equal(endMs, Date.parse('2024-03-01T00:00:00+08:00'))
  },
)

t.test('a month that is none is refused', async (t) => {
  for (const month of ['2024', '2024-13', '2024-1', '24-01', ''])
    t.throws(() => boundsOf({ from: month, to: '2024-12' }), RangeError, month)
})
