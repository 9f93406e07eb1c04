/**
 * The stream as server-sent events: the same frames, cursors in `Last-Event-ID`, and bounds of its own.
 */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { PushSettings } from '../../src/stream/push.js'
import { readLastEventId } from '../../src/stream/sse.js'
import { signToken } from '../../src/stream/token.js'
import { EventSource } from './event-source.js'
import { secret, until, World } from './world.js'

const rule = 'r'.repeat(8000)

async function started(t: Test, settings: Partial<PushSettings> = {}) {
  const world = new World(t)
  const { push, address } = await world.start(settings)
  const base = `${address.replace('ws:', 'http:')}/sse`
  const open = (topics: readonly string[], headers: Record<string, string> = {}) =>
    EventSource.open(t, `${base}?${topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join('&')}`, headers)
  return { world, push, base, open }
}

t.test('a client is welcomed, subscribed and given snapshots, in one ordered lane', async (t) => {
  const { world, open } = await started(t)
  world.truth.change('U1', 'XH', 'red')
  const events = await open(['unit/U1', 'county/TS'])
  t.equal(events.status, 200)
  t.match(events.headers, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  await events.frame(({ type, topic }) => type === 'snapshot' && topic === 'county/TS')
  t.same(
    events.frames.map(({ type, topic }) => [type, topic]),
    [
      ['welcome', undefined],
      ['subscribed', 'unit/U1'],
      ['snapshot', 'unit/U1'],
      ['subscribed', 'county/TS'],
      ['snapshot', 'county/TS'],
    ],
  )
  t.match(events.frames[0], { lane: 'common', role: 'wall', epoch: 'history-1' })
  t.match(events.frames[2], { n: 1, items: [{ key: 'U1 vacancy', colour: 'red' }] })
  t.equal(events.lastEventId, 'history-1:1.1')
})

t.test('every frame that moves a cursor carries where the client stands on each of its topics', async (t) => {
  const { world, open } = await started(t)
  const events = await open(['all', 'county/TS', 'unit/U1'])
  await events.frame(({ type, topic }) => type === 'snapshot' && topic === 'unit/U1')
  world.publish(world.truth.change('U1', 'XH', 'red'))
  await events.transition('unit/U1', 1)
  world.publish(world.truth.change('U2', 'TS', 'red'))
  await events.transition('county/TS', 2)
  await events.transition('all', 2)
  t.equal(events.lastEventId, 'history-1:2.2.1')
  t.same(events.ns('all'), [1, 2])
  t.match(await events.transition('all', 2), { p: 1, kind: 'alert', subject: 'U2' })
  const before = events.ids[events.frames.findIndex(({ type }) => type === 'snapshot')]
  t.equal(before, 'history-1:0.-.-', 'topics without a snapshot have no cursor yet')
})

t.test(
  'a client that comes back is resumed exactly, topic by topic, and reloads only what has no cursor',
  async (t) => {
    const { world, open } = await started(t, { ringTransitionsMax: 4 })
    const first = await open(['all', 'unit/U1'])
    await first.frame(({ type, topic }) => type === 'snapshot' && topic === 'unit/U1')
    for (let n = 0; n < 5; n += 1) world.publish(world.truth.change(`U${n % 2}`, 'XH', n % 4 < 2 ? 'red' : 'green'))
    await first.transition('all', 5)
    const id = first.lastEventId
    first.disconnect()
    // More than the ring holds: the record is asked.
    for (let n = 5; n < 15; n += 1) world.publish(world.truth.change(`U${n % 2}`, 'XH', n % 4 < 2 ? 'red' : 'green'))
    const second = await open(['all', 'unit/U1'], { 'last-event-id': id })
    await second.transition('all', 15)
    await until(() => second.ns('unit/U1').at(-1) === world.truth.ns('unit/U1').at(-1))
    for (const topic of ['all', 'unit/U1'])
      t.same(
        [...first.ns(topic), ...second.ns(topic)],
        world.truth.ns(topic),
        `${topic}: nothing twice, nothing missing`,
      )
    t.notOk(second.frames.some(({ type }) => type === 'snapshot'))
    const third = await open(['all', 'unit/U1'], { 'last-event-id': 'history-1:15.-' })
    t.match(await third.ofType('snapshot'), { topic: 'unit/U1', n: 15 })
    t.match(await third.frame(({ topic }) => topic === 'all'), { type: 'subscribed', resumed: true })
  },
)

t.test('an id of another history, of other topics, or of nobody is answered with snapshots', async (t) => {
  const { world, open } = await started(t)
  world.publish(world.truth.change('U1', 'XH', 'red'), world.truth.change('U1', 'XH', 'green'))
  for (const id of ['history-0:1', 'history-1:1.1', 'history-1:-', 'history-1:9999', 'nonsense', '1', ':1']) {
    const events = await open(['all'], { 'last-event-id': id })
    t.match(await events.ofType('subscribed'), { resumed: false }, id)
  }
  const events = await open(['all'], { 'last-event-id': 'history-1:1' })
  t.match(await events.ofType('subscribed'), { resumed: true })
})

t.test('an id that was written is read as it was; any other text is none or has the right form', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9a-f]{1,64}$/),
        fc.array(fc.option(fc.nat()), { minLength: 1 }),
        (epoch, ns) => {
          const read = readLastEventId(`${epoch}:${ns.map((n) => n ?? '-').join('.')}`, ns.length)
          return read?.epoch === epoch && read.cursors.every((n, index) => (n ?? null) === ns[index])
        },
      ),
    ),
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.string(), fc.nat(3), (text, topics) => {
        const read = readLastEventId(text, topics)
        return read === undefined || (read.cursors.length === topics && text.startsWith(`${read.epoch}:`))
      }),
    ),
  )
})

