import t from 'tap'
import type { LogPosition } from '../../src/core/names.js'
import { DelayEstimate } from '../../src/node/delay.js'

/** A pipeline that takes `fixedUs` for each batch and `perEntryUs` for each entry; a batch is what waits. */
class Pipeline {
  readonly estimate = new DelayEstimate()
  nowUs = 0
  #taken = 0
  #judged = 0
  readonly #fixedUs: number
  readonly #perEntryUs: number

  constructor(fixedUs: number, perEntryUs: number) {
    this.#fixedUs = fixedUs
    this.#perEntryUs = perEntryUs
  }

  get waiting(): number {
    return this.#taken - this.#judged
  }

  take(entries: number): void {
    this.#taken += entries
  }

  judgeOne(arriving: number): void {
    const batch = this.waiting
    this.nowUs += this.#fixedUs + batch * this.#perEntryUs
    this.#taken += arriving
    this.#judged += batch
    this.estimate.judged(this.#judged as LogPosition, this.waiting, this.nowUs)
  }
}

t.test('what is said is about what it takes, for queues of any length', async (t) => {
  for (const [fixedUs, perEntryUs] of [
    [1000, 10],
    [3000, 40],
    [1500, 3],
  ] as const) {
    const pipeline = new Pipeline(fixedUs, perEntryUs)
    pipeline.take(100)
    for (let i = 0; i < 300; i++) pipeline.judgeOne(50 + ((i * 37) % 400))
    for (const waiting of [100, 1000, 5000]) {
      const said = pipeline.estimate.of(waiting, pipeline.nowUs)
      const truly = fixedUs + waiting * perEntryUs
      t.ok(Math.abs(said - truly) < 0.15 * truly, `${waiting} wait: said ${said}, truly ${truly}`)
    }
  }
})

t.test('a trickle, however slow each batch of it is, is not taken for a slow pipeline', async (t) => {
  const pipeline = new Pipeline(2000, 5)
  pipeline.take(1)
  for (let i = 0; i < 1000; i++) pipeline.judgeOne(1)
  const said = pipeline.estimate.of(50, pipeline.nowUs)
  t.ok(said < 3000, `${said} us for a burst of 50`)
})

t.test('time in which nothing waited counts for nothing', async (t) => {
  const estimate = new DelayEstimate()
  const before = estimate.of(10, 0)
  for (let i = 1; i < 100; i++) estimate.judged(i as LogPosition, 0, i * 10_000_000)
  t.equal(estimate.of(10, 1e9), before)
})

t.test('a pipeline that has become slower is known to be before long', async (t) => {
  const estimate = new DelayEstimate()
  let [position, nowUs] = [0, 0]
  const run = (count: number, perEntryUs: number) => {
    for (let i = 0; i < count; i++) {
      const entries = 100 + ((i * 31) % 200)
      position += entries
      nowUs += 500 + entries * perEntryUs
      estimate.judged(position as LogPosition, 100, nowUs)
    }
  }
  run(2000, 5)
  const fast = estimate.of(1000, nowUs)
  run(1000, 50)
  const slow = estimate.of(1000, nowUs)
  t.ok(fast < 8000, `${fast}`)
  t.ok(slow > 35_000 && slow < 70_000, `${slow}`)
})

t.test('a pipeline that stands still is as late as it has stood, and forgiven when it moves', async (t) => {
  const estimate = new DelayEstimate()
  t.ok(estimate.of(1, 1000) < 100, 'it has just begun to wait')
  t.equal(estimate.of(1, 51_000), 50_000)
  estimate.judged(5 as LogPosition, 3, 60_000)
  t.ok(estimate.of(3, 60_000) < 100)
  t.equal(estimate.of(3, 100_000), 40_000)
  estimate.judged(8 as LogPosition, 0, 101_000)
  t.ok(estimate.of(1, 9_000_000) < 50_000, 'when nothing waited it did not stand still')
})

t.test('what a short queue can do nothing about is not charged to the queue', async (t) => {
  const pipeline = new Pipeline(20_000, 10)
  pipeline.take(100)
  for (let i = 0; i < 300; i++) pipeline.judgeOne(50 + ((i * 37) % 400))
  t.ok(pipeline.estimate.of(1, pipeline.nowUs) > 15_000)
  const queue = pipeline.estimate.ofQueue(1000)
  t.ok(Math.abs(queue - 10_000) < 2000, `${queue} us`)
})

t.test('a pipeline that was slow and is given one entry at a time since is known to be well again', async (t) => {
  const estimate = new DelayEstimate()
  let [position, nowUs] = [0, 0]
  const judgeOne = (tookUs: number) => {
    estimate.began(position as LogPosition, nowUs)
    position += 1
    nowUs += tookUs
    estimate.judged(position as LogPosition, 0, nowUs)
    nowUs += 1000
  }
  for (let i = 0; i < 300; i++) judgeOne(60_000)
  t.ok(estimate.of(1, nowUs) > 50_000, 'slow')
  estimate.judged(position as LogPosition, 0, nowUs)
  for (let i = 0; i < 1000; i++) judgeOne(3000)
  const said = estimate.of(1, nowUs)
  t.ok(said < 10_000, `well: ${said} us`)
})
