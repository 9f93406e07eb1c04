import { createServer } from 'node:net'
import t from 'tap'
import { signToken } from '../../src/stream/token.js'
import { createSplitter, jsonMessage, kinds, transitionsMessage } from '../../src/stream/wire.js'
import { nowMs, secret, Truth, until, World } from './world.js'

t.test('a client is welcomed, subscribed, given a snapshot, and then every transition', async (t) => {
  const world = new World(t)
  world.truth.change('U1', 'XH', 'red')
  const { address } = await world.start()
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'unit/U1' })
  await client.ofType('snapshot')
  world.publish(world.truth.change('U2', 'XH', 'red'))
  world.publish(world.truth.change('U1', 'XH', 'yellow'), world.truth.change('U1', 'XH', 'green'))
  await client.transition(4)
  t.same(
    client.frames.map(({ type }) => type),
    ['welcome', 'subscribed', 'snapshot', 'transition', 'transition'],
  )
  const [welcome, subscribed, snapshot, first, second] = client.frames
  t.match(welcome, { v: 1, now: '2024-07-03T09:15:00.000+08:00', clock: 'scenario', exercise: true, lane: 'common' })
  t.match(welcome, { role: 'wall', heartbeatMs: 20_000 })
  t.same(subscribed, { type: 'subscribed', topic: 'unit/U1', head: 1, resumed: false })
  t.match(snapshot, { topic: 'unit/U1', n: 1, part: 1, parts: 1, items: [{ key: 'U1 vacancy', colour: 'red' }] })
  t.match(first, { n: 3, p: 1, kind: 'alert', subject: 'U1', rule: 'vacancy', from: 'red', to: 'yellow', position: 30 })
  t.match(first, { at: '2024-07-03T09:15:00.003+08:00', why: { events: [{ source: '/test', id: 'e3' }] } })
  t.match(first, { stamps: { received: 1, durable: 2, judged: 3, published: Number } })
  t.match(second, { n: 4, p: 3, from: 'yellow', to: 'green' })
  t.notOk('topics' in (first ?? {}), 'the topics of others are not told')
})

t.test('a snapshot larger than one part comes in parts, and all of them are there', async (t) => {
  const world = new World(t)
  for (let unit = 0; unit < 50; unit += 1) world.truth.change(`U${unit}`, 'XH', 'red')
  const { address } = await world.start()
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'all' })
  await client.frame((frame) => frame.type === 'snapshot' && frame['part'] === frame['parts'])
  const parts = client.frames.filter(({ type }) => type === 'snapshot')
  t.ok(parts.length > 5)
  t.same(
    parts.map((frame) => frame['part']),
    parts.map((_, index) => index + 1),
  )
  t.equal(parts.flatMap((frame) => frame['items']).length, 50)
})

t.test('an empty topic has a snapshot too, of one part without items', async (t) => {
  const world = new World(t)
  const { address } = await world.start()
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'county/TS' })
  t.match(await client.ofType('snapshot'), { n: 0, part: 1, parts: 1, items: [] })
})

t.test('a client that names its cursor gets exactly what followed', async (t) => {
  const world = new World(t)
  for (let n = 1; n <= 20; n += 1) world.truth.change(`U${n % 4}`, 'XH', n % 8 < 4 ? 'red' : 'green')
  const cases = [
    { how: 'ring', settings: {}, late: 12 },
    { how: 'record', settings: { ringTransitionsMax: 3 }, late: 12 },
    { how: 'record', settings: { ringTransitionsMax: 1 }, late: 20 },
  ] as const
  const bus = await world.startCore()
  for (const { how, settings, late } of cases) {
    const { push, address } = await world.startPush(settings)
    await until(async () => (await world.client(address)).welcome())
    const client = await world.client(address)
    client.hello()
    client.subscribe({ topic: 'unit/U1', since: 5 })
    await client.ofType('subscribed')
    while (world.truth.n < 20 + late) world.publish(world.truth.change('U1', 'XH', 'red'))
    const subscribed = await client.ofType('subscribed')
    t.match(subscribed, { topic: 'unit/U1', resumed: true })
    const wanted = world.truth.transitions.filter(({ n, unit }) => n > 5 && unit === 'U1').map(({ n }) => n)
    await client.transition(wanted.at(-1) ?? 0)
    t.same(client.ns('unit/U1'), wanted, how)
    t.notOk(
      client.frames.some(({ type }) => type === 'snapshot'),
      'nothing else',
    )
    const resumed = await client.transition(9)
    t.notOk('stamps' in resumed, 'the moments of a resumed frame would mean nothing')
    await until(() => push.stats().resumes[how] === 1)
  }
  t.equal(bus.n, 40)
})

