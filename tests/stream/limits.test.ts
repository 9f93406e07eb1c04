/**
 * Clients that do what they may not: each is told why and closed with its code, and nobody else notices.
 */
import { SignJWT } from 'jose'
import t from 'tap'
import { WebSocket } from 'ws'
import type { PushSettings } from '../../src/stream/push.js'
import { signToken } from '../../src/stream/token.js'
import { type Client, secret, until, World } from './world.js'

interface Misdeed {
  readonly what: string
  readonly act: (client: Client) => void | Promise<void>
  readonly close: number
  readonly code: string
  readonly settings?: Partial<PushSettings>
}

const hello = { type: 'hello', v: 1 }
const subscribe = (...topics: string[]) => ({ type: 'subscribe', topics: topics.map((topic) => ({ topic })) })
const signed = (secretOf: string, ttlSeconds: number, role: 'viewer' | 'wall' = 'viewer') =>
  signToken(secretOf, { role }, ttlSeconds)

const misdeeds: readonly Misdeed[] = [
  { what: 'not JSON', act: (c) => c.socket.send('{'), close: 4400, code: 'QW_FRAME_INVALID' },
  { what: 'a list', act: (c) => c.send([hello]), close: 4400, code: 'QW_FRAME_INVALID' },
  { what: 'no type', act: (c) => c.send({}), close: 4400, code: 'QW_FRAME_INVALID' },
  { what: 'an unknown type', act: (c) => c.send({ type: 'hallo' }), close: 4400, code: 'QW_FRAME_INVALID' },
  { what: 'another version', act: (c) => c.send({ type: 'hello', v: 2 }), close: 4400, code: 'QW_FRAME_INVALID' },
  { what: 'a locale we lack', act: (c) => c.send({ ...hello, locale: 'fr' }), close: 4400, code: 'QW_FRAME_INVALID' },
  { what: 'no hello first', act: (c) => c.send(subscribe('city')), close: 4400, code: 'QW_FRAME_INVALID' },
  { what: 'binary', act: (c) => c.socket.send(Buffer.from('{}')), close: 4400, code: 'QW_FRAME_INVALID' },
  {
    what: 'a second hello',
    act: (c) => {
      c.send(hello)
      c.send(hello)
    },
    close: 4400,
    code: 'QW_FRAME_INVALID',
  },
  ...[
    { type: 'subscribe' },
    { type: 'subscribe', topics: [] },
    { type: 'subscribe', topics: ['city'] },
    { type: 'subscribe', topics: [{ topic: 7 }] },
    { type: 'subscribe', topics: [{ topic: 'city', since: -1 }] },
    { type: 'subscribe', topics: [{ topic: 'city', since: 1.5 }] },
    { type: 'subscribe', topics: [{ topic: 'city', figures: 'yes' }] },
    { type: 'unsubscribe', topics: [7] },
    { type: 'pong', t: 'now' },
  ].map((frame) => ({
    what: JSON.stringify(frame),
    act: (c: Client) => {
      c.send(hello)
      c.send(frame)
    },
    close: 4400,
    code: 'QW_FRAME_INVALID',
  })),
  {
    what: 'no token where one is demanded',
    act: (c) => c.send(hello),
    close: 4401,
    code: 'QW_TOKEN_INVALID',
    settings: { anonymousRole: undefined },
  },
  { what: 'a token that is none', act: (c) => c.hello('x.y.z'), close: 4401, code: 'QW_TOKEN_INVALID' },
  {
    what: 'a token signed by somebody else',
    act: async (c) => c.hello(await signed(`not ${secret}`, 60)),
    close: 4401,
    code: 'QW_TOKEN_INVALID',
  },
  {
    what: 'a token that has ended',
    act: async (c) => c.hello(await signed(secret, -1)),
    close: 4401,
    code: 'QW_TOKEN_INVALID',
  },
  {
    what: 'a token without an end',
    act: async (c) => {
      const key = new TextEncoder().encode(secret)
      c.hello(await new SignJWT({ role: 'wall' }).setProtectedHeader({ alg: 'HS256' }).sign(key))
    },
    close: 4401,
    code: 'QW_TOKEN_INVALID',
  },
  {
    what: 'a token with a role that we lack',
    act: async (c) => {
      const key = new TextEncoder().encode(secret)
      const jwt = new SignJWT({ role: 'king' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h')
      c.hello(await jwt.sign(key))
    },
    close: 4401,
    code: 'QW_TOKEN_INVALID',
  },
  {
    what: 'a token while we have no secret',
    act: async (c) => c.hello(await signed(secret, 60)),
    close: 4401,
    code: 'QW_TOKEN_INVALID',
    settings: { tokenSecret: undefined },
  },
  {
    what: 'a viewer on the critical lane',
    act: async (c) => c.hello(await signed(secret, 60)),
    close: 4403,
    code: 'QW_NOT_ALLOWED',
    settings: { lane: 'critical' },
  },
  {
    what: 'a wall on the common lane',
    act: async (c) => c.hello(await signed(secret, 60, 'wall')),
    close: 4403,
    code: 'QW_NOT_ALLOWED',
    settings: { criticalAddress: 'ws://127.0.0.1:1/v1/stream' },
  },
  {
    what: 'no hello at all',
    act: () => undefined,
    close: 4408,
    code: 'QW_HELLO_LATE',
    settings: { helloWaitMs: 50, heartbeatMs: 2560 },
  },
  {
    what: 'no pong',
    act: (c) => {
      c.answers = false
      c.send(hello)
    },
    close: 4408,
    code: 'QW_PONG_LATE',
    settings: { heartbeatMs: 100 },
  },
  {
    what: 'a frame over the limit',
    act: (c) => c.send({ ...hello, token: 'x'.repeat(4096) }),
    close: 4413,
    code: 'QW_FRAME_TOO_LARGE',
  },
  {
    what: 'frames in a flood',
    act: (c) => {
      c.send(hello)
      for (let n = 0; n < 20; n += 1) c.send({ type: 'pong', t: 0 })
    },
    close: 4429,
    code: 'QW_TOO_MANY_FRAMES',
    settings: { clientFramesPerSecondMax: 10 },
  },
  {
    what: 'too many topics',
    act: (c) => {
      c.send(hello)
      c.send(subscribe('unit/A', 'unit/B', 'unit/C'))
    },
    close: 4429,
    code: 'QW_TOO_MANY_FRAMES',
    settings: { topicsPerClientMax: 2 },
  },
  {
    what: 'subscriptions without end',
    act: (c) => {
      c.send(hello)
      for (let n = 0; n < 9; n += 1) c.send(subscribe('unit/A'))
    },
    close: 4429,
    code: 'QW_TOO_MANY_FRAMES',
    settings: { topicsPerClientMax: 2 },
  },
]

t.test('a client that does what it may not is told why, and closed with its code', async (t) => {
  for (const { what, act, close, code, settings = {} } of misdeeds) {
    const world = new World(t)
    const { push, address } = await world.start(settings)
    const before = push.stats().closes[close] ?? 0
    const client = await world.client(address)
    await act(client)
    t.equal(await client.closed, close, what)
    t.match(client.frames.at(-1), { type: 'bye', code, title: String, afterMs: Number }, what)
    t.ok((push.stats().closes[close] ?? 0) > before)
    await push.stop()
    await world.stopCore()
  }
})

t.test('a thousand of them at once leave nothing behind, and who follows has everything once', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ clientsMax: 2000 })
  const follower = world.follow(address, { topics: [{ topic: 'all' }, { topic: 'unit/U1' }] })
  await until(() => follower.agrees(world.truth) && push.stats().subscriptions === 2)
  const before = push.stats()
  const same = misdeeds.filter(({ settings }) => settings === undefined)
  const wanted: Record<string, number> = {}
  for (let done = 0; done < 1000; done += same.length)
    await Promise.all(
      same.map(async ({ what, act, close }, index) => {
        const client = await world.client(address)
        world.publish(world.truth.change('U1', 'XH', index % 2 ? 'red' : 'yellow'))
        await act(client)
        t.equal(await client.closed, close, what)
        wanted[close] = (wanted[close] ?? 0) + 1
      }),
    )
  t.ok(Object.values(wanted).reduce((sum, count) => sum + count, 0) >= 1000)
  await until(() => follower.watch.cursors()['all'] === world.truth.n && push.stats().clients === before.clients)
  const after = push.stats()
  t.same(after.closes, wanted)
  t.equal(after.subscriptions, before.subscriptions)
  t.equal(after.deliveries - before.deliveries, 2 * world.truth.n, 'nothing was sent to anybody else')
  t.equal(after.publications - before.publications, 2 * world.truth.n)
  t.same(follower.seen.get('all'), world.truth.ns('all'))
  t.same([follower.watch.gaps, follower.watch.repeats, follower.watch.connections], [0, 0, 1])
})

