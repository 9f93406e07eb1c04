/**
 * Clients that do not read, and a core that is not read by a push process.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import t from 'tap'
import { jsonMessage, kinds } from '../../src/stream/wire.js'
import { until, World } from './world.js'

const rule = 'r'.repeat(8000)

/** Bytes that the kernel holds for the connections of a port, on both ends: sent and not read by the program. */
function kernelBytes(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote]) => local?.endsWith(`:${hex}`) || remote?.endsWith(`:${hex}`))
    .flatMap(([, , , , queues]) => queues?.split(':') ?? [])
    .reduce((sum, queue) => sum + Number.parseInt(queue, 16), 0)
}

t.test('a client that stops reading is given no more, is closed, and resumes without a gap', async (t) => {
  const world = new World(t)
  // More than the socket of a Node client takes in by itself while its owner does not read.
  const owedMax = 256 * 1024
  const { push, address } = await world.start({ sendQueueBytesMax: owedMax, heartbeatMs: 2000 })
  const slow = await world.client(address)
  const quick = world.follow(address, { topics: [{ topic: 'all' }] })
  slow.hello()
  slow.subscribe({ topic: 'all' }, { topic: 'county/XH' })
  await slow.frame(({ type, topic }) => type === 'snapshot' && topic === 'county/XH')
  await until(() => quick.agrees(world.truth))
  slow.socket.pause()
  const before = kernelBytes(push.port)
  let most = 0
  while (world.truth.n * rule.length < 8 * owedMax) {
    for (let n = 0; n < 10; n += 1) world.publish(world.truth.change('U1', 'XH', n % 2 ? 'red' : 'yellow', rule))
    await until(() => quick.watch.cursors()['all'] === world.truth.n)
    most = Math.max(most, kernelBytes(push.port) - before)
  }
  const turn = 16 * 1024 + rule.length
  t.ok(
    most > owedMax / 2 && most < owedMax + 2 * turn,
    `${most} bytes: what may be owed, and a turn of each topic more`,
  )
  await until(() => push.stats().closes['4508'] === 1)
  slow.socket.resume()
  t.equal(await slow.closed, 4508)
  t.match(slow.frames.at(-1), { type: 'bye', code: 'QW_TOO_SLOW', reconnect: true })
  t.equal(push.stats().drops, 0)
  const ns = slow.ns('all')
  t.same(
    ns,
    ns.map((_, index) => index + 1),
    'what it got was without a gap',
  )
  const again = await world.client(address)
  again.hello()
  again.subscribe({ topic: 'all', since: ns.at(-1) ?? 0 })
  await again.transition(world.truth.n)
  t.same(
    [...ns, ...again.ns('all')],
    world.truth.transitions.map(({ n }) => n),
    'together they are whole',
  )
  t.equal(quick.watch.connections, 1, 'nobody else noticed')
})

t.test('a client that reads again in time goes on where it stood, and comes back to its cohort', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ sendQueueBytesMax: 8 * 1024 })
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'all' }, { topic: 'county/XH?colour=red' }, { topic: 'unit/U1' })
  await client.frame(({ type, topic }) => type === 'snapshot' && topic === 'unit/U1')
  for (let round = 0; round < 3; round += 1) {
    client.socket.pause()
    for (let n = 0; n < 20; n += 1) {
      world.publish(world.truth.change('U1', 'XH', n % 2 ? 'red' : 'green', rule))
      await new Promise((resolve) => setImmediate(resolve))
    }
    client.socket.resume()
    await client.frame(({ topic, n }) => topic === 'unit/U1' && n === world.truth.n)
    await client.frame(({ topic, n }) => topic === 'county/XH?colour=red' && n === world.truth.n)
    await client.frame(({ topic, n }) => topic === 'all' && n === world.truth.n)
  }
  for (const topic of ['all', 'county/XH?colour=red', 'unit/U1']) t.same(client.ns(topic), world.truth.ns(topic), topic)
  const { publications } = push.stats()
  world.publish(world.truth.change('U1', 'XH', 'red'))
  await client.frame(({ topic, n }) => topic === 'all' && n === world.truth.n)
  const last = client.frames.filter(({ n }) => n === world.truth.n)
  t.ok(last.length > 0 && last.every((frame) => 'stamps' in frame), 'published like everybody else, not resumed')
  t.equal(push.stats().publications - publications, 3)
  t.same([push.stats().closes, push.stats().drops], [{}, 0])
})