t.test('a request that cannot be served is answered by a status, with a reason', async (t) => {
  const { base, open, push } = await started(t, { anonymousRole: undefined, topicsPerClientMax: 2, clientsMax: 5 })
  await isProblem(t, await EventSource.open(t, base), 400, 'QW_TOPIC_UNKNOWN')
  await isProblem(t, await open(['county/ZZ']), 400, 'QW_TOPIC_UNKNOWN')
  await isProblem(t, await open(['city'], { origin: 'https://elsewhere.example' }), 403, 'QW_NOT_ALLOWED')
  await isProblem(t, await open(['city']), 401, 'QW_TOKEN_INVALID')
  t.equal((await open(['city'], { authorization: 'Bearer x.y.z' })).status, 401)
  const token = await signToken(secret, { role: 'viewer' }, 60)
  t.equal((await EventSource.open(t, `${base}?topic=city&token=${token}`)).status, 401, 'never in an address')
  const authorization = `Bearer ${token}`
  const many = await open(['city', 'freezes', 'county/XH'], { authorization })
  t.match(await many.ofType('bye'), { code: 'QW_TOO_MANY_FRAMES' })
  const refused = await open(['all', 'city'], { authorization })
  t.match(await refused.ofType('error'), { code: 'QW_NOT_ALLOWED', topic: 'all' })
  await refused.frame(({ type, topic }) => type === 'snapshot' && topic === 'city')
  await until(() => push.stats().clients === 1)
  const others = await Promise.all([1, 2, 3, 4].map(() => open(['city'], { authorization })))
  t.same(
    others.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  const full = await open(['city'], { authorization })
  t.equal(full.headers['retry-after'], '1')
  await isProblem(t, full, 503, 'QW_BUSY')
})

t.test('an address or a method that is none is a problem document too', async (t) => {
  const { base } = await started(t)
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(new URL(path, base), { method })
    t.equal(answer.headers.get('content-type'), 'application/problem+json', `${method} ${path}`)
    return { allow: answer.headers.get('allow'), problem: (await answer.json()) as object }
  }
  for (const path of ['/', '/v1/units', '/v1/stream'])
    t.match(await ask(path), { problem: { status: 404, code: 'QW_NOT_FOUND', instance: path } })
  for (const path of ['/v1/stream/sse?topic=city', '/livez']) {
    const { allow, problem } = await ask(path, 'POST')
    t.equal(allow, 'GET')
    t.match(problem, { status: 405, code: 'QW_METHOD_NOT_ALLOWED' })
  }
})

