import t from 'tap'
import { splitSamples, stagesDuring } from '../../../bench/fanout/lane-report.js'

t.test('a latency that overlaps a message to everybody in any part counts as during', async (t) => {
  const broadcasts = [
    { askedUs: 100_000, lastUs: 200_000 },
    { askedUs: 500_000, lastUs: 600_000 },
  ]
  const at = (intendedUs: number, receivedUs: number) =>
    splitSamples([{ intendedUs: [intendedUs], receivedUs: [receivedUs], stamps: [undefined] }], broadcasts)
  for (const [intendedUs, receivedUs, during] of [
    [90_000, 99_999, 0],
    [90_000, 100_000, 1],
    [120_000, 130_000, 1],
    [200_000, 210_000, 1],
    [200_001, 210_000, 0],
    [210_000, 499_999, 0],
    [50_000, 700_000, 1],
    [590_000, 610_000, 1],
    [700_000, 710_000, 0],
  ] as const) {
    const split = at(intendedUs, receivedUs)
    t.equal(split.during.samples, during, `${intendedUs} to ${receivedUs}`)
    t.equal(split.otherwise.samples, 1 - during)
    t.ok(Math.abs((during ? split.during : split.otherwise).max - (receivedUs - intendedUs) / 1e3) < 1)
  }
})

t.test('the stages of those during a message are counted, and of nobody else', async (t) => {
  const broadcasts = [{ askedUs: 0, lastUs: 100_000 }]
  const stamps = { receivedUs: 2_000, durableUs: 5_000, judgedUs: 9_000, publishedUs: 20_000 }
  const late = { receivedUs: 900_000, durableUs: 900_000, judgedUs: 900_000, publishedUs: 900_000 }
  const samples = {
    intendedUs: [1_000, 1_000, 200_000],
    receivedUs: [30_000, 31_000, 900_000],
    stamps: [undefined, stamps, late],
  }
  const stages = stagesDuring([samples], broadcasts)
  const maxima = Object.entries(stages).map(([name, { max }]) => [name, Math.round(max)])
  t.same(maxima, [
    ['intendedToReceived', 1],
    ['receivedToDurable', 3],
    ['durableToJudged', 4],
    ['judgedToPublished', 11],
    ['publishedToClient', 11],
  ])
})
