/**
 * The client against a server that says what the protocol allows, and what it does not.
 */
import t from 'tap'
import WebSocket from 'ws'
import {
  type Clock,
  connect,
  type SocketConstructor,
  type Stream,
  type StreamSettings,
  type StreamState,
} from '../../client/stream.js'
import {
  type ScriptedConnection,
  ScriptedServer,
  snapshot,
  subscribed,
  transition,
  welcome,
} from './scripted-server.js'

type Tap = { teardown: (end: () => void) => void }

interface World {
  readonly server: ScriptedServer
  readonly stream: Stream
  readonly states: StreamState[]
  /** Resolves when the stream is in a state of this kind. */
  readonly reached: (kind: StreamState['kind']) => Promise<StreamState>
}

async function world(t: Tap, settings: Partial<StreamSettings> = {}): Promise<World> {
  const server = await ScriptedServer.listen()
  const states: StreamState[] = []
  const waiting = new Set<() => void>()
  const stream = connect({
    url: server.url,
    WebSocket: WebSocket as unknown as SocketConstructor,
    reconnectMsMin: 1,
    reconnectMsMax: 4,
    ...settings,
    onState: (state) => {
      states.push(state)
      for (const look of [...waiting]) look()
    },
  })
  t.teardown(() => {
    stream.close()
    server.close()
  })
  const reached = (kind: StreamState['kind']): Promise<StreamState> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (stream.state.kind !== kind) return
        waiting.delete(look)
        resolve(stream.state)
      }
      waiting.add(look)
      look()
    })
  return { server, stream, states, reached }
}

/** Follows a topic and writes down what it is shown. */
function follow(stream: Stream, topic: string, options: { since?: number; figures?: boolean } = {}) {
  const shown: string[] = []
  const waiting = new Set<() => void>()
  const note = (text: string): void => {
    shown.push(text)
    for (const look of [...waiting]) look()
  }
  const subscription = stream.subscribe(topic, {
    ...options,
    onSnapshot: (items, n) => note(`snapshot ${n}: ${items.join()}`),
    onTransition: ({ n }) => note(`transition ${n}`),
    onFigures: (values) => note(`figures ${JSON.stringify(values)}`),
    onRefused: (code) => note(`refused ${code}`),
  })
  const length = (wanted: number): Promise<string[]> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (shown.length < wanted) return
        waiting.delete(look)
        resolve(shown)
      }
      waiting.add(look)
      look()
    })
  return { shown, subscription, length }
}

t.test('hello carries the token and the locale, never the address', async (t) => {
  const { server } = await world(t, { token: 'secret', locale: 'zh' })
  const { hello } = await server.greeted()
  t.same(hello, { type: 'hello', v: 1, token: 'secret', locale: 'zh' })
  t.notMatch(server.url, 'secret')
})

t.test('a snapshot in parts is shown once, whole, and transitions follow it', async (t) => {
  const { server, stream, reached } = await world(t)
  const { shown, length, subscription } = follow(stream, 'all')
  const { connection } = await server.greeted()
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all' }] })
  connection.say(subscribed('all', 7, false), snapshot('all', 7, ['a', 'b'], 1, 2))
  t.equal(stream.state.kind, 'connecting', 'half a snapshot is nothing yet')
  connection.say(snapshot('all', 7, ['c'], 2, 2), transition('all', 8, 7))
  await length(2)
  t.same(shown, ['snapshot 7: a,b,c', 'transition 8'])
  t.equal(subscription.cursor, 8)
  await reached('live')
})

t.test('a transition whose p is beyond the cursor is not shown; the client asks from where it stands', async (t) => {
  const { server, stream } = await world(t)
  const { shown, length, subscription } = follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 1, false), snapshot('all', 1, []), transition('all', 4, 3), transition('all', 5, 4))
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all', since: 1 }], epoch: 'history-1' })
  connection.say(subscribed('all', 5, true), ...[2, 3, 4, 5].map((n) => transition('all', n, n - 1)))
  await length(5)
  t.same(shown, ['snapshot 1: ', ...[2, 3, 4, 5].map((n) => `transition ${n}`)])
  t.equal(subscription.gaps, 1, 'and only one question was asked for two frames that did not fit')
})

