/**
 * What a sender sent is kept whole, however long, deep or broken it is, or it is not answered as kept.
 */
import fc from 'fast-check'
import t from 'tap'
import { exactly, jsonOf, keptOfText, keptOfValue } from '../../src/ingest/kept-event.js'
import { losesNumbers, membersIn } from '../../src/ingest/sent-json.js'
import { entered, first, post, registered, type Service, send, service } from './fixtures.js'

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const json = 'application/json'

interface Item {
  readonly id: string
  readonly event: unknown
  readonly done?: { readonly kind: string; readonly by?: string }
}

async function sent(s: Service, payload: string | Buffer, type = json) {
  const answer = await s.app.inject({ method: 'POST', url: '/v1/events', payload, headers: { 'content-type': type } })
  return { status: answer.statusCode, body: answer.json<{ items: { position: number; code?: string }[] }>() }
}

const kept = async (s: Service, position: number | undefined): Promise<Item> =>
  (await s.app.inject({ url: `/v1/quarantine/${position}` })).json()

t.test('text is written as JSON.stringify writes it', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const value: unknown = JSON.parse(text)
        const [ours, theirs] = [jsonOf(value, 1_000_000), JSON.stringify(value)]
        if (ours !== theirs) throw new Error(`${ours} and not ${theirs}`)
      }),
    ),
  )
  for (const text of ['[]', '{}', '[[],{}]', '{"__proto__":{"x":[1,null,"\\u2028"]}}', '{"":{"1":2,"0":1}}'])
    t.equal(jsonOf(JSON.parse(text), 1000), JSON.stringify(JSON.parse(text)))
  const deep = `${'[{"一":'.repeat(100_000)}0${'}]'.repeat(100_000)}`
  t.equal(jsonOf(JSON.parse(deep), deep.length), deep)
  const cut = jsonOf(JSON.parse(deep), 5000)
  t.ok(cut.length > 5000 && cut.length < 5010, 'no more is written of what is too long')
})

t.test('what is of an event size and depth is kept as it is, and a copy of a text is that text', async (t) => {
  const value = JSON.parse(`{"data":${nested(31)},"id":"x"}`) as object
  t.equal(keptOfValue(value, 1000), value)
  t.same(keptOfValue(JSON.parse(`{"data":${nested(32)},"id":"x"}`), 1000), { data: nested(32), id: 'x' })
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`a${i}`, 'x'.repeat(300)]))
  t.equal(keptOfValue(many, 100_000), JSON.stringify(many), 'what has more attributes than any event is one text')
  t.equal(keptOfText('{"名":"蓬江'), '{"名":"蓬江')
})

t.test('a deeply nested event is kept whole; a person corrects it', async (t) => {
  const s = service()
  await send(s, registered())
  const event = entered({ id: 'deep' })
  const data = `{"count":1,"basis":${nested(10_000)}}`
  const deep = JSON.stringify({ ...event, data: 0 }).replace('"data":0', `"data":${data}`)
  const { status, body } = await sent(s, deep)
  t.equal(status, 202)
  const item = await kept(s, body.items[0]?.position)
  t.match(item.event, { id: 'deep', source: event['source'], data: /^\{"count":1,"basis":\{"a":/ })
  t.equal((item.event as { data: string }).data, data, 'every level of it')
  t.same((await sent(s, deep)).body.items, body.items, 'sent again it is the same item')
  const answer = await s.app.inject({
    method: 'POST',
    url: `/v1/quarantine/${item.id}`,
    payload: { event, by: '李', reason: 'nested by a broken exporter' },
  })
  t.match([answer.statusCode, answer.json()], [202, { status: 'accepted' }])
  t.match((await kept(s, Number(item.id))).done, { kind: 'corrected', by: '李' })
})

t.test('a deeply nested event is settled when its sender sends it as it should have been', async (t) => {
  const s = service()
  await send(s, registered())
  const event = entered({ id: 'deep' })
  const deep = JSON.stringify({ ...event, note: 0 }).replace('"note":0', `"note":${nested(5000)}`)
  const position = (await sent(s, deep)).body.items[0]?.position
  t.match(((await kept(s, position)).event as { note: string }).note, nested(5000))
  t.match(first(await send(s, event)), { status: 'accepted' })
  t.match((await kept(s, position)).done, { kind: 'resent' })
})

t.test(
  'long events, lines that are no JSON, no object or no text, and elements of a batch are kept whole',
  async (t) => {
    const s = service({ bodyBytesMax: 400_000 })
    const long = entered({ id: 'long', note: '注'.repeat(20_000) })
    const broken = `{"id":"half","note":"${'x'.repeat(30_000)}`
    const bytes = Buffer.from([0x7b, 0xb1, 0xe0, 0x00, 0x7d])
    const list = `[${nested(9000)}]`
    const lines = Buffer.concat([Buffer.from(`${JSON.stringify(long)}\n${broken}\n${list}\n`), bytes])
    const { items } = (await sent(s, lines, 'application/x-ndjson')).body
    const events = await Promise.all(items.map(async ({ position }) => (await kept(s, position)).event))
    t.same(events.slice(0, 3), [long, broken, list])
    const [, encoded = ''] = String(events[3]).split('base64,')
    t.same(Buffer.from(encoded, 'base64'), bytes)
    const batch = await sent(s, `[${list}]`, 'application/cloudevents-batch+json')
    t.equal((await kept(s, batch.body.items[0]?.position)).event, list)
  },
)

t.test('what is over quarantinedEventBytesMax is refused with what became of each, and is not kept', async (t) => {
  const s = service({ quarantinedEventBytesMax: 20_000 })
  await send(s, registered())
  const good = entered({ id: 'good' })
  const lines = [entered({ id: 'large', note: 'x'.repeat(20_000) }), good, '{"a":'.repeat(5000)]
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const { status, body } = await sent(s, text, 'application/x-ndjson')
  t.equal(status, 413)
  t.match(body, {
    code: 'QW_EVENT_TOO_LARGE',
    detail: /quarantinedEventBytesMax 20000/,
    items: [
      { id: 'large', status: 'refused', code: 'QW_EVENT_TOO_LARGE' },
      { id: 'good', status: 'accepted' },
      { status: 'refused', code: 'QW_EVENT_TOO_LARGE' },
    ],
  })
  t.equal(s.log.entries.length, 2, 'the unit and the good one')
  const deep = await s.app.inject(post(nested(4000), json))
  t.match([deep.statusCode, deep.json()], [413, { code: 'QW_EVENT_TOO_LARGE' }])
})

t.test('members and elements are found in the text as JSON.parse finds them', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(2), (json, indent) => {
        const value: unknown = JSON.parse(json)
        if (typeof value !== 'object' || value === null) return
        const members = membersIn(JSON.stringify(value, null, indent)).map(([name, text]) => [name, JSON.parse(text)])
        const expected = Array.isArray(value) ? value.map((element) => ['', element]) : Object.entries(value)
        if (JSON.stringify(members) !== JSON.stringify(expected)) throw new Error(JSON.stringify(members))
      }),
    ),
  )
})

