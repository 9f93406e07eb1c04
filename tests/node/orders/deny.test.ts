/**
 * A denial that is approved refuses a request; what becomes of it when the request, or the reason for denying it, is gone
 * by then. Nothing may be refused that nobody had reason to refuse.
 */
import t from 'tap'
import { event, registered, send } from '../../ingest/fixtures.js'
import { type Ordering, openOrdering } from './ordering.js'

const lent = (count: number, more = {}) =>
  event('pool.lent', { loanId: 'L', count, dueOn: '2024-12-31' }, { subject: 'U2', ...more })
const returned = (count: number) =>
  event('pool.returned', { loanId: 'L', count }, { subject: 'U2', time: '2024-07-03T09:50:00+08:00' })
const submitted = (count: number, investmentCny: number, more = {}) =>
  event('request.submitted', { requestId: 'R1', kind: 'pool', count, investmentCny }, more)

const request = { order: 'decide', subject: 'U1', requestId: 'R1' } as const
const denialBy = (rule: string) =>
  ({ order: 'decide', subject: 'U1/request/R1', proposalId: `${rule}:U1/request/R1:1`, decision: 'approved' }) as const

/** Of 500 posts 499 are lent, and U1 asks for two. */
async function full(t: Parameters<typeof openOrdering>[0], shards = 1): Promise<Ordering> {
  const ordering = await openOrdering(t, { shards })
  await send(ordering.s, registered(), registered('U2'), lent(499), submitted(2, 2e8))
  await ordering.tell()
  return ordering
}

const stateOfRequest = ({ read }: Ordering) => read({ kind: 'request', unit: 'U1', requestId: 'R1' })
const ordersIn = ({ from }: Ordering) => from(1).filter(({ kind }) => kind === 'order').length

for (const decision of ['approved', 'refused', 'withdrawn'] as const)
  t.test(`a request that was ${decision} meanwhile cannot be denied: its proposal is withdrawn with it`, async (t) => {
    const ordering = await full(t)
    t.equal((await ordering.give({ ...request, decision })).status, 202)
    const answer = await ordering.give(denialBy('pool-capacity'))
    t.match(answer, { status: 409, body: { code: 'QW_NOT_OPEN', detail: /is withdrawn/ } })
    t.same(await stateOfRequest(ordering), { state: decision })
    t.equal(ordersIn(ordering), 1)
  })

t.test('of a decision and a denial that are ordered at once the first is taken, and the second is told', async (t) => {
  for (const first of ['request', 'denial'] as const) {
    const ordering = await full(t)
    const orders = [{ ...request, decision: 'withdrawn' }, denialBy('pool-capacity')]
    const answers = await Promise.all((first === 'request' ? orders : orders.reverse()).map(ordering.give))
    t.same(
      answers.map(({ status }) => status),
      [202, 409],
      first,
    )
    t.match(answers[1], { body: { code: 'QW_NOT_OPEN' } })
    t.same(await stateOfRequest(ordering), { state: first === 'request' ? 'withdrawn' : 'refused' })
  }
})

for (const shards of [1, 3])
  t.test(`posts that come back to the pool while it is denied leave nothing to deny (${shards} shards)`, async (t) => {
    const ordering = await full(t, shards)
    ordering.whenRead(async () => {
      await send(ordering.s, returned(1))
      return false
    })
    const answer = await ordering.give(denialBy('pool-capacity'))
    t.match(answer, { status: 409, body: { code: 'QW_NOT_OPEN', detail: /is withdrawn/ } })
    t.same(await stateOfRequest(ordering), { state: 'pending' })
    t.equal(ordersIn(ordering), 0)
  })

t.test('a request that is corrected while it is denied is not refused for what it asked before', async (t) => {
  const ordering = await openOrdering(t)
  await send(ordering.s, registered(), submitted(1, 5))
  await ordering.tell()
  ordering.whenRead(async () => {
    await send(ordering.s, submitted(1, 2e8, { time: '2024-07-03T09:50:00+08:00' }))
    return false
  })
  t.match(await ordering.give(denialBy('pool-eligibility')), { status: 409, body: { code: 'QW_NOT_OPEN' } })
  t.same(await stateOfRequest(ordering), { state: 'pending' })
})