t.test('a ping whose head is beyond the cursor is answered and followed by a question', async (t) => {
  const { server, stream } = await world(t)
  const { length } = follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 1, false), snapshot('all', 1, []), {
    type: 'ping',
    t: 5,
    heads: { all: 2, other: 9 },
  })
  t.same(await connection.heard(), { type: 'pong', t: 5 })
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all', since: 1 }], epoch: 'history-1' })
  connection.say(subscribed('all', 2, true), transition('all', 2, 1))
  t.same(await length(2), ['snapshot 1: ', 'transition 2'])
})

t.test('a repeated transition is shown once', async (t) => {
  const { server, stream } = await world(t)
  const { length } = follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  const second = transition('all', 2, 0)
  connection.say(subscribed('all', 1, false), snapshot('all', 1, []), second, second, transition('all', 3, 2))
  t.same(await length(3), ['snapshot 1: ', 'transition 2', 'transition 3'])
})

t.test('a topic may begin from a cursor that was kept', async (t) => {
  const { server, stream, reached } = await world(t)
  const { shown } = follow(stream, 'freezes', { since: 40 })
  const { connection } = await server.greeted()
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'freezes', since: 40 }] })
  t.equal(stream.state.kind, 'connecting')
  connection.say(subscribed('freezes', 41, true))
  connection.say(transition('freezes', 41, 40))
  await reached('live')
  t.same(shown, ['transition 41'], 'live only when the named head was reached')
})

t.test('after a broken connection every topic is resumed from its own cursor', async (t) => {
  const { server, stream, states, reached } = await world(t)
  follow(stream, 'all')
  const city = follow(stream, 'city', { figures: true })
  const first = await server.greeted()
  await first.connection.heard()
  first.connection.say(subscribed('all', 5, false), snapshot('all', 5, []))
  first.connection.say(subscribed('city', 2, false), snapshot('city', 5, []))
  first.connection.say(transition('city', 6, 2))
  await reached('live')
  await city.length(2)
  first.connection.cut()
  const { connection } = await server.greeted()
  t.same(await connection.heard(), {
    type: 'subscribe',
    topics: [
      { topic: 'all', since: 5 },
      { topic: 'city', since: 6, figures: true },
    ],
    epoch: 'history-1',
  })
  t.equal(stream.state.kind, 'offline', 'connected is not yet caught up')
  connection.say(subscribed('all', 6, true), transition('all', 6, 5), subscribed('city', 6, true))
  await reached('live')
  t.same(
    states.map(({ kind }) => kind),
    ['live', 'offline', 'live'],
  )
})

t.test('a server that cannot resume is believed: its snapshot replaces what was held', async (t) => {
  const { server, stream } = await world(t)
  const { length, subscription } = follow(stream, 'all', { since: 900 })
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 3, false), snapshot('all', 3, ['x']), transition('all', 4, 3))
  t.same(await length(2), ['snapshot 3: x', 'transition 4'])
  t.equal(subscription.cursor, 4, 'a cursor from another life of the service is forgotten')
})

t.test('a service that stands on another history is not asked to resume, and shows what it has', async (t) => {
  const { server, stream } = await world(t)
  const { length, shown } = follow(stream, 'all')
  const first = await server.greeted()
  await first.connection.heard()
  first.connection.say(subscribed('all', 5, false), snapshot('all', 5, ['old']))
  await length(1)
  t.equal(stream.epoch, 'history-1')
  first.connection.cut()
  // Its n is greater: nothing but the epoch tells that 5 is another 5.
  const { connection } = await server.greeted({ epoch: 'history-2' })
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all', since: 5 }], epoch: 'history-1' })
  connection.say(subscribed('all', 900, false), snapshot('all', 900, ['new']))
  await length(2)
  t.same(shown, ['snapshot 5: old', 'snapshot 900: new'])
  t.equal(stream.epoch, 'history-2')
})