t.test('in an exercise every answer says so, the stream and each refusal', async (t) => {
  const token = 'x.y.z'
  for (const clock of ['scenario', 'system'] as const) {
    const settings = { clock, clientsMax: 1, anonymousRole: 'viewer' } as const
    const { base, open, push } = await started(t, settings)
    const stream = await open(['city'])
    await stream.ofType('snapshot')
    const answers = [stream, await open(['city'])]
    stream.disconnect()
    await until(() => push.stats().clients === 0)
    answers.push(
      await open(['county/ZZ'], { origin: 'http://wall.example:8600' }),
      await open(['city'], { authorization: `Bearer ${token}` }),
      await open(['city'], { origin: 'https://elsewhere.example' }),
      await EventSource.open(t, new URL('/livez', base).href),
      await EventSource.open(t, new URL('/none', base).href),
    )
    t.same(
      answers.map(({ status }) => status),
      [200, 503, 400, 401, 403, 200, 404],
    )
    const expected = clock === 'scenario' ? 'true' : undefined
    for (const { status, headers } of answers)
      t.equal(headers['x-quotawatch-exercise'], expected, `${clock} clock, ${status}`)
    t.equal(answers[2]?.headers['access-control-allow-origin'], 'http://wall.example:8600', 'a page of ours reads why')
  }
})

/** As the HTTP API answers it (RFC 9457). */
async function isProblem(t: Test, answer: EventSource, status: number, code: string): Promise<void> {
  t.equal(answer.status, status)
  t.equal(answer.headers['content-type'], 'application/problem+json')
  const problem = JSON.parse(await answer.body) as Record<string, unknown>
  t.match(problem, { type: `urn:quotawatch:problem:${code}`, status, code, instance: '/v1/stream/sse' })
  t.ok(String(problem['title']).length >= 4 && String(problem['detail']).length > 10)
  t.notMatch(problem['detail'], /[{}]/, 'every placeholder is filled')
}

t.test('a page of ours may read what it asked for', async (t) => {
  const { open } = await started(t)
  const origin = 'http://wall.example:8600'
  const events = await open(['city'], { origin })
  t.equal(events.headers['access-control-allow-origin'], origin)
  t.equal(events.headers.vary, 'origin')
})

t.test('a token that ends, and a process that stops, end it with a bye that says when to come back', async (t) => {
  const { push, open } = await started(t, { heartbeatMs: 200 })
  const token = await signToken(secret, { role: 'viewer' }, 1)
  const short = await open(['city'], { authorization: `Bearer ${token}` })
  t.match(await short.ofType('bye'), { code: 'QW_TOKEN_INVALID', reconnect: false })
  const events = await open(['city'])
  await events.ofType('snapshot')
  await until(() => events.comments > 2)
  t.notOk(
    events.frames.some(({ type }) => type === 'ping'),
    'nobody would answer it',
  )
  await push.stop()
  const bye = await events.ofType('bye')
  t.match(bye, { code: 'QW_STOPPING', reconnect: true })
  await events.body
  t.equal(events.retryMs, bye['afterMs'])
})

t.test('a crowd waits here as well, or is told with a status to come back', async (t) => {
  const { push, open } = await started(t, { admissionsPerSecondMax: 1, admissionWaitMsMax: 1500 })
  await until(() => push.stats().clients === 0)
  const all = await Promise.all([1, 2, 3, 4].map(() => open(['city'])))
  const away = all.filter(({ status }) => status === 503)
  t.ok(away.length >= 2, `${away.length} of 4`)
  for (const one of away) {
    t.ok(Number(one.headers['retry-after']) >= 2)
    t.match(JSON.parse(await one.body), { code: 'QW_BUSY', status: 503 })
  }
  for (const one of all.filter(({ status }) => status === 200)) await one.ofType('snapshot')
})