t.test('a wall that knocks at the common lane is told where to go, and the watcher goes there', async (t) => {
  const world = new World(t)
  world.truth.change('U1', 'XH', 'red')
  const critical = await world.start({ lane: 'critical' })
  const common = await world.startPush({ criticalAddress: critical.address })
  await until(() => world.bus?.stats().processes === 2)
  const follower = world.follow(common.address, {
    topics: [{ topic: 'all' }],
    token: await signed(secret, 60, 'wall'),
  })
  await until(() => follower.agrees(world.truth))
  t.same(follower.codes.at(-1), 4403)
  t.equal(critical.push.stats().subscriptions, 1)
})

t.test('a topic that is none is answered with an error, and the connection stays', async (t) => {
  const world = new World(t)
  const { address } = await world.start()
  const client = await world.client(address)
  client.send(hello)
  const names = [
    'unit/',
    'unit/a b',
    'unit/../x',
    'county/ZZ',
    'City',
    'all?colour=blue',
    'unit/U1?colour=red',
    'freezes?colour=red',
    'city?sector=health',
    'city?colour=red&colour=red',
    '',
    `unit/${'x'.repeat(100)}`,
  ]
  for (const topic of names.filter((name) => name !== '')) {
    client.send(subscribe(topic))
    t.match(await client.frame((frame) => frame['topic'] === topic), { type: 'error', code: 'QW_TOPIC_UNKNOWN' }, topic)
  }
  client.send(subscribe('city'))
  t.match(await client.ofType('subscribed'), { topic: 'city' })
})

