import t from 'tap'
import { dayMs, event, order, registered, send, service, startMs } from './fixtures.js'

const who = { by: '王主任', reason: '市委决定' }
const later = new Date(startMs + dayMs).toISOString()

t.test('each order is logged as it was given and answered with its position', async (t) => {
  const s = service()
  await send(s, registered())
  const orders = [
    { order: 'freeze', subject: 'U1', ...who },
    { order: 'lift', subject: 'U1', until: later, ...who },
    { order: 'release', subject: 'U1', ...who },
    { order: 'load.open', load: 'census', until: later, ...who },
    { order: 'load.close', load: 'census', ...who },
  ]
  for (const [index, body] of orders.entries()) {
    t.same(await order(s, body), { status: 202, body: { position: index + 2 } })
    t.same(s.log.entries[index + 1], { kind: 'order', order: body })
  }
})

const bad = [
  ['an order without a name', { subject: 'U1', ...who }, 400, 'QW_BODY_INVALID', '/order'],
  ['an order that is not known', { order: 'fire', subject: 'U1', ...who }, 400, 'QW_ORDER_UNKNOWN', '/order'],
  ['the name of a built-in', { order: 'toString', ...who }, 400, 'QW_ORDER_UNKNOWN', '/order'],
  ['an order by nobody', { order: 'freeze', subject: 'U1', reason: 'x' }, 400, 'QW_BODY_INVALID', '/by'],
  ['an order by an empty name', { order: 'freeze', subject: 'U1', ...who, by: '' }, 400, 'QW_BODY_INVALID', '/by'],
  [
    'an order without a reason',
    { order: 'freeze', subject: 'U1', ...who, reason: ' ' },
    400,
    'QW_BODY_INVALID',
    '/reason',
  ],
  ['a field too many', { order: 'freeze', subject: 'U1', ...who, until: later }, 400, 'QW_BODY_INVALID', '/until'],
  ['a lift without an end', { order: 'lift', subject: 'U1', ...who }, 400, 'QW_BODY_INVALID', '/until'],
  [
    'a lift until a day that is none',
    { order: 'lift', subject: 'U1', until: '2024-02-30T00:00:00Z', ...who },
    400,
    'QW_BODY_INVALID',
    '/until',
  ],
  [
    'a lift that ends now',
    { order: 'lift', subject: 'U1', until: new Date(startMs).toISOString(), ...who },
    422,
    'QW_LIFT_END_INVALID',
    '/until',
  ],
  ['a freeze of an unknown unit', { order: 'freeze', subject: 'U9', ...who }, 404, 'QW_NOT_FOUND', undefined],
  ['a freeze of the city', { order: 'freeze', subject: 'city', ...who }, 404, 'QW_NOT_FOUND', undefined],
  ['a release of a closed unit', { order: 'release', subject: 'U2', ...who }, 404, 'QW_NOT_FOUND', undefined],
  [
    'a load that ends before it begins',
    { order: 'load.open', load: 'l', until: '2024-01-01T00:00:00Z', ...who },
    400,
    'QW_BODY_INVALID',
    '/until',
  ],
  [
    'the end of a load that was never opened',
    { order: 'load.close', load: 'l', ...who },
    422,
    'QW_LOAD_NOT_OPEN',
    undefined,
  ],
] as const

for (const [name, body, status, code, field] of bad)
  t.test(`${name} is answered ${status} ${code}`, async (t) => {
    const s = service()
    await send(
      s,
      registered(),
      registered('U2'),
      event('unit.closed', {}, { subject: 'U2', time: '2024-07-03T09:30:00+08:00' }),
    )
    const answer = await order(s, body)
    t.match(answer, { status, body: { code } })
    t.equal(answer.body['field'], field)
    t.equal(s.log.head, 3, 'nothing is logged')
  })

t.test('a body that is no order is a problem document', async (t) => {
  const s = service()
  const json = { 'content-type': 'application/json' }
  const ask = async (payload: string, headers = json) =>
    (await s.app.inject({ method: 'POST', url: '/v1/orders', payload, headers })).json()
  t.match(await ask('{'), { status: 400, code: 'QW_BODY_NOT_JSON' })
  t.match(await ask('[]'), { status: 400, code: 'QW_BODY_INVALID' })
  t.match(await ask('null'), { status: 400, code: 'QW_BODY_INVALID' })
  t.match(await ask(''), { status: 400, code: 'QW_BODY_EMPTY' })
  t.match(await ask('x', { 'content-type': 'text/plain' }), { status: 415, code: 'QW_MEDIA_TYPE' })
  t.match(await ask(`"${'x'.repeat(30_000)}"`), { status: 413, code: 'QW_BODY_TOO_LARGE' })
  t.match((await s.app.inject({ url: '/v1/orders' })).json(), { status: 405 })
})
