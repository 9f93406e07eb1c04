import t from 'tap'
import { openReceipt, receive, startReceipt } from '../../bench/receipts.js'

const begun = () => {
  const receipt = openReceipt('county/PJ')
  startReceipt(receipt, 10)
  return receipt
}

t.test('an unbroken chain counts no fault', async (t) => {
  const receipt = begun()
  t.ok(receive(receipt, 13, 10))
  t.ok(receive(receipt, 14, 13))
  t.match(receipt, { gaps: 0, duplicates: 0, brokenChains: 0, cursor: 14 })
  t.match(receipt.tally, { count: 2, sum: 27 })
})

t.test('a p beyond the cursor is a gap', async (t) => {
  const receipt = begun()
  t.ok(receive(receipt, 15, 13))
  t.match(receipt, { gaps: 1, duplicates: 0, brokenChains: 0, cursor: 15 })
})

t.test('an n that is not beyond the cursor is a duplicate and is not tallied', async (t) => {
  const receipt = begun()
  receive(receipt, 13, 10)
  t.notOk(receive(receipt, 13, 10))
  t.notOk(receive(receipt, 12, 10))
  t.match(receipt, { gaps: 0, duplicates: 2, cursor: 13 })
  t.equal(receipt.tally.count, 1)
})

t.test('a p before the cursor with a new n breaks the chain', async (t) => {
  const receipt = begun()
  receive(receipt, 13, 10)
  t.ok(receive(receipt, 14, 10))
  t.match(receipt, { gaps: 0, duplicates: 0, brokenChains: 1 })
})

t.test('the first frame after a snapshot may have a p before it', async (t) => {
  const receipt = begun()
  t.ok(receive(receipt, 13, 4))
  t.match(receipt, { gaps: 0, brokenChains: 0, cursor: 13 })
})

t.test('a snapshot newer than the head moves the beginning, but not once frames have come', async (t) => {
  const receipt = begun()
  startReceipt(receipt, 12)
  t.match(receipt, { baseline: 12, cursor: 12 })
  startReceipt(receipt, 11)
  t.equal(receipt.baseline, 12)
  receive(receipt, 13, 10)
  startReceipt(receipt, 20)
  t.match(receipt, { baseline: 12, cursor: 13 })
})