t.test('a quiet topic is resumed from the record though nothing happened on it, and goes live', async (t) => {
  const world = new World(t)
  world.truth.change('QUIET', 'TS', 'red')
  for (let n = 2; n <= 20; n += 1) world.truth.change('LOUD', 'XH', n % 2 ? 'red' : 'yellow')
  const { push, address } = await world.start({ ringTransitionsMax: 2 })
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'unit/QUIET', since: 1 }, { topic: 'county/TS?colour=red', since: 1 })
  await client.frame((frame) => frame.type === 'subscribed' && frame['topic'] === 'county/TS?colour=red')
  t.same(await client.ofType('subscribed'), { type: 'subscribed', topic: 'unit/QUIET', head: 1, resumed: true })
  // Far more than the ring holds: who was not live by now would have to ask again.
  for (let n = 21; n <= 40; n += 1) world.publish(world.truth.change('LOUD', 'XH', n % 2 ? 'red' : 'yellow'))
  world.publish(world.truth.change('QUIET', 'TS', 'green'))
  await client.frame((frame) => frame['n'] === 41 && frame['topic'] === 'county/TS?colour=red')
  t.same(client.ns('unit/QUIET'), [41])
  t.match(await client.transition(41), { p: 1 })
  t.match(push.stats().resumes, { ring: 0, record: 2, reload: 0 })
})

t.test('a cursor too far back, or from another life of the service, is answered with a snapshot', async (t) => {
  const world = new World(t, { catchUpTransitionsMax: 3 })
  for (let n = 1; n <= 20; n += 1) world.truth.change('U1', 'XH', n % 2 ? 'red' : 'yellow')
  const { push, address } = await world.start({ ringTransitionsMax: 2 })
  for (const since of [0, 5, 1000]) {
    const client = await world.client(address)
    client.hello()
    client.subscribe({ topic: 'unit/U1', since })
    const subscribed = await client.ofType('subscribed')
    t.match(subscribed, { resumed: false, head: 20 }, `since ${since}`)
    t.match(await client.ofType('snapshot'), { n: 20, items: [{ key: 'U1 vacancy', colour: 'yellow' }] })
  }
  t.equal(push.stats().resumes.reload, 3)
})

t.test('a cursor of another history is answered with a snapshot, though its n could be resumed', async (t) => {
  const world = new World(t)
  for (let n = 1; n <= 20; n += 1) world.truth.change('U1', 'XH', n % 2 ? 'red' : 'yellow')
  const { address } = await world.start()
  const cases = [
    { epoch: 'history-0', resumed: false },
    { epoch: 'history-1', resumed: true },
    { epoch: undefined, resumed: true },
  ]
  for (const { epoch, resumed } of cases) {
    const client = await world.client(address)
    client.hello()
    client.send({ type: 'subscribe', topics: [{ topic: 'all', since: 5 }], ...(epoch !== undefined && { epoch }) })
    t.match(await client.ofType('subscribed'), { resumed }, String(epoch))
    t.match(await client.ofType('welcome'), { epoch: 'history-1' })
    await client.frame(({ type, n }) => (type === 'transition' || type === 'snapshot') && n === 20)
  }
})