t.test('one that does not read is given no more, and is ended; others notice nothing', async (t) => {
  const rule = 'r'.repeat(100_000)
  const { world, push, open } = await started(t, { heartbeatMs: 2000 })
  const slow = await open(['all'])
  const quick = await open(['all'])
  await Promise.all([slow.ofType('snapshot'), quick.ofType('snapshot')])
  slow.pause()
  // The kernel takes what its buffers may grow to (on loopback up to net.ipv4.tcp_rmem, 32 MiB) before it takes no more.
  const isEnded = () => push.stats().closes['4508'] === 1
  while (!isEnded() && world.truth.n * rule.length < 48 * 1024 * 1024) {
    for (let n = 0; n < 10; n += 1) world.publish(world.truth.change('U1', 'XH', n % 2 ? 'red' : 'green', rule))
    await quick.transition('all', world.truth.n)
  }
  await until(isEnded)
  // What it does not get any more.
  world.publish(world.truth.change('U1', 'XH', 'red', rule))
  await quick.transition('all', world.truth.n)
  t.equal(push.stats().clients, 1)
  slow.resume()
  await slow.body
  const ns = slow.ns('all')
  t.same(
    ns,
    ns.map((_, index) => index + 1),
    'what it got was without a gap',
  )
  t.ok(ns.length < world.truth.n, `${ns.length} of ${world.truth.n}`)
  const again = await open(['all'], { 'last-event-id': slow.lastEventId })
  await again.transition('all', world.truth.n)
  t.same([...ns, ...again.ns('all')], world.truth.ns('all'))
  t.same(quick.ns('all'), world.truth.ns('all'))
})

t.test('a response ends when it has carried so much, and its client goes on from there', async (t) => {
  const { world, push, open } = await started(t, { eventStreamBytesMax: 100_000 })
  const topics = ['all', 'unit/U1', 'county/TS']
  const ns = new Map(topics.map((topic) => [topic, [] as number[]]))
  let responses = 0
  let id: string | undefined
  for (let n = 0; n < 100; n += 1) world.publish(world.truth.change('U1', 'XH', n % 2 ? 'red' : 'green', rule))
  for (;;) {
    const events = await open(topics, { 'last-event-id': id ?? 'history-1:0.0.0' })
    const isDone = () =>
      topics.every((topic) => [...(ns.get(topic) ?? []), ...events.ns(topic)].length === world.truth.ns(topic).length)
    await until(() => isDone() || events.retryMs === 100)
    const done = isDone()
    for (const topic of topics) ns.get(topic)?.push(...events.ns(topic))
    id = events.lastEventId
    responses += 1
    if (done) break
    t.ok((await events.body).length < 100_000 + 2 * rule.length + 4096, 'no more than that, and a frame')
  }
  for (const topic of topics) t.same(ns.get(topic), world.truth.ns(topic), topic)
  t.ok(responses > 10, `${responses} responses`)
  await until(() => push.stats().clients <= 1)
})

t.test('the kernel holds no more than that for one that does not read', async (t) => {
  const { world, push, open } = await started(t, { eventStreamBytesMax: 100_000 })
  const slow = await open(['all'])
  await slow.ofType('snapshot')
  slow.pause()
  while (push.stats().clients > 0 && world.truth.n * rule.length < 12 * 1024 * 1024) {
    world.publish(world.truth.change('U1', 'XH', world.truth.n % 2 ? 'red' : 'green', rule))
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(push.stats().clients, 0, 'long before the kernel takes no more')
  slow.resume()
  t.ok((await slow.body).length < 100_000 + rule.length + 4096)
  t.equal(slow.ns('all').at(-1), slow.ns('all').length, 'without a gap')
})

t.test('one that reads slowly gets everything at its own pace', async (t) => {
  const { world, open } = await started(t)
  const events = await open(['all', 'county/XH?colour=red'])
  await events.frame(({ type, topic }) => type === 'snapshot' && topic === 'county/XH?colour=red')
  for (let round = 0; round < 4; round += 1) {
    events.pause()
    for (let n = 0; n < 400; n += 1) world.publish(world.truth.change('U1', 'XH', n % 2 ? 'red' : 'green', rule))
    await new Promise((resolve) => setImmediate(resolve))
    events.resume()
    await events.transition('all', world.truth.n)
    await events.transition('county/XH?colour=red', world.truth.n)
  }
  for (const topic of ['all', 'county/XH?colour=red']) t.same(events.ns(topic), world.truth.ns(topic), topic)
})
