import { CloudEvent, HTTP } from 'cloudevents'
import t from 'tap'
import { entered, first, type Item, limits, order, post, registered, send, service } from './fixtures.js'

const structured = 'application/cloudevents+json'
const lines = 'application/x-ndjson'

t.test('every content type is read, with and without a charset', async (t) => {
  const s = service()
  const one = JSON.stringify(registered('U1', { id: 'r1' }))
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'b1',
    'ce-source': '/departments/hr',
    'ce-type': 'staff.entered',
    'ce-subject': 'U1',
    'ce-time': '2024-07-03T09:15:00+08:00',
  }
  const data = '{"count":1,"basis":"permanent"}'
  for (const [type, payload, more] of [
    [structured, one, {}],
    [`${structured}; charset=utf-8`, JSON.stringify(entered()), {}],
    ['application/json', JSON.stringify(entered()), {}],
    ['application/json; charset=UTF-8', data, headers],
    ['application/cloudevents-batch+json; charset=utf-8', `[${JSON.stringify(entered())}]`, {}],
    [lines, `${JSON.stringify(entered())}\n`, {}],
  ] as const) {
    const answer = await s.app.inject(post(payload, type, more))
    t.equal(answer.statusCode, 202, type)
    t.match(answer.json(), { items: [{ status: 'accepted', source: '/departments/hr' }] }, type)
  }
  t.equal(s.log.entries.length, 6)
  t.same(s.counts, new Map([['accepted', 6]]))
})

t.test('what the CloudEvents SDK sends is accepted in each of its modes', async (t) => {
  const s = service()
  await send(s, registered())
  const make = (id: string) =>
    new CloudEvent({
      id,
      source: '/部门/hr?a=b'.replace('部门', encodeURIComponent('部门')),
      type: 'staff.entered',
      subject: 'U1',
      time: '2024-07-03T09:15:00.000Z',
      data: { count: 1, basis: 'permanent' },
      note: '新会 "A" 100%',
      urgent: true,
      level: 3,
    })
  s.nowMs = Date.parse('2024-07-03T10:00:00Z') as typeof s.nowMs
  for (const message of [HTTP.structured(make('sdk-1')), HTTP.binary(make('sdk-2'))]) {
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
    const payload = typeof message.body === 'string' ? message.body : JSON.stringify(message.body)
    const answer = await s.app.inject({ method: 'POST', url: '/v1/events', headers, payload })
    t.match(answer.json(), { items: [{ status: 'accepted' }] }, answer.payload)
  }
  const batch = `[${JSON.stringify(make('sdk-3'))},${JSON.stringify(make('sdk-1'))}]`
  const answer = await s.app.inject(post(batch, 'application/cloudevents-batch+json'))
  t.same(
    answer.json().items.map((item: Item) => item.status),
    ['accepted', 'duplicate'],
  )
})

t.test('binary mode percent-decodes its headers, and its attributes are those of structured mode', async (t) => {
  const s = service()
  await send(s, registered())
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': '%E7%BC%96%201',
    'ce-source': '/departments/hr',
    'ce-type': 'staff.entered',
    'ce-subject': '"U1"',
    'ce-time': '2024-07-03T09:15:00+08:00',
    'ce-note': 'Euro%20%E2%82%AC',
  }
  const answer = await s.app.inject(post('{"count":2,"basis":"permanent"}', 'application/json', headers))
  t.match(answer.json(), { items: [{ id: '编 1', status: 'accepted' }] })
  t.match(s.log.entries.at(-1), { event: { id: '编 1', subject: 'U1', note: 'Euro €' } })
  const again = await send(s, entered({ id: '编 1', note: 'Euro €' }))
  t.equal(first(again).status, 'duplicate')
})

t.test('a header cannot bring in a field that is not an attribute', async (t) => {
  const s = service()
  await send(s, registered())
  const base = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/a',
    'ce-type': 'staff.entered',
    'ce-subject': 'U1',
  }
  const time = { 'ce-time': '2024-07-03T09:15:00+08:00' }
  const data = '{"count":2,"basis":"permanent"}'
  for (const [headers, field] of [
    [{ ...base, ...time, 'ce-__proto__': 'x' }, '/__proto__'],
    [{ ...base, ...time, 'ce-data_base64': 'eA==' }, '/data_base64'],
    [{ ...base, ...time, 'ce-note': 'a%0d%0aset-cookie: x' }, '/note'],
    [{ ...base, 'ce-time': 'now' }, '/time'],
    [base, '/time'],
  ] as const) {
    const answer = await s.app.inject(post(data, 'application/json', headers))
    t.match(answer.json(), { items: [{ status: 'quarantined', field }] }, field)
    t.notOk(answer.headers['set-cookie'])
  }
  const overruled = { ...base, ...time, 'ce-data': 'x', 'ce-datacontenttype': 'text/plain' }
  t.match((await s.app.inject(post(data, 'application/json', overruled))).json(), { items: [{ status: 'accepted' }] })
})