t.test('a core that comes back with another history: every client is sent away and reloads', async (t) => {
  const world = new World(t)
  for (let n = 1; n <= 4; n += 1) world.truth.change('OLD', 'XH', n % 2 ? 'red' : 'yellow')
  const { address } = await world.start()
  const follower = world.follow(address, { topics: [{ topic: 'all' }, { topic: 'unit/OLD' }] })
  await until(() => follower.agrees(world.truth))
  await world.stopCore()
  world.truth = new Truth()
  world.epoch = 'history-2'
  for (let n = 1; n <= 9; n += 1) world.truth.change('NEW', 'TS', n % 2 ? 'red' : 'yellow')
  await world.startCore()
  await until(() => follower.agrees(world.truth) && follower.watch.cursors()['all'] === 9)
  t.same(follower.codes, [4503])
  world.publish(world.truth.change('NEW', 'TS', 'green'))
  await until(() => follower.agrees(world.truth) && follower.watch.cursors()['all'] === 10)
  t.equal(follower.watch.gaps, 0)
})

t.test('a snapshot for many is read once, encoded once, and framed once in each process', async (t) => {
  let asked = 0
  const world = new World(t)
  for (let unit = 0; unit < 9; unit += 1) world.truth.change(`U${unit}`, 'XH', 'red')
  const { onSnapshot } = world.truth
  const counting = new World(t, {
    snapshotReuseMs: 600_000,
    onSnapshot: (topic) => {
      asked += 1
      return onSnapshot(topic)
    },
  })
  counting.truth = world.truth
  const settings = { snapshotReuseMs: 600_000 }
  const first = await counting.start(settings)
  const pushes = [first, await counting.startPush(settings), await counting.startPush(settings)]
  await until(() => counting.bus?.stats().processes === 3)
  for (const { push, address } of pushes) {
    await until(async () => (await counting.client(address)).welcome())
    const clients = await Promise.all(Array.from({ length: 20 }, () => counting.client(address)))
    for (const client of clients) {
      client.hello()
      client.subscribe({ topic: 'all' })
    }
    const parts = ({ type, part, parts }: { type: string; [field: string]: unknown }) =>
      type === 'snapshot' && part === parts
    const last = await Promise.all(clients.map((client) => client.frame(parts)))
    t.ok(Number(last[0]?.['parts']) > 1, 'it has several parts')
    t.equal(push.stats().snapshotFrames, last[0]?.['parts'], 'each is framed once for 20 clients')
    t.equal(push.stats().resumes.reload, 20)
  }
  t.equal(asked, 1, 'one reading, one encoding for three processes')
})

t.test('cohorts: 23 clients in cohorts of 5 each get every transition once and in order', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ cohortSubscribersMax: 5 })
  const clients = await Promise.all(Array.from({ length: 23 }, () => world.client(address)))
  for (const client of clients) {
    client.hello()
    client.subscribe({ topic: 'county/XH' })
  }
  await Promise.all(clients.map((client) => client.ofType('snapshot')))
  const narrow = await world.client(address)
  narrow.hello()
  narrow.subscribe({ topic: 'unit/N' })
  await narrow.ofType('snapshot')
  for (let n = 0; n < 100; n += 1) {
    world.publish(world.truth.change(`U${n % 7}`, 'XH', n % 2 ? 'red' : 'green'))
    if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const last = world.truth.change('N', 'XH', 'red')
  world.publish(last)
  await Promise.all([...clients, narrow].map((client) => client.transition(last.n)))
  const wanted = world.truth.transitions.map(({ n }) => n)
  for (const client of clients) t.same(client.ns('county/XH'), wanted)
  t.same(narrow.ns('unit/N'), [last.n])
  t.equal(push.stats().deliveries, 23 * 101 + 1)
  // Some leave, others come, while cohorts are being served.
  for (const client of clients.slice(0, 9)) client.socket.terminate()
  const more = await Promise.all(Array.from({ length: 6 }, () => world.client(address)))
  for (const client of more) {
    client.hello()
    client.subscribe({ topic: 'county/XH', since: 50 })
    world.publish(world.truth.change('U1', 'XH', 'red'), world.truth.change('U1', 'XH', 'green'))
  }
  const end = world.truth.n
  await Promise.all([...clients.slice(9), ...more].map((client) => client.transition(end)))
  const all = world.truth.transitions.map(({ n }) => n)
  for (const client of clients.slice(9)) t.same(client.ns('county/XH'), all)
  for (const client of more) t.same(client.ns('county/XH'), all.slice(50))
})