t.test('a cursor that was kept is used only in the history that it was kept with', async (t) => {
  for (const epoch of ['history-1', 'history-0']) {
    const { server, stream } = await world(t, { epoch })
    const { length, subscription } = follow(stream, 'all', { since: 40 })
    const { connection } = await server.greeted()
    t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all', since: 40 }], epoch })
    // It was asked for before the welcome said which history this is; whatever the answer, the cursor is none any more.
    connection.say({ type: 'ping', t: 1, heads: {} })
    await connection.heard()
    t.equal(subscription.cursor, epoch === 'history-1' ? 40 : undefined)
    connection.say(subscribed('all', 7, false), snapshot('all', 7, ['x']))
    t.same(await length(1), ['snapshot 7: x'])
  }
})

t.test('told that it would be resumed, then that it must reload after all', async (t) => {
  const { server, stream } = await world(t)
  const { length } = follow(stream, 'all', { since: 1 })
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 9, true), transition('all', 2, 1))
  connection.say(subscribed('all', 9, false), snapshot('all', 9, ['y']))
  t.same(await length(2), ['transition 2', 'snapshot 9: y'])
})

t.test('a snapshot whose middle is missing is not shown but asked for again', async (t) => {
  const { server, stream } = await world(t)
  const { length } = follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 3, false), snapshot('all', 3, ['a'], 1, 3), snapshot('all', 3, ['c'], 3, 3))
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all' }] })
  connection.say(subscribed('all', 3, false), snapshot('all', 3, ['a', 'b', 'c']))
  t.same(await length(1), ['snapshot 3: a,b,c'])
})

t.test('a snapshot whose end is missing is noticed at the next transition', async (t) => {
  const { server, stream } = await world(t)
  const { shown } = follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 3, false), snapshot('all', 3, ['a'], 1, 2), transition('all', 4, 3))
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all' }] })
  t.same(shown, [])
})

t.test('a snapshot beyond snapshotItemsMax ends the topic, not the client', async (t) => {
  const { server, stream } = await world(t, { snapshotItemsMax: 2 })
  const { length } = follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 3, false), snapshot('all', 3, ['a', 'b'], 1, 2), snapshot('all', 3, ['c'], 2, 2))
  t.same(await connection.heard(), { type: 'unsubscribe', topics: ['all'] })
  t.same(await length(1), ['refused snapshot-too-large'])
})

t.test('figures come beside the numbers and move no cursor', async (t) => {
  const { server, stream } = await world(t)
  const { length, subscription } = follow(stream, 'city', { figures: true })
  const { connection } = await server.greeted()
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'city', figures: true }] })
  connection.say({ type: 'figures', topic: 'city', values: { units: 3 } })
  connection.say(subscribed('city', 1, false), snapshot('city', 1, []))
  t.same(await length(2), ['figures {"units":3}', 'snapshot 1: '])
  t.equal(subscription.cursor, 1)
})

t.test('stale and fresh are told with the time since when', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 1, false), snapshot('all', 1, []))
  await reached('live')
  connection.say({ type: 'stale', since: '2024-01-02T08:00:00+08:00', why: 'the core is away' })
  t.same(await reached('stale'), {
    kind: 'stale',
    sinceMs: Date.parse('2024-01-02T00:00:00Z'),
    why: 'the core is away',
  })
  connection.say({ type: 'fresh' })
  await reached('live')
})

t.test('whoever loses the connection while stale is old since the first of both', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all')
  const first = await server.greeted()
  await first.connection.heard()
  first.connection.say(subscribed('all', 1, false), snapshot('all', 1, []))
  await reached('live')
  first.connection.say({ type: 'stale', since: '2024-01-02T08:00:00+08:00', why: 'the core is away' })
  await reached('stale')
  first.connection.cut()
  t.match(await reached('offline'), { sinceMs: Date.parse('2024-01-02T00:00:00Z') })
})