const bad = [
  ['broken JSON', structured, '{"id":', 400, 'QW_BODY_NOT_JSON'],
  ['bytes that are not UTF-8', structured, Buffer.from([0x7b, 0xb1, 0xe0, 0x7d]), 400, 'QW_BODY_NOT_JSON'],
  ['JSON that is no object', structured, '5', 400, 'QW_BODY_INVALID'],
  ['a list outside a batch', structured, '[{}]', 400, 'QW_BODY_INVALID'],
  ['an empty body', structured, '', 400, 'QW_BODY_EMPTY'],
  ['a broken batch', 'application/cloudevents-batch+json', '[{]', 400, 'QW_BODY_NOT_JSON'],
  ['a batch that is no list', 'application/cloudevents-batch+json', '{}', 400, 'QW_BODY_INVALID'],
  ['an empty batch', 'application/cloudevents-batch+json', '[]', 400, 'QW_BODY_EMPTY'],
  ['lines without an event', lines, ' \n\r\n\n', 400, 'QW_BODY_EMPTY'],
  ['a body over the limit', lines, 'x'.repeat(limits.bodyBytesMax + 1), 413, 'QW_BODY_TOO_LARGE'],
  ['too many lines', lines, '{}\n'.repeat(limits.eventsPerRequestMax + 1), 413, 'QW_TOO_MANY_EVENTS'],
  ['another content type', 'text/plain', '{}', 415, 'QW_MEDIA_TYPE'],
  ['a form', 'application/x-www-form-urlencoded', 'a=b', 415, 'QW_MEDIA_TYPE'],
] as const

for (const [name, type, payload, status, code] of bad)
  t.test(`${name} is a bad request (${status} ${code}) and nothing is taken`, async (t) => {
    const s = service()
    const answer = await s.app.inject(post(payload, type))
    t.equal(answer.statusCode, status)
    t.match(answer.json(), { code, status })
    t.match(answer.headers['content-type'], 'application/problem+json')
    t.equal(s.log.head, 0)
  })

t.test('no content type at all is a wrong one, and no body is an empty one', async (t) => {
  const s = service()
  const untyped = await s.app.inject({ method: 'POST', url: '/v1/events', payload: Buffer.from('{}'), headers: {} })
  t.match(untyped.json(), { status: 415, code: 'QW_MEDIA_TYPE' })
  t.match((await s.app.inject({ method: 'POST', url: '/v1/events' })).json(), { status: 400, code: 'QW_BODY_EMPTY' })
  t.match((await s.app.inject({ method: 'GET', url: '/v1/events' })).json(), { status: 405 })
})

t.test('a bad line never spoils its neighbours, and each answer names its line', async (t) => {
  const s = service()
  const body = Buffer.concat([
    Buffer.from(`\ufeff${JSON.stringify(registered())}\r\n`),
    Buffer.from('\n'),
    Buffer.from('{"specversion":"1.0",\n'),
    Buffer.from([0xc4, 0xe3, 0x0a]),
    Buffer.from('[1,2]\n'),
    Buffer.from(`${JSON.stringify(entered({ type: 'staff.vanished' }))}\n`),
    Buffer.from(JSON.stringify(entered())),
  ])
  const answer = await s.app.inject(post(body, lines))
  t.equal(answer.statusCode, 202)
  t.match(
    answer.json().items.map(({ line, status, code }: Item) => [line, status, code]),
    [
      [1, 'accepted', undefined],
      [3, 'quarantined', 'QW_LINE_NOT_JSON'],
      [4, 'quarantined', 'QW_LINE_NOT_JSON'],
      [5, 'quarantined', 'QW_LINE_NOT_JSON'],
      [6, 'quarantined', 'QW_EVENT_TYPE_UNKNOWN'],
      [7, 'accepted', undefined],
    ],
  )
  const kept = await s.app.inject({ url: `/v1/quarantine/${answer.json().items[1].position}` })
  t.match(kept.json(), { event: '{"specversion":"1.0",', code: 'QW_LINE_NOT_JSON' })
})

t.test('a request longer than a slice is answered in order', async (t) => {
  const s = service({ bodyBytesMax: 1_000_000 })
  const events = [registered(), ...Array.from({ length: 700 }, () => entered())]
  const items = await send(s, ...events)
  t.same(
    items.map((item) => item.id),
    events.map((e) => e['id']),
  )
  t.ok(items.every((item) => item.status === 'accepted'))
  t.same(
    items.map((item) => item.position),
    events.map((_, index) => index + 1),
  )
})