t.test('a colour filter passes what enters or leaves the colour, and has its own chain', async (t) => {
  const world = new World(t)
  world.truth.change('U1', 'XH', 'red')
  world.truth.change('U2', 'XH', 'yellow')
  const { address } = await world.start()
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'county/XH?colour=red' })
  t.match(await client.ofType('snapshot'), { n: 2, items: [{ key: 'U1 vacancy', colour: 'red' }] })
  world.publish(
    world.truth.change('U2', 'XH', 'green'), // 3: not red before nor after
    world.truth.change('U1', 'XH', 'yellow'), // 4: leaves
    world.truth.change('U3', 'TS', 'red'), // 5: elsewhere
    world.truth.change('U2', 'XH', 'red'), // 6: enters
    world.truth.change('U1', 'XH', 'green'), // 7
    world.truth.change('U2', 'XH', 'green'), // 8: leaves
  )
  await client.transition(8)
  const topic = 'county/XH?colour=red'
  t.same(client.ns(topic), [4, 6, 8])
  const chain = client.frames.filter(({ type }) => type === 'transition').map((frame) => frame['p'])
  t.same(chain.slice(1), [4, 6])
  t.ok((chain[0] as number) <= 2, 'no gap is seen where there is none')
  const resumed = await world.client(address)
  resumed.hello()
  resumed.subscribe({ topic, since: 4 })
  await resumed.transition(8)
  t.same(resumed.ns(topic), [6, 8])
  t.same(
    resumed.frames.filter(({ type }) => type === 'transition').map((frame) => frame['p']),
    [4, 6],
  )
})

t.test('figures come to those who asked, the latest wins, and none are kept for later', async (t) => {
  const world = new World(t, { figuresEveryMs: 20 })
  const { address } = await world.start()
  const with_ = await world.client(address)
  const without = await world.client(address)
  with_.hello()
  without.hello()
  with_.subscribe({ topic: 'city', figures: true }, { topic: 'county/XH?colour=red', figures: true })
  without.subscribe({ topic: 'city' })
  await Promise.all([with_, without].map((client) => client.ofType('snapshot')))
  const { bus } = world
  await until(() => bus?.subscribedFigures().size === 2)
  t.same([...(bus?.subscribedFigures() ?? [])].sort(), ['city', 'county/XH'])
  for (let value = 1; value <= 1000; value += 1) bus?.figures('city', () => ({ value }))
  bus?.figures('county/XH', () => ({ value: -1 }))
  await with_.frame((frame) => frame.type === 'figures' && (frame['values'] as { value: number }).value === 1000)
  t.match(await with_.frame((frame) => frame.type === 'figures' && frame['topic'] === 'county/XH?colour=red'), {
    values: { value: -1 },
  })
  const seen = with_.frames.filter(({ type, topic }) => type === 'figures' && topic === 'city')
  t.ok(seen.length <= 3, `1000 figures became ${seen.length} frames`)
  with_.send({ type: 'unsubscribe', topics: ['city', 'county/XH?colour=red'] })
  await until(() => bus?.subscribedFigures().size === 0)
  t.notOk(without.frames.some(({ type }) => type === 'figures'))
})

t.test('a ping names the heads, and a lost transition is noticed by it', async (t) => {
  const world = new World(t)
  world.truth.change('U1', 'XH', 'red')
  const { address } = await world.start({ heartbeatMs: 500 })
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'unit/U1' }, { topic: 'all' })
  await client.frame((frame) => frame.type === 'snapshot' && frame['topic'] === 'all')
  world.publish(world.truth.change('U2', 'XH', 'red'))
  await client.transition(2)
  const from = client.frames.length
  const ping = await client.frame(({ type }) => type === 'ping', from)
  t.same(ping['heads'], { 'unit/U1': 1, all: 2 })
})

t.test('a dropped delivery is seen as a gap, and mended by a resume', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ faultDropRatio: 0.2, heartbeatMs: 300 })
  const follower = world.follow(address, { topics: [{ topic: 'all' }, { topic: 'county/XH?colour=red' }] })
  await until(() => follower.agrees(world.truth))
  for (let n = 0; n < 50; n += 1) {
    world.publish(world.truth.change(`U${n % 5}`, 'XH', n % 3 ? 'red' : 'yellow'))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => follower.watch.cursors()['all'] === world.truth.n && follower.agrees(world.truth))
  t.ok(push.stats().faults > 0)
  t.ok(follower.watch.gaps > 0)
  t.same(
    follower.seen.get('all'),
    world.truth.transitions.map(({ n }) => n),
    'nothing is missing in the end',
  )
})

