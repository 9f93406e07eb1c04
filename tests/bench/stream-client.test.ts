import http from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { openReceipt } from '../../bench/receipts.js'
import { StreamClient } from '../../bench/stream-client.js'
import { FakeStream } from './fake-stream.js'

interface Heard {
  readonly client: StreamClient
  readonly transitions: { readonly topic: string; readonly n: number; readonly index: number; readonly atUs: number }[]
  readonly malformed: string[]
  readonly lost: string[]
  /** Resolves when `when()` holds, looked at after each frame. */
  readonly until: (when: (heard: Heard) => boolean) => Promise<void>
}

const connect = async (port: number, topics: readonly string[], clock?: () => number): Promise<Heard> => {
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const look of [...watchers]) look()
  }
  let ready = false
  const heard: Heard = {
    transitions: [],
    malformed: [],
    lost: [],
    client: new StreamClient(
      { host: '127.0.0.1', port, sourceAddress: '127.0.0.9', ...(clock && { clock }) },
      topics.map(openReceipt),
      {
        onReady: () => {
          ready = true
          changed()
        },
        onTransition: (frame, atUs) => {
          heard.transitions.push({ topic: frame.topic, n: frame.n, index: frame.eventIndex, atUs })
          changed()
        },
        onMalformed: (text) => {
          heard.malformed.push(text)
          changed()
        },
        onLost: (reason) => {
          heard.lost.push(reason)
          changed()
        },
      },
    ),
    until: (when) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!when(heard)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
  }
  await heard.until(() => ready || heard.lost.length > 0)
  return heard
}

const unit = 'unit/PJ-BEN-000000'
const county = 'county/PJ'

t.test('a client subscribes from its source address, takes its snapshots and counts every transition', async (t) => {
  const server = await FakeStream.listen()
  t.teardown(() => server.close())
  server.publish('PJ-BEN-000000', [unit, county], 'before')
  const heard = await connect(server.port, [unit, county], () => 42)
  t.teardown(() => heard.client.close())
  server.publish('PJ-BEN-000000', [unit, county], 'qwb-3')
  server.publish('PJ-BEN-000008', [county], 'qwb-4')
  await heard.until(({ transitions }) => transitions.length === 3)
  t.strictSame(heard.transitions, [
    { topic: unit, n: 2, index: 3, atUs: 42 },
    { topic: county, n: 2, index: 3, atUs: 42 },
    { topic: county, n: 3, index: 4, atUs: 42 },
  ])
  t.match(heard.client.receipts, [
    { topic: unit, baseline: 1, cursor: 2, tally: { count: 1, sum: 2 }, gaps: 0, duplicates: 0 },
    { topic: county, baseline: 1, cursor: 3, tally: { count: 2, sum: 5 }, gaps: 0, duplicates: 0 },
  ])
  t.ok(server.addresses.has('127.0.0.9'))
})

t.test('a frame that the server leaves out is a gap at the next one, a doubled frame a duplicate', async (t) => {
  const server = await FakeStream.listen()
  t.teardown(() => server.close())
  const heard = await connect(server.port, [unit, county])
  t.teardown(() => heard.client.close())
  server.publish('PJ-BEN-000000', [unit, county], 'qwb-1', { without: county })
  server.publish('PJ-BEN-000000', [unit, county], 'qwb-2', { twice: unit })
  server.publish('PJ-BEN-000000', [unit, county], 'qwb-3')
  await heard.until(({ client }) => client.receipts.every(({ cursor }) => cursor === 3))
  t.match(heard.client.receipts, [
    { topic: unit, gaps: 0, duplicates: 1, tally: { count: 3 } },
    { topic: county, gaps: 1, duplicates: 0, tally: { count: 2 } },
  ])
})

t.test('pings of the protocol and of the service are answered', async (t) => {
  const server = await FakeStream.listen()
  t.teardown(() => server.close())
  const heard = await connect(server.port, [unit])
  t.teardown(() => heard.client.close())
  server.ping(17)
  await server.until(() => server.protocolPongs === 1 && server.pongs.length === 1)
  t.strictSame(server.pongs, [17])
})

t.test('a transition on a topic that was not asked for is malformed, not ignored', async (t) => {
  const server = await FakeStream.listen()
  t.teardown(() => server.close())
  const heard = await connect(server.port, [unit])
  t.teardown(() => heard.client.close())
  server.publish('PJ-BEN-000000', [unit], '"],"topic":"x')
  server.publish('PJ-BEN-000000', [unit], 'qwb-1', { stamps: { received: 1 } })
  await heard.until(({ transitions, malformed }) => transitions.length + malformed.length === 2)
  t.equal(heard.transitions.length, 2, 'what stands inside a text does not mislead the search')
})

t.test(
  'a connection that ends is reported once, with its close code; one that was closed on purpose is not',
  async (t) => {
    const server = await FakeStream.listen()
    t.teardown(() => server.close())
    const lost = await connect(server.port, [unit])
    const kept = await connect(server.port, [unit])
    kept.client.close()
    server.sayBye()
    await lost.until((heard) => heard.lost.length > 0)
    t.strictSame(lost.lost, ['closed with 4503'])
    t.strictSame(kept.lost, [])
  },
)

t.test('a server that does not upgrade is a lost connection that says why', async (t) => {
  const server = http.createServer((_, response) => response.writeHead(503).end())
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
  t.teardown(() => server.close())
  const heard = await connect(port, [unit])
  t.match(heard.lost, [/^no upgrade: HTTP\/1\.1 \d+/])
})
