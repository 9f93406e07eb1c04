import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import { Bodies, smallBodyBytes } from '../../src/node/bodies.js'

const response = () => new EventEmitter() as unknown as ServerResponse
const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage
const long = (bytes: number) => request({ 'content-length': String(bytes) })

t.test('bodies have room for all together, and give it back when they are answered or gone', async (t) => {
  const bodies = new Bodies({ bodiesBytesMax: 100_000, bodyBytesMax: 60_000 })
  const [first, second] = [response(), response()]
  t.ok(bodies.take(long(60_000), first))
  t.ok(bodies.take(long(40_000), second))
  t.equal(bodies.bytes, 100_000)
  t.notOk(bodies.take(long(smallBodyBytes + 1), response()))
  t.equal(bodies.bytes, 100_000, 'what was refused takes no room')
  first.emit('close')
  t.equal(bodies.bytes, 40_000)
  t.ok(bodies.take(long(60_000), response()))
})

t.test('small ones are not counted; one without a length is as long as one may be', async (t) => {
  const bodies = new Bodies({ bodiesBytesMax: 100_000, bodyBytesMax: 60_000 })
  t.ok(bodies.take(long(smallBodyBytes), response()))
  t.ok(bodies.take(request({}), response()))
  t.equal(bodies.bytes, 0)
  const chunked = request({ 'transfer-encoding': 'chunked' })
  t.ok(bodies.take(chunked, response()))
  t.equal(bodies.bytes, 60_000)
  t.notOk(bodies.take(chunked, response()))
})

t.test('one that is too large in itself is let through, to be refused for that', async (t) => {
  const bodies = new Bodies({ bodiesBytesMax: 100_000, bodyBytesMax: 60_000 })
  t.ok(bodies.take(long(70_000), response()))
  t.equal(bodies.bytes, 0)
})
