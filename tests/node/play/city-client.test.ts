/** Orders have no id: one whose answer was lost is given again only when the record does not show it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { formatTime } from '../../../src/core/day.js'
import type { UnixMs } from '../../../src/core/names.js'
import type { Order } from '../../../src/core/order.js'
import { CityClient, type ShownTransition } from '../../../src/node/play/city-client.js'

const nowMs = Date.parse('2024-03-01T10:00:00+08:00') as UnixMs
const at = formatTime(nowMs)
const person = { by: '何主任', reason: '重点任务' }
const lift: Order = { order: 'lift', subject: 'PJ-1', until: '2024-04-01T00:00:00+08:00', ...person }

/** A service that takes orders, or refuses them, and may be struck dumb before it answers. */
class Service {
  readonly taken: Order[] = []
  readonly record: ShownTransition[] = []
  /** What happens to the next orders, in turn; then all are taken and answered. */
  next: ('lost before' | 'lost after' | 'refused')[] = []

  async open(t: Test): Promise<CityClient> {
    const server = createServer((request, response) => void this.#answer(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    return new CityClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body))
    if (pathname === '/v1/clock') return void send(200, { now: at, clock: 'scenario' })
    if (pathname === '/v1/transitions') {
      const items = this.record.filter(({ n }) => n > Number(searchParams.get('since') ?? 0))
      return void send(200, { items, head: this.record.length })
    }
    const fate = this.next.shift()
    if (fate === 'refused') return void send(409, { code: 'QW_NOT_OPEN', detail: 'request R is approved' })
    if (fate !== 'lost before') this.#take(JSON.parse(Buffer.concat(chunks).toString()) as Order)
    if (fate) return void response.destroy()
    send(202, { position: 1 })
  }

  #take(order: Order): void {
    this.taken.push(order)
    const common = { n: this.record.length + 1, at }
    if (order.order === 'lift')
      this.record.push({ ...common, kind: 'freeze', subject: order.subject, from: 'frozen', to: 'lifted' })
    else if (order.order === 'acknowledge' || order.order === 'silence') {
      const { subject, rule } = order
      const [kind, to] = order.order === 'silence' ? ['silence', 'silenced'] : ['acknowledgement', 'acknowledged']
      this.record.push({ ...common, kind: String(kind), subject, rule, from: 'open', to: String(to) })
    } else if (order.order === 'decide' && 'requestId' in order) {
      const { subject, requestId, decision } = order
      const about = `${subject}/${requestId}`
      this.record.push({ ...common, kind: 'request', subject: about, requestId, from: 'pending', to: decision })
    } else if (order.order === 'decide' && 'proposalId' in order) {
      const { subject, proposalId, decision } = order
      this.record.push({ ...common, kind: 'proposal', subject, proposalId, from: 'open', to: decision })
    }
  }
}

t.test(
  'an order whose answer was lost is found in the record, and one that was lost itself is given again',
  async (t) => {
    for (const [fate, kind] of [
      ['lost after', 'taken before'],
      ['lost before', 'taken'],
    ] as const) {
      const service = new Service()
      const client = await service.open(t)
      service.next = [fate]
      t.same(await client.order(lift, nowMs, false), { kind })
      t.equal(service.taken.length, 1, fate)
    }
  },
)

t.test(
  'a play that goes on gives no order of its first step twice, whichever it is, and every other one',
  async (t) => {
    const service = new Service()
    const client = await service.open(t)
    const orders: Order[] = [
      lift,
      { order: 'acknowledge', subject: 'PJ-1', rule: 'over-quota', ...person },
      { order: 'silence', subject: 'PJ', rule: 'contract-ratio', until: '2024-04-01T00:00:00+08:00', ...person },
      { order: 'decide', subject: 'PJ-1', requestId: 'R-1', decision: 'approved', ...person },
      { order: 'decide', subject: 'PJ-1', proposalId: 'annual-grade:PJ-1:1', decision: 'refused', ...person },
    ]
    for (const order of orders) t.same(await client.order(order, nowMs, true), { kind: 'taken' })
    for (const order of orders) t.same(await client.order(order, nowMs, true), { kind: 'taken before' })
    t.same(service.taken, orders)
    t.same(await client.order({ ...lift, subject: 'PJ-2' }, nowMs, true), { kind: 'taken' }, 'another unit')
    const later = (nowMs + 1000) as UnixMs
    t.same(await client.order(lift, later, true), { kind: 'taken' }, 'another moment')
  },
)

t.test('a refusal is told with its code', async (t) => {
  const service = new Service()
  const client = await service.open(t)
  service.next = ['refused']
  t.same(await client.order(lift, nowMs, false), { kind: 'refused', why: 'QW_NOT_OPEN request R is approved' })
})