t.test('a token that ends while its client is connected ends the connection', async (t) => {
  const world = new World(t)
  const { address } = await world.start({ heartbeatMs: 200 })
  const client = await world.client(address)
  client.hello(await signed(secret, 1))
  t.equal(await client.closed, 4401)
  t.ok(
    client.frames.some(({ type }) => type === 'welcome'),
    'it was good before',
  )
})

t.test('what a client sends while its token is checked is not lost', async (t) => {
  const world = new World(t)
  const { address } = await world.start({ anonymousRole: undefined })
  const client = await world.client(address)
  client.hello(await signed(secret, 60))
  client.send(subscribe('city', 'unit/U1'))
  client.send({ type: 'unsubscribe', topics: ['unit/U1'] })
  t.match(await client.ofType('subscribed'), { topic: 'city' })
  t.equal(client.frames[0]?.type, 'welcome')
})

t.test('a process that is full turns clients away before the handshake', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ clientsMax: 2 })
  await until(() => push.stats().clients === 0)
  await world.client(address)
  await world.client(address)
  await t.rejects(world.client(address), /503/)
})

t.test('a page from elsewhere cannot open a stream, a page of ours and a program can', async (t) => {
  const world = new World(t)
  await world.startCore()
  const { address } = await world.startPush()
  const statusFrom = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(address, { headers })
      socket.once('open', () => {
        socket.terminate()
        resolve(101)
      })
      socket.once('unexpected-response', (_request, answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      socket.once('error', reject)
    })
  t.equal(await statusFrom({ origin: 'https://elsewhere.example' }), 403)
  t.equal(await statusFrom({ origin: 'null' }), 403)
  t.equal(await statusFrom({ origin: 'http://wall.example:8600' }), 101)
  t.equal(await statusFrom({}), 101)
})
