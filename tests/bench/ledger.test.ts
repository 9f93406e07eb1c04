import fc from 'fast-check'
import t from 'tap'
import { countyOfUnit } from '../../bench/city.js'
import { balance, expect } from '../../bench/ledger.js'
import { openReceipt, type Receipt, receive, startReceipt } from '../../bench/receipts.js'

interface Sent {
  readonly n: number
  readonly p: number
}

/** The frames of a topic, chained as the service chains them. */
const chain = (ns: readonly number[], head: number): Sent[] => ns.map((n, i) => ({ n, p: ns[i - 1] ?? head }))

const receiptOf = (topic: string, head: number, frames: readonly Sent[]): Receipt => {
  const receipt = openReceipt(topic)
  startReceipt(receipt, head)
  for (const { n, p } of frames) receive(receipt, n, p)
  return receipt
}

const subjects = ['PJ-BEN-000000', 'PJ-BEN-000008', 'JH-BEN-000001', 'city', 'PJ-BEN-000000/task-1']
const topics = ['unit/PJ-BEN-000000', 'unit/PJ-BEN-000008', 'county/PJ', 'county/JH', 'city']
const recorded = fc
  .array(fc.constantFrom(...subjects), { minLength: 1, maxLength: 60 })
  .map((all) => all.map((subject, i) => ({ n: i + 1, subject })))

/** The independent oracle: which numbers a topic carries after `head`, by a plain filter. */
const numbersOf = (topic: string, head: number, record: readonly { n: number; subject: string }[]): number[] =>
  record
    .filter(({ n, subject }) => {
      const unit = subject.replace(/\/.*/, '')
      return n > head && (topic === subject || topic === `unit/${unit}` || topic === `county/${unit.slice(0, 2)}`)
    })
    .filter(({ subject }) => subject !== 'city' || topic === 'city')
    .map(({ n }) => n)

t.test('subscriptions that got exactly what the record holds balance, whenever they began', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(recorded, fc.array(fc.nat(60), { minLength: 5, maxLength: 5 }), (record, heads) => {
        const receipts = topics.map((topic, i) => {
          const head = heads[i] ?? 0
          return receiptOf(topic, head, chain(numbersOf(topic, head, record), head))
        })
        const result = balance(receipts, expect(record, countyOfUnit))
        return (
          result.mismatched === 0 &&
          result.expected === result.received &&
          result.gaps + result.duplicates + result.brokenChains === 0 &&
          result.received === receipts.reduce((sum, { tally }) => sum + tally.count, 0)
        )
      }),
    ),
  )
})

t.test('any frame that is lost is missed, and is seen as a gap unless it was the last', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(recorded, fc.constantFrom(...topics), fc.nat(), (record, topic, which) => {
        const frames = chain(numbersOf(topic, 0, record), 0)
        fc.pre(frames.length > 0)
        const lost = which % frames.length
        const receipt = receiptOf(
          topic,
          0,
          frames.filter((_, i) => i !== lost),
        )
        const result = balance([receipt], expect(record, countyOfUnit))
        return (
          result.mismatched === 1 &&
          result.received === result.expected - 1 &&
          result.gaps === (lost === frames.length - 1 ? 0 : 1) &&
          result.examples.length === 1
        )
      }),
    ),
  )
})

t.test('any frame that comes twice is a duplicate and does not hide a loss', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(recorded, fc.nat(), (record, which) => {
        const frames = chain(numbersOf('county/PJ', 0, record), 0)
        fc.pre(frames.length > 1)
        const twice = which % (frames.length - 1)
        const frame = frames[twice] ?? { n: 0, p: 0 }
        const withDuplicate = [...frames.slice(0, twice + 1), frame, ...frames.slice(twice + 1)]
        const whole = balance([receiptOf('county/PJ', 0, withDuplicate)], expect(record, countyOfUnit))
        const lossToo = balance([receiptOf('county/PJ', 0, withDuplicate.slice(0, -1))], expect(record, countyOfUnit))
        return whole.duplicates === 1 && whole.mismatched === 0 && lossToo.duplicates === 1 && lossToo.mismatched === 1
      }),
    ),
  )
})

t.test('a frame that belongs to another topic does not make up for a lost one', async (t) => {
  const record = ['PJ-BEN-000000', 'PJ-BEN-000008', 'PJ-BEN-000000'].map((subject, i) => ({ n: i + 1, subject }))
  const receipt = receiptOf('unit/PJ-BEN-000000', 0, [
    { n: 2, p: 0 },
    { n: 3, p: 2 },
  ])
  const result = balance([receipt], expect(record, countyOfUnit))
  t.equal(result.received, result.expected, 'the counts alone agree')
  t.equal(result.mismatched, 1, 'the sums do not')
})

t.test('equal counts and sums of different numbers still differ', async (t) => {
  const record = [1, 2, 3, 4].map((n) => ({ n, subject: n === 1 || n === 4 ? 'city' : 'JH-BEN-000001' }))
  const receipt = receiptOf('city', 0, [
    { n: 2, p: 0 },
    { n: 3, p: 2 },
  ])
  t.equal(balance([receipt], expect(record, countyOfUnit)).mismatched, 1)
})