t.test('a bye that wants the client back brings it back', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all', { since: 1 })
  const first = await server.greeted()
  first.connection.say({
    type: 'bye',
    code: 'QW_STOPPING',
    title: 'the service is stopping',
    reconnect: true,
    afterMs: 3,
  })
  t.equal(await first.connection.closed, 1000)
  const { connection } = await server.greeted()
  t.match(await connection.heard(), { topics: [{ topic: 'all', since: 1 }] })
  connection.say(subscribed('all', 1, true))
  await reached('live')
})

t.test('a bye that does not want the client back is the end, with its reason', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all')
  const { connection } = await server.greeted()
  connection.say({ type: 'bye', code: 'QW_TOKEN_INVALID', title: 'the token is expired', reconnect: false, afterMs: 0 })
  t.match(await reached('ended'), { why: 'the token is expired' })
})

t.test('a close code that says "not authenticated" is the end even when its bye was lost', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all')
  const { connection } = await server.greeted()
  connection.close(4401)
  t.match(await reached('ended'), { why: 'closed with 4401' })
})

t.test('a bye with an address sends the client there', async (t) => {
  const { server, stream } = await world(t)
  const elsewhere = await ScriptedServer.listen()
  t.teardown(() => elsewhere.close())
  follow(stream, 'all')
  const { connection } = await server.greeted()
  const bye = { type: 'bye', code: 'QW_NOT_ALLOWED', title: 'walls connect elsewhere', reconnect: false, afterMs: 0 }
  connection.say({ ...bye, address: elsewhere.url })
  const { hello } = await elsewhere.greeted()
  t.match(hello, { type: 'hello' })
})

t.test('two servers that send the client to each other lose it', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all')
  const bye = { type: 'bye', code: 'QW_NOT_ALLOWED', title: 'not here', reconnect: false, afterMs: 0 }
  for (let times = 0; times < 4; times++) {
    const connection = await server.connection()
    await connection.heard()
    connection.say({ ...bye, address: server.url })
  }
  t.match(await reached('ended'), { why: 'not here' })
})

for (const [name, frame] of [
  ['no JSON', '{"type":'],
  ['no object', '[]'],
  ['no type', '{}'],
  ['a number as text', JSON.stringify({ ...transition('all', 2, 1), n: '2' })],
  ['a number that is not whole', JSON.stringify({ ...transition('all', 2, 1), p: 0.5 })],
  ['a time that is none', JSON.stringify({ type: 'stale', since: 'yesterday', why: 'x' })],
  ['heads that are no numbers', JSON.stringify({ type: 'ping', t: 1, heads: { all: null } })],
  ['bytes', Buffer.from('{"type":"fresh"}')],
  ['too long', JSON.stringify({ type: 'figures', topic: 'all', values: 'x'.repeat(5000) })],
  [
    'a second welcome',
    JSON.stringify({ type: 'welcome', now: '2024-01-02T00:00:00Z', exercise: false, heartbeatMs: 1 }),
  ],
] as const)
  t.test(`a frame that is wrong (${name}) ends the connection with 4400, and the next one resumes`, async (t) => {
    const { server, stream, reached } = await world(t, { frameLengthMax: 4000 })
    const { shown } = follow(stream, 'all')
    const first = await server.greeted()
    await first.connection.heard()
    first.connection.say(subscribed('all', 1, false), snapshot('all', 1, []))
    first.connection.sayRaw(frame)
    t.equal(await first.connection.closed, 4400)
    const { connection } = await server.greeted()
    t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all', since: 1 }], epoch: 'history-1' })
    connection.say(subscribed('all', 1, true))
    await reached('live')
    t.same(shown, ['snapshot 1: '])
  })