t.test('an answer to a ping that was not asked says nothing about what was read', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ sendQueueBytesMax: 8 * 1024, heartbeatMs: 500 })
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'all' })
  await client.ofType('snapshot')
  client.socket.pause()
  while (push.stats().closes['4508'] === undefined) {
    world.publish(world.truth.change('U1', 'XH', 'red', rule), world.truth.change('U1', 'XH', 'green', rule))
    client.socket.pong('0')
    client.socket.pong('')
    await new Promise((resolve) => setImmediate(resolve))
  }
  client.socket.resume()
  t.equal(await client.closed, 4508)
})

t.test('a snapshot much larger than the send queue reaches a client that reads slowly', async (t) => {
  const world = new World(t, { snapshotPartBytesMax: 4000 })
  for (let unit = 0; unit < 300; unit += 1) world.truth.change(`U${unit}`, 'XH', 'red', rule)
  const { push, address } = await world.start({ sendQueueBytesMax: 16 * 1024 })
  const client = await world.client(address)
  client.hello()
  client.socket.pause()
  client.subscribe({ topic: 'all' })
  // More comes while the snapshot is on its way.
  await until(() => push.stats().resumes.reload === 1)
  world.publish(world.truth.change('U1', 'XH', 'yellow'))
  client.socket.resume()
  await client.transition(world.truth.n)
  t.equal(client.frames.filter(({ type }) => type === 'snapshot').flatMap((frame) => frame['items']).length, 300)
  t.equal(push.stats().drops, 0)
})

t.test('a push process that does not read is cut off, and the others are served', async (t) => {
  const world = new World(t, { pushQueueBytesMax: 256 * 1024 })
  const { address } = await world.start()
  const follower = world.follow(address, { topics: [{ topic: 'all' }] })
  await until(() => follower.agrees(world.truth))
  const deaf = connect(world.path)
  t.teardown(() => deaf.destroy())
  deaf.on('error', () => undefined)
  deaf.pause()
  deaf.write(jsonMessage(kinds.hello, { v: 1, lane: 'common' }))
  const { bus } = world
  await until(() => bus?.stats().processes === 2)
  while (bus?.stats().cutOff === 0) {
    world.publish(world.truth.change('U1', 'XH', world.truth.n % 2 ? 'red' : 'yellow', rule))
    await until(() => follower.watch.cursors()['all'] === world.truth.n)
  }
  t.equal(bus?.stats().processes, 1)
  t.ok(follower.agrees(world.truth))
})

t.test('bytes on the bus that are not ours end that connection and nothing else', async (t) => {
  const world = new World(t)
  const { address } = await world.start()
  const { bus } = world
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
    Buffer.from([5, 0, 0, 0, 99, 123, 125, 32, 32]),
    Buffer.from([3, 0, 0, 0, kinds.hello, 33, 33]),
    Buffer.alloc(16, 255),
  ]) {
    const stranger = connect(world.path)
    const closed = new Promise((resolve) => stranger.once('close', resolve))
    stranger.on('error', () => undefined)
    stranger.write(bytes)
    await closed
    await until(() => bus?.stats().processes === 1)
  }
  const client = await world.client(address)
  client.hello()
  client.subscribe({ topic: 'all' })
  await client.ofType('snapshot')
  world.publish(world.truth.change('U1', 'XH', 'red'))
  t.match(await client.transition(1), { n: 1 })
})