t.test('without the core clients stay and are told; when it is back they get what they missed', async (t) => {
  const world = new World(t)
  world.truth.change('U1', 'XH', 'red')
  const { address } = await world.start()
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'all' })
  await client.ofType('snapshot')
  await world.stopCore()
  const stale = await client.ofType('stale')
  t.match(stale, { since: '2024-07-03T09:15:00.000+08:00', why: String })
  const late = await world.client(address)
  late.hello()
  t.match(await late.ofType('stale'), stale, 'one who comes meanwhile is told too')
  late.subscribe({ topic: 'unit/U1' })
  world.truth.change('U1', 'XH', 'green')
  world.truth.change('U1', 'XH', 'yellow')
  await world.startCore()
  await Promise.all([client.ofType('fresh'), late.ofType('fresh')])
  await client.transition(3)
  t.same(client.ns('all'), [2, 3])
  t.match(await late.ofType('snapshot'), { n: 3, items: [{ key: 'U1 vacancy', colour: 'yellow' }] })
  world.publish(world.truth.change('U1', 'XH', 'red'))
  await Promise.all([client.transition(4), late.transition(4)])
  t.same(client.ns('all'), [2, 3, 4])
})

t.test('when too much happened without the core, each subscription is resumed or reloaded by itself', async (t) => {
  const world = new World(t, { catchUpTransitionsMax: 10 })
  const { push, address } = await world.start()
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'unit/QUIET' }, { topic: 'county/XH' })
  await client.frame((frame) => frame.type === 'snapshot' && frame['topic'] === 'county/XH')
  await world.stopCore()
  await client.ofType('stale')
  for (let n = 0; n < 30; n += 1) world.truth.change('LOUD', 'XH', n % 2 ? 'red' : 'yellow')
  world.truth.change('QUIET', 'XH', 'red')
  const from = client.frames.length
  await world.startCore()
  await client.ofType('fresh')
  const after = client.frames.slice(from).map(({ type, topic }) => `${type} ${topic ?? ''}`.trim())
  t.same(after.sort(), ['fresh', 'snapshot county/XH', 'subscribed county/XH', 'transition unit/QUIET'])
  t.equal(client.frames.at(-1)?.type, 'fresh', 'fresh is said when all is made up for')
  world.publish(world.truth.change('QUIET', 'XH', 'green'))
  await client.frame((frame) => frame['n'] === 32 && frame['topic'] === 'county/XH')
  t.same(client.ns('unit/QUIET'), [31, 32])
  t.same(client.ns('county/XH'), [32])
  t.equal(push.stats().clients, 1)
})

t.test('what needs the core waits for it, but not for ever', async (t) => {
  const world = new World(t)
  world.truth.change('U1', 'XH', 'red')
  const { address } = await world.start({ coreWaitMs: 20, heartbeatMs: 2560 })
  await world.stopCore()
  const client = await world.client(address)
  client.hello()
  await client.ofType('stale')
  client.subscribe({ topic: 'unit/U1' })
  t.match(await client.ofType('error'), { code: 'QW_CORE_AWAY', topic: 'unit/U1' })
  t.equal(client.socket.readyState, client.socket.OPEN, 'the connection stays')
})

t.test('a push process that stops tells every client to come back', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ cohortSubscribersMax: 3 })
  const clients = await Promise.all(Array.from({ length: 10 }, () => world.client(address)))
  for (const client of clients) client.hello()
  await Promise.all(clients.map((client) => client.ofType('welcome')))
  await push.stop()
  for (const client of clients) {
    t.equal(await client.closed, 4503)
    t.match(await client.ofType('bye'), { code: 'QW_STOPPING', reconnect: true, afterMs: Number })
  }
  t.equal(push.stats().clients, 0)
  t.equal(push.stats().closes['4503'], 10)
  await t.rejects(world.client(address), 'nobody is let in any more')
})