t.test('a frame of a type from the future is passed over', async (t) => {
  const { server, stream, reached } = await world(t)
  const { shown } = follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say({ type: 'hologram' }, subscribed('all', 1, false), { type: 'toString' }, snapshot('all', 1, []))
  await reached('live')
  t.same(shown, ['snapshot 1: '])
})

t.test('a topic that is not allowed is given up, the others go on', async (t) => {
  const { server, stream, reached } = await world(t)
  const refused = follow(stream, 'all')
  const { shown } = follow(stream, 'city')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say({ type: 'error', code: 'QW_NOT_ALLOWED', title: 'the topic all is for walls', topic: 'all' })
  connection.say(subscribed('city', 1, false), snapshot('city', 1, []))
  await reached('live')
  t.same(refused.shown, ['refused QW_NOT_ALLOWED'])
  t.same(shown, ['snapshot 1: '])
})

t.test('a topic that is refused for the moment is asked for again', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all')
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say({ type: 'error', code: 'QW_CORE_AWAY', title: 'the core is away', topic: 'all' })
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all' }] })
  connection.say(subscribed('all', 1, false), snapshot('all', 1, []))
  await reached('live')
})

t.test('a server that falls silent is left for a new connection', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all', { since: 1 })
  const first = await server.greeted({ heartbeatMs: 20 })
  await first.connection.heard()
  first.connection.say(subscribed('all', 1, true))
  await reached('live')
  await first.connection.closed
  const { connection } = await server.greeted()
  t.match(await connection.heard(), { type: 'subscribe' })
})

t.test('an answer that never comes is asked for again after some pings', async (t) => {
  const { server, stream, reached } = await world(t)
  follow(stream, 'all')
  const { connection } = await server.greeted()
  t.match(await connection.heard(), { type: 'subscribe' })
  const ping = { type: 'ping', t: 1, heads: {} }
  connection.say(ping, ping, ping)
  for (let i = 0; i < 3; i++) t.match(await connection.heard(), { type: 'pong' })
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all' }] })
  connection.say(subscribed('all', 1, false), snapshot('all', 1, []))
  await reached('live')
})

t.test('a server that takes the connection and never says welcome is left', async (t) => {
  const { server } = await world(t, { welcomeWaitMs: 20 })
  const silent = await server.connection()
  await silent.closed
  const { hello } = await server.greeted()
  t.match(hello, { type: 'hello' })
})

t.test('a handler that throws is reported and harms nothing', async (t) => {
  const { server, stream, reached } = await world(t)
  const uncaught: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => uncaught.push(error))
  t.teardown(() => {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  })
  const subscription = stream.subscribe('all', {
    onTransition: () => {
      throw new Error('of the user')
    },
  })
  const { connection } = await server.greeted()
  await connection.heard()
  connection.say(subscribed('all', 2, false), snapshot('all', 1, []), transition('all', 2, 1))
  await reached('live')
  t.equal(subscription.cursor, 2)
  await new Promise((resolve) => setImmediate(resolve))
  t.match(uncaught, [{ message: 'of the user' }])
})

t.test('unsubscribed is forgotten; the same topic may be followed again, but not twice at once', async (t) => {
  const { server, stream } = await world(t)
  const { subscription } = follow(stream, 'all')
  t.throws(() => stream.subscribe('all', {}), TypeError)
  const { connection } = await server.greeted()
  await connection.heard()
  subscription.unsubscribe()
  t.same(await connection.heard(), { type: 'unsubscribe', topics: ['all'] })
  follow(stream, 'all')
  t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all' }] })
})

t.test('many topics are asked for in frames that a server reads', async (t) => {
  const { server, stream } = await world(t)
  for (let i = 0; i < 64; i++) follow(stream, `unit/${'x'.repeat(60)}-${i}`, { since: Number.MAX_SAFE_INTEGER })
  const { connection } = await server.greeted()
  const frames = [await connection.heard(), await connection.heard()]
  for (const frame of frames) t.ok(JSON.stringify(frame).length < 16_384)
  t.equal(frames.flatMap(({ topics }) => topics as unknown[]).length, 64)
})