t.test('a number is lost when no double holds it, however it is written', async (t) => {
  for (const kept of [
    '0',
    '-0',
    '1.0',
    '1e2',
    '100e-2',
    '0.1',
    '-12.50E+3',
    '1.7976931348623157e308',
    '9007199254740992',
  ])
    t.notOk(losesNumbers(`[${kept}]`), kept)
  for (const lost of [
    '1e400',
    '-1e400',
    '1e-400',
    '12345678901234567890',
    '9007199254740993',
    '0.12345678901234567890123',
  ])
    t.ok(losesNumbers(`{"a":[${lost}]}`), lost)
  t.notOk(losesNumbers('{"1e400":"\\" 1e400"}'), 'what stands in a text is no number')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        if (losesNumbers(JSON.stringify(number))) throw new Error(String(number))
      }),
    ),
  )
  t.same(
    exactly(JSON.parse('{"__proto__":1e400,"a":1}'), '{"__proto__":1e400,"a":1}'),
    JSON.parse('{"__proto__":"1e400","a":1}'),
  )
})

t.test('a number that cannot be parsed is kept as it was sent, whichever way that was', async (t) => {
  const s = service()
  await send(s, registered())
  const event = { ...entered({ id: 'huge' }), data: 0 }
  const data = '{ "count": 1e400, "basis": "permanent" }'
  const text = JSON.stringify(event).replace('"data":0', `"data":${data}`)
  const expected = { ...event, data }
  const bodies: readonly (readonly [string, string])[] = [
    [text, json],
    [text.replaceAll('huge', 'huge-2'), 'application/x-ndjson'],
    [`[{"x":1}, ${text.replaceAll('huge', 'huge-3')} ,[1e400]]`, 'application/cloudevents-batch+json'],
  ]
  const items = []
  for (const [body, type] of bodies) items.push(...(await sent(s, body, type)).body.items)
  const events = await Promise.all(items.map(async ({ position }) => (await kept(s, position)).event))
  t.same(events, [expected, { ...expected, id: 'huge-2' }, { x: 1 }, { ...expected, id: 'huge-3' }, '[1e400]'])
  const { data: _, ...attributes } = event as Record<string, unknown>
  const headers = Object.fromEntries(
    Object.entries({ ...attributes, id: 'huge-4' }).map(([name, value]) => [`ce-${name}`, String(value)]),
  )
  const binary = await s.app.inject({
    method: 'POST',
    url: '/v1/events',
    payload: data,
    headers: { ...headers, 'content-type': json },
  })
  const [item] = binary.json<{ items: { position: number }[] }>().items
  t.match((await kept(s, item?.position)).event, { id: 'huge-4', data })
})
