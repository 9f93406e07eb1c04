import fc from 'fast-check'
import t from 'tap'
import { errorTable } from '../../src/core/errors.js'
import { entered, type Item, post, registered, service } from './fixtures.js'

const types = [
  'application/cloudevents+json',
  'application/json',
  'application/cloudevents-batch+json',
  'application/x-ndjson',
]
const eventLike = fc
  .tuple(fc.constantFrom(registered('U1', { id: '1' }), entered({ id: '2' })), fc.string(), fc.jsonValue())
  .map(([event, name, value]) => ({ ...event, [name]: value }))
const json = fc.oneof(fc.jsonValue(), eventLike, fc.array(fc.oneof(eventLike, fc.jsonValue())))
const payload = fc.oneof(
  json.map((value) => Buffer.from(JSON.stringify(value))),
  fc
    .array(
      fc.oneof(
        json.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      { maxLength: 20 },
    )
    .map((lines) => Buffer.from(lines.join('\n'))),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
)
const header = fc.string().map((text) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '')))
const headers = fc.oneof(
  fc.constant({}),
  fc.record({
    'ce-id': header,
    'ce-specversion': fc.constant('1.0'),
    'ce-type': fc.constant('staff.entered'),
    'ce-source': header,
  }),
)

t.test('whatever is posted, the answer is no 5xx, and every code in it stands in the error table', async (t) => {
  const s = service({ quarantineItemsMax: 100_000, quarantineBytesMax: 100_000_000 })
  await t.resolves(
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...types), payload, headers, async (type, body, more) => {
        const before = s.log.head
        const answer = await s.app.inject(post(body, type, more))
        if (answer.statusCode !== 202) {
          const { code, status } = answer.json()
          return (
            status === answer.statusCode && status < 500 && Object.hasOwn(errorTable, code) && s.log.head === before
          )
        }
        const { items } = answer.json<{ items: Item[] }>()
        return (
          items.length > 0 &&
          items.every((item) =>
            item.code === undefined ? item.status !== 'quarantined' : Object.hasOwn(errorTable, item.code),
          )
        )
      }),
      { numRuns: 1500 },
    ),
  )
  t.equal((await s.app.inject({ url: '/v1/quarantine?limit=1000' })).statusCode, 200)
})

t.test('whatever is ordered, the answer is no 5xx', async (t) => {
  const s = service()
  const order = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom('order', 'subject', 'by', 'reason', 'until', 'load', '__proto__'),
      fc.oneof(fc.constantFrom('freeze', 'lift', 'load.open', '2030-01-01T00:00:00Z'), fc.jsonValue()),
    ),
  )
  await t.resolves(
    fc.assert(
      fc.asyncProperty(order, async (body) => {
        const answer = await s.app.inject({
          method: 'POST',
          url: '/v1/orders',
          payload: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        })
        return answer.statusCode < 500 && (answer.statusCode === 202 || Object.hasOwn(errorTable, answer.json().code))
      }),
      { numRuns: 500 },
    ),
  )
})
