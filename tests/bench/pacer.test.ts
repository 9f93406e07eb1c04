import fc from 'fast-check'
import t from 'tap'
import { dueCount, intendedUs, runPaced, type Schedule } from '../../bench/pacer.js'

/** A world in which sleeping takes as long as it was asked to plus the next of `lateUs`. */
const world = (lateUs: readonly number[]) => {
  let nowUs = 0
  let sleeps = 0
  return {
    clock: () => nowUs,
    sleep: async (delayMs: number) => {
      nowUs += Math.max(0, delayMs * 1e3) + (lateUs[sleeps % Math.max(1, lateUs.length)] ?? 0) + 1
      sleeps += 1
    },
  }
}

const play = async (schedule: Schedule, lateUs: readonly number[]) => {
  const tools = world(lateUs)
  const sent: { index: number; intended: number; at: number }[] = []
  await runPaced(schedule, tools, (index, intended) => sent.push({ index, intended, at: tools.clock() }))
  return sent
}

t.test('every request is sent once, in order, never early, however late the pacer wakes', async (t) => {
  const schedules = fc.record({
    startUs: fc.integer({ min: 0, max: 1_000_000 }),
    ratePerSecond: fc.integer({ min: 1, max: 5_000 }),
    count: fc.integer({ min: 0, max: 300 }),
  })
  const lateness = fc.array(fc.integer({ min: 0, max: 500_000 }), { minLength: 1, maxLength: 5 })
  await t.resolves(
    fc.assert(
      fc.asyncProperty(schedules, lateness, async (schedule, lateUs) => {
        const sent = await play(schedule, lateUs)
        return (
          sent.length === schedule.count &&
          sent.every(({ index, at, intended }, i) => index === i && at >= intended - 1e-3) &&
          sent.every(({ index, intended }) => intended === intendedUs(schedule, index))
        )
      }),
    ),
  )
})

t.test('a pacer that overslept 200 ms sends what is due at once and keeps the intended times', async (t) => {
  const sent = await play({ startUs: 0, ratePerSecond: 1_000, count: 300 }, [0, 200_000, 0, 0, 0])
  const burst = sent.filter(({ at }) => at === sent[2]?.at)
  t.ok(burst.length >= 200, 'everything that fell due while it slept')
  t.equal(burst.at(-1)?.intended, (burst.at(-1)?.index ?? 0) * 1_000)
  t.ok((burst[0]?.at ?? 0) - (burst[0]?.intended ?? 0) >= 199_000, 'the first of them is 200 ms late and shows it')
})

t.test('a request is due exactly at its intended time', async (t) => {
  const schedule = { startUs: 1_000, ratePerSecond: 500, count: 3 }
  t.equal(dueCount(schedule, 999), 0)
  t.equal(dueCount(schedule, 1_000), 1)
  t.equal(dueCount(schedule, 2_999), 1)
  t.equal(dueCount(schedule, 3_000), 2)
  t.equal(dueCount(schedule, 1e9), 3)
})
