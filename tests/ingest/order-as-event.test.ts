import t from 'tap'
import { orderNames } from '../../src/core/order.js'
import { event, type Item, post, registered, send, service } from './fixtures.js'

const later = '2024-07-04T10:00:00+08:00'
const who = { by: '王主任', reason: '市委决定' }
/** Everything that any order carries: as an event it must not matter how well it is made. */
const fields = {
  ...who,
  rule: 'over-quota',
  until: later,
  owner: '李科长',
  dueOn: '2024-07-05',
  requestId: 'R1',
  proposalId: 'over-quota:U1:1',
  decision: 'approved',
  policy: 'desk',
  rules: 'name: x',
  load: 'census',
}

for (const name of orderNames)
  t.test(`${name} sent as an event is kept in the quarantine, whoever sends it and however`, async (t) => {
    const s = service()
    await send(s, registered())
    const asEvent = (id: string, changes = {}) => event(name, fields, { id, ...changes })
    const inBatch = [asEvent('b1', { source: '/departments/organisation' }), asEvent('b2', { subject: 'city' })]
    const binary = {
      'ce-specversion': '1.0',
      'ce-id': 'h1',
      'ce-source': '/city/zhang',
      'ce-type': name,
      'ce-subject': 'U1',
      'ce-time': '2024-07-03T09:15:00+08:00',
    }
    const sent = [
      post(JSON.stringify(asEvent('s1')), 'application/cloudevents+json'),
      post(JSON.stringify(inBatch), 'application/cloudevents-batch+json'),
      post(`${JSON.stringify(asEvent('l1', { order: name, ...who }))}\n`, 'application/x-ndjson'),
      post(JSON.stringify(fields), 'application/json', binary),
    ]
    const items: Item[] = []
    for (const request of sent) {
      const answer = await s.app.inject(request)
      t.equal(answer.statusCode, 202)
      items.push(...answer.json<{ items: Item[] }>().items)
    }
    t.equal(items.length, 5)
    for (const item of items) t.match(item, { status: 'quarantined', code: 'QW_EVENT_IS_ORDER', field: '/type' })
    t.same(
      s.log.entries.slice(1).map(({ kind }) => kind),
      items.map(() => 'quarantined'),
      'nothing of it is an order',
    )
  })

t.test('an order at the address of events that is no event at all is none either', async (t) => {
  const s = service()
  const body = JSON.stringify({ order: 'freeze', subject: 'U1', ...who })
  for (const type of ['application/json', 'application/cloudevents+json', 'application/x-ndjson']) {
    const answer = await s.app.inject(post(body, type))
    const { items = [] } = answer.json<{ items?: Item[] }>()
    t.not(items[0]?.status, 'accepted', `${type} ${answer.statusCode}`)
  }
  t.notOk(s.log.entries.some(({ kind }) => kind === 'order'))
})
