import http from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openReceipt, type Receipt } from '../../bench/receipts.js'
import { addressOf, newBlock, sourceAt } from '../../bench/source.js'
import { StreamClient } from '../../bench/stream-client.js'
import type { Loss } from '../../bench/ws-client.js'
import { FakeStream } from './fake-stream.js'

interface Heard {
  readonly client: StreamClient
  readonly transitions: { readonly topic: string; readonly n: number; readonly index: number; readonly atUs: number }[]
  readonly malformed: string[]
  readonly reloads: Receipt[]
  readonly lost: Loss[]
  ready: number
  /** Resolves when `when()` holds, looked at after each frame. */
  readonly until: (when: (heard: Heard) => boolean) => Promise<void>
}

const address = addressOf(newBlock(), 0)
const source = sourceAt(address)

const connect = async (t: Test, port: number, topics: readonly string[], clock?: () => number): Promise<Heard> => {
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const look of [...watchers]) look()
  }
  const heard: Heard = {
    transitions: [],
    malformed: [],
    reloads: [],
    lost: [],
    ready: 0,
    client: new StreamClient(
      { host: '127.0.0.1', port, path: '/v1/stream', source, ...(clock && { clock }) },
      topics.map(openReceipt),
      {
        onReady: () => {
          heard.ready += 1
          changed()
        },
        onTransition: (_, frame, atUs) => {
          heard.transitions.push({ topic: frame.topic, n: frame.n, index: frame.eventIndex, atUs })
          changed()
        },
        onMalformed: (_, text) => {
          heard.malformed.push(text)
          changed()
        },
        onReload: (_, ended) => {
          heard.reloads.push(ended)
        },
        onLost: (_, loss) => {
          heard.lost.push(loss)
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
  t.teardown(() => heard.client.leave())
  await heard.until(() => heard.ready > 0 || heard.lost.length > 0)
  return heard
}

const listen = async (t: Test): Promise<FakeStream> => {
  const server = await FakeStream.listen()
  t.teardown(() => server.close())
  return server
}

const unit = 'unit/PJ-BEN-000000'
const county = 'county/PJ'

t.test('a client subscribes from its source address, takes its snapshots and counts every transition', async (t) => {
  const server = await listen(t)
  server.publish('PJ-BEN-000000', [unit, county], 'before')
  const heard = await connect(t, server.port, [unit, county], () => 42)
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
  t.ok(server.addresses.has(address))
})

t.test('a source port that somebody else holds is passed over', async (t) => {
  const server = await listen(t)
  const first = await connect(t, server.port, [unit])
  const ports = [...server.ports]
  const again = sourceAt(address)
  const second = new Promise<void>((resolve, reject) => {
    // begins with the port that the first client of this file has
    const client = new StreamClient(
      { host: '127.0.0.1', port: server.port, path: '/v1/stream', source: again },
      [openReceipt(unit)],
      {
        onReady: () => {
          client.leave()
          resolve()
        },
        onTransition: () => {},
        onMalformed: () => {},
        onReload: () => {},
        onLost: (_, { reason }) => reject(new Error(reason)),
      },
    )
  })
  await t.resolves(second)
  t.equal(first.lost.length, 0)
  t.equal(new Set([...server.ports, ...ports]).size, 2)
})

t.test('a frame that the server leaves out is a gap at the next one, a doubled frame a duplicate', async (t) => {
  const server = await listen(t)
  const heard = await connect(t, server.port, [unit, county])
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
  const server = await listen(t)
  await connect(t, server.port, [unit])
  server.ping(17)
  await server.until(() => server.protocolPongs === 1 && server.pongs.length === 1)
  t.strictSame(server.pongs, [17])
})

t.test('a transition on a topic that was not asked for is malformed, not ignored', async (t) => {
  const server = await listen(t)
  const heard = await connect(t, server.port, [unit])
  server.publish('PJ-BEN-000000', [unit], '"],"topic":"x')
  server.publish('PJ-BEN-000000', [unit], 'qwb-1', { stamps: { received: 1 } })
  await heard.until(({ transitions, malformed }) => transitions.length + malformed.length === 2)
  t.equal(heard.transitions.length, 2, 'what stands inside a text does not mislead the search')
  server.sendAll('{"type":"transition","topic":"county/XX","n":9,"p":8}')
  server.sendAll('{"type":"transition","topic":"unit/PJ-BEN-000000"}')
  await heard.until(({ malformed }) => malformed.length === 2)
  t.equal(heard.transitions.length, 2)
})

t.test('a client that comes back resumes from its cursors and is ready when it has what it missed', async (t) => {
  const server = await listen(t)
  const heard = await connect(t, server.port, [unit, county])
  server.publish('PJ-BEN-000000', [unit, county], 'qwb-1')
  await heard.until(({ transitions }) => transitions.length === 2)
  server.sayBye()
  await heard.until(({ lost }) => lost.length === 1)
  server.publish('PJ-BEN-000000', [unit, county], 'qwb-2')
  server.publish('PJ-BEN-000008', [county], 'qwb-3')
  heard.client.comeBack()
  await heard.until(({ ready }) => ready === 2)
  t.match(heard.client.receipts, [
    { cursor: 2, tally: { count: 2, sum: 3 }, gaps: 0, duplicates: 0, brokenChains: 0 },
    { cursor: 3, tally: { count: 3, sum: 6 }, gaps: 0, duplicates: 0, brokenChains: 0 },
  ])
  t.strictSame(heard.reloads, [])
})

t.test('a client that cannot be resumed hands over what it had and begins anew', async (t) => {
  const server = await listen(t)
  const heard = await connect(t, server.port, [unit])
  server.publish('PJ-BEN-000000', [unit], 'qwb-1')
  await heard.until(({ transitions }) => transitions.length === 1)
  server.sayBye()
  await heard.until(({ lost }) => lost.length === 1)
  server.publish('PJ-BEN-000000', [unit], 'qwb-2')
  server.forget()
  heard.client.comeBack()
  await heard.until(({ ready }) => ready === 2)
  server.publish('PJ-BEN-000000', [unit], 'qwb-3')
  await heard.until(({ transitions }) => transitions.length === 2)
  t.match(heard.reloads, [{ topic: unit, baseline: 0, until: 1, tally: { count: 1, sum: 1 } }])
  t.match(heard.client.receipts, [{ baseline: 2, cursor: 3, tally: { count: 1, sum: 3 }, gaps: 0 }])
})

t.test('a connection that ends is reported once, with its close code; one that was left is not', async (t) => {
  const server = await listen(t)
  const lost = await connect(t, server.port, [unit])
  const kept = await connect(t, server.port, [unit])
  kept.client.leave()
  server.sayBye()
  await lost.until((heard) => heard.lost.length > 0)
  t.strictSame(lost.lost, [{ reason: 'closed with 4503' }])
  t.strictSame(kept.lost, [])
})

t.test('who is sent away is told for how long', async (t) => {
  const server = await listen(t)
  const heard = await connect(t, server.port, [unit])
  server.sendAll('{"type":"bye","code":"QW_STOPPING","afterMs":1234}')
  await heard.until(({ lost }) => lost.length > 0)
  t.strictSame(heard.lost, [{ reason: 'bye QW_STOPPING', afterMs: 1_234 }])
})

const refusing = async (t: Test, headers: Record<string, string>): Promise<Heard> => {
  const server = http.createServer()
  server.on('upgrade', (_, socket) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join('')}\r\n`)
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
  t.teardown(() => server.close())
  return connect(t, port, [unit])
}

t.test('a server that does not upgrade is a lost connection that says why, and when to come again', async (t) => {
  const { lost: plain } = await refusing(t, {})
  t.strictSame(plain, [{ reason: 'no upgrade: HTTP/1.1 503 Service Unavailable' }])
  const { lost: later } = await refusing(t, { 'Retry-After': '2' })
  t.strictSame(later, [{ reason: 'no upgrade: HTTP/1.1 503 Service Unavailable', afterMs: 2_000 }])
})