t.test('the core sums up what its push processes count, the ended ones included', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start()
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'all', since: 0 })
  await client.ofType('subscribed')
  world.publish(world.truth.change('U1', 'XH', 'red'))
  await client.transition(1)
  const { bus } = world
  await until(() => bus?.stats().deliveries === 1 && bus.stats().clients === 1)
  t.match(bus?.stats(), { processes: 1, subscriptions: 1, resumes: { ring: 1, record: 0, reload: 0 } })
  await push.stop()
  await until(() => bus?.stats().processes === 0)
  t.match(bus?.stats(), { deliveries: 1, clients: 0, subscriptions: 0 })
})

t.test('the token decides what is heard', async (t) => {
  const world = new World(t)
  const { address } = await world.start({ anonymousRole: undefined })
  const allowed = async (claims: Parameters<typeof signToken>[1], topic: string) => {
    const client = await world.client(address)
    client.hello(await signToken(secret, claims, 60))
    client.subscribe({ topic })
    const answer = await client.frame((frame) => frame.type === 'subscribed' || frame.type === 'error')
    client.socket.terminate()
    return answer.type === 'subscribed' ? true : answer['code']
  }
  const table = [
    [{ role: 'viewer' }, 'county/XH', true],
    [{ role: 'viewer' }, 'city', true],
    [{ role: 'viewer' }, 'freezes', true],
    [{ role: 'viewer' }, 'all', 'QW_NOT_ALLOWED'],
    [{ role: 'wall' }, 'all', true],
    [{ role: 'wall', county: 'XH' }, 'all', 'QW_NOT_ALLOWED'],
    [{ role: 'viewer', county: 'XH' }, 'county/XH?colour=red', true],
    [{ role: 'viewer', county: 'XH' }, 'county/TS', 'QW_NOT_ALLOWED'],
    [{ role: 'officer', unit: 'U1' }, 'unit/U1', true],
    [{ role: 'officer', unit: 'U1' }, 'unit/U2', 'QW_NOT_ALLOWED'],
    [{ role: 'officer' }, 'unit/U1', 'QW_NOT_ALLOWED'],
    [{ role: 'viewer', topics: ['city'] }, 'city', true],
    [{ role: 'viewer', topics: ['city'] }, 'freezes', 'QW_NOT_ALLOWED'],
    [{ role: 'viewer', topics: [] }, 'city', 'QW_NOT_ALLOWED'],
    [{ role: 'wall' }, 'unit/NOBODY', 'QW_TOPIC_UNKNOWN'],
  ] as const
  for (const [claims, topic, wanted] of table)
    t.equal(await allowed(claims, topic), wanted, `${JSON.stringify(claims)} ${topic}`)
})

t.test('a core that repeats what was held already is heard once; one that leaves something out is left', async (t) => {
  const truth = new Truth()
  const all = Array.from({ length: 6 }, () => truth.change('U1', 'XH', 'red'))
  const world = new World(t)
  const hellos: unknown[] = []
  const core = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on(
      'data',
      createSplitter(1e6, (kind, payload) => {
        if (kind !== kinds.hello) return
        hellos.push(JSON.parse(payload.toString()).have)
        socket.write(
          jsonMessage(kinds.sync, {
            resumed: hellos.length > 1,
            from: 0,
            clock: { nowMs, kind: 'scenario' },
            epoch: 'x',
          }),
        )
        socket.write(transitionsMessage(all.slice(0, 3)))
        if (hellos.length === 1) socket.write(transitionsMessage(all.slice(1, 4)))
        // The first time 5 is missing before 6.
        socket.write(transitionsMessage(hellos.length === 1 ? all.slice(5) : all.slice(3)))
        socket.write(jsonMessage(kinds.current, {}))
      }),
    )
    t.teardown(() => socket.destroy())
  })
  await new Promise<void>((resolve) => core.listen(world.path, resolve))
  t.teardown(() => core.close())
  const { address } = await world.startPush()
  await until(async () => (await world.client(address)).welcome())
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'all', since: 0 })
  await client.transition(6)
  t.same(client.ns('all'), [1, 2, 3, 4, 5, 6])
  t.same(hellos, [undefined, 4], 'it came back once, and named what it held')
})