t.test('an address that is none is refused at once', async (t) => {
  for (const url of ['nonsense', 'http://localhost/v1/stream']) t.throws(() => connect({ url }), TypeError)
})

t.test('after close nothing comes back', async (t) => {
  const { server, stream, states } = await world(t)
  const { connection } = await server.greeted()
  stream.close()
  t.equal(await connection.closed, 1000)
  t.match(stream.state, { kind: 'ended', why: 'closed by its user' })
  t.equal(states.at(-1)?.kind, 'ended')
})

t.test(
  'what is followed is asked for with the hello; what came later, or is unwanted by then, with the welcome',
  async (t) => {
    const { server, stream } = await world(t)
    follow(stream, 'all')
    const { subscription } = follow(stream, 'city')
    const connection = await server.connection()
    t.match(await connection.heard(), { type: 'hello' })
    t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'all' }, { topic: 'city' }] })
    subscription.unsubscribe()
    const { length } = follow(stream, 'freezes')
    connection.say(welcome)
    t.same(await connection.heard(), { type: 'subscribe', topics: [{ topic: 'freezes' }] })
    t.same(await connection.heard(), { type: 'unsubscribe', topics: ['city'] })
    connection.say(subscribed('freezes', 2, false), snapshot('freezes', 2, ['x']))
    t.same(await length(1), ['snapshot 2: x'])
  },
)

t.test('more topics than a server keeps before its welcome are asked for when it has come', async (t) => {
  const { server, stream } = await world(t)
  for (let i = 0; i < 200; i += 1) follow(stream, `unit/${i}`)
  const connection = await server.connection()
  t.match(await connection.heard(), { type: 'hello' })
  const asked = async () => ((await connection.heard())['topics'] as unknown[]).length
  t.same([await asked(), await asked(), await asked(), await asked()], [32, 32, 32, 32])
  connection.say(welcome)
  t.same([await asked(), await asked(), await asked()], [32, 32, 8])
})

/** Lets no wait for another attempt last, and writes down how long each would have been. */
function hurried() {
  const waits: number[] = []
  const clock: Clock = {
    nowMs: () => Date.now(),
    after: (delayMs, run) => {
      // Those for the welcome and for the next frame.
      if (delayMs === welcomeWaitMs || delayMs === welcome.heartbeatMs) return () => undefined
      waits.push(delayMs)
      const timer = setTimeout(run, 0)
      return () => clearTimeout(timer)
    },
  }
  return { waits, settings: { clock, welcomeWaitMs, reconnectMsMin: 500, reconnectMsMax: 30_000, random: () => 0 } }
}

const welcomeWaitMs = 77_777

/** Once the client has heard all that was said to it. */
async function cutOff(connection: ScriptedConnection): Promise<void> {
  connection.say({ type: 'ping', t: 1, heads: {} })
  await connection.heard()
  connection.cut()
}

t.test('a connection that is lost without a word is made anew at the place that its welcome named', async (t) => {
  const { waits, settings } = hurried()
  const { server } = await world(t, settings)
  const first = await server.greeted({ returnAfterMs: 4000 })
  await cutOff(first.connection)
  const second = await server.connection()
  second.close(4503)
  const third = await server.greeted({ returnAfterMs: 100 })
  await cutOff(third.connection)
  await server.greeted()
  t.same(waits, [4000, 500, 250], 'once; then, and where it is longer, the wait is its own')
})

t.test('a bye names its own time, and no server one that is beyond all measure', async (t) => {
  const { waits, settings } = hurried()
  const { server } = await world(t, settings)
  const first = await server.greeted({ returnAfterMs: Number.MAX_SAFE_INTEGER })
  await cutOff(first.connection)
  const second = await server.greeted({ returnAfterMs: 4000 })
  second.connection.say({ type: 'bye', code: 'QW_STOPPING', title: 'x', reconnect: true, afterMs: 700 })
  await server.greeted()
  t.same(waits, [30_000, 700])
})