t.test('a long request is taken in pieces, each when there is room for it', async (t) => {
  const s = service({ bodyBytesMax: 1_000_000 })
  const waiting: (() => void)[] = []
  s.room = () => new Promise((resolve) => waiting.push(resolve))
  const answered = send(s, registered(), ...Array.from({ length: 600 }, () => entered()))
  for (let piece = 1; piece <= 2; piece++) {
    while (waiting.length === 0) await new Promise(setImmediate)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    t.equal(s.log.entries.length, 256 * piece, 'and nothing without')
    waiting.shift()?.()
  }
  t.equal((await answered).length, 601)
  t.equal(waiting.length, 0)
})

t.test('the answer waits for the sync', async (t) => {
  const s = service()
  s.log.isHeld = true
  let isAnswered = false
  const answer = s.app.inject(post(JSON.stringify(registered()), structured)).then((it) => {
    isAnswered = true
    return it
  })
  while (s.log.pendingEntries === 0) await new Promise(setImmediate)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  t.notOk(isAnswered)
  s.log.sync()
  t.equal((await answer).statusCode, 202)
})

t.test('a repeat of what is still pending is a duplicate, and is confirmed only with it', async (t) => {
  const s = service()
  s.log.isHeld = true
  const body = JSON.stringify(registered())
  const answers: number[] = []
  const ask = async (name: number) => {
    const answer = await s.app.inject(post(body, structured))
    answers.push(name)
    return answer
  }
  const one = ask(1)
  while (s.log.pendingEntries === 0) await new Promise(setImmediate)
  const two = ask(2)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  t.same(answers, [])
  s.log.sync()
  t.match((await one).json(), { items: [{ status: 'accepted', position: 1 }] })
  t.match((await two).json(), { items: [{ status: 'duplicate', position: 1 }] })
  t.equal(s.log.entries.length, 1)
})

for (const code of ['QW_OVERLOADED', 'QW_DISK_NEARLY_FULL', 'QW_STOPPING'] as const)
  t.test(`while ${code} holds nothing is taken, and the answer says when to come again`, async (t) => {
    const s = service()
    s.admission = code
    const answer = await s.app.inject(post(JSON.stringify(registered()), structured))
    t.match(answer.json(), { status: 503, code })
    t.ok(Number(answer.headers['retry-after']) >= 1)
    t.equal((await order(s, { order: 'freeze', subject: 'U1', by: 'a', reason: 'b' })).status, 503)
    t.equal((await s.app.inject({ url: '/v1/quarantine' })).statusCode, 200)
    t.equal(s.log.head, 0)
  })

t.test('requests are refused while too much is pending, and while no more pairs can be remembered', async (t) => {
  const s = service({ pendingEntriesMax: 1 })
  s.log.isHeld = true
  const held = s.app.inject(post(JSON.stringify(registered()), structured))
  while (s.log.pendingEntries === 0) await new Promise(setImmediate)
  t.match((await s.app.inject(post(JSON.stringify(entered()), structured))).json(), { code: 'QW_OVERLOADED' })
  s.log.sync()
  t.equal((await held).statusCode, 202)

  const small = service({ duplicateKeysMax: 2 })
  await send(small, registered('A'), registered('B'))
  t.match((await small.app.inject(post(JSON.stringify(entered()), structured))).json(), { code: 'QW_OVERLOADED' })
})

t.test('when the log fails to take what was decided, nothing more is decided', async (t) => {
  const s = service()
  const append = s.log.append
  s.log.append = () => {
    throw new Error('closing')
  }
  t.match((await s.app.inject(post(JSON.stringify(registered()), structured))).json(), { code: 'QW_INTERNAL' })
  s.log.append = append
  t.match((await s.app.inject(post(JSON.stringify(registered()), structured))).json(), { code: 'QW_STOPPING' })
})

t.test('a body that is packed or in another character set is refused by its name', async (t) => {
  const s = service()
  const send = (headers: Record<string, string>) =>
    s.app.inject({ method: 'POST', url: '/v1/events', headers, payload: JSON.stringify(registered()) })
  const type = 'application/cloudevents+json'
  t.match((await send({ 'content-type': type, 'content-encoding': 'gzip' })).json(), {
    status: 415,
    code: 'QW_CONTENT_ENCODING',
  })
  t.match((await send({ 'content-type': `${type}; charset=gbk` })).json(), { status: 415, code: 'QW_MEDIA_TYPE' })
  t.equal(s.log.head, 0)
  t.equal((await send({ 'content-type': `${type}; charset="UTF-8"`, 'content-encoding': 'identity' })).statusCode, 202)
})
