import t from 'tap'
import { percentileMs } from '../../bench/histogram.js'
import { watchLoopLag } from '../../bench/loop-lag.js'

t.test('a loop blocked for 200 ms records every sample that it missed', async (t) => {
  let nowUs = 0
  const lag = watchLoopLag(5, () => nowUs)
  for (let i = 0; i < 100; i += 1) {
    nowUs += 5_000
    lag.sample()
  }
  t.equal(lag.histogram.totalCount, 100)
  t.equal(percentileMs(lag.histogram, 100), 0)
  nowUs += 200_000
  lag.stop()
  t.equal(lag.histogram.totalCount, 140)
  t.ok(percentileMs(lag.histogram, 100) >= 194)
  t.ok(percentileMs(lag.histogram, 99) > 10, 'one block in 0.7 s is enough to make such a run invalid')
})

t.test('nothing is recorded after the stop', async (t) => {
  let nowUs = 0
  const lag = watchLoopLag(5, () => nowUs)
  lag.stop()
  nowUs += 1_000_000
  lag.sample()
  t.equal(lag.histogram.totalCount, 0)
})
