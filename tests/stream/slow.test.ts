/**
 * Clients that do not read, and a core that is not read by a push process.
 */
import { connect } from 'node:net'
import t from 'tap'
import { jsonMessage, kinds } from '../../src/stream/wire.js'
import { until, World } from './world.js'

const rule = 'r'.repeat(8000)

t.test(
  'a client that stops reading is closed at the first frame it cannot take, and resumes without a gap',
  async (t) => {
    const world = new World(t)
    const { push, address } = await world.start({ sendQueueBytesMax: 16 * 1024 })
    const slow = await world.client(address)
    const quick = world.follow(address, { topics: [{ topic: 'all' }] })
    slow.hello()
    slow.subscribe({ topic: 'all' })
    await slow.ofType('snapshot')
    await until(() => quick.agrees(world.truth))
    slow.socket.pause()
    while (push.stats().drops === 0) {
      for (let n = 0; n < 50; n += 1) world.publish(world.truth.change('U1', 'XH', n % 2 ? 'red' : 'yellow', rule))
      await new Promise((resolve) => setImmediate(resolve))
    }
    slow.socket.resume()
    t.ok([4508, 1006].includes(await slow.closed), 'told so, or cut off where nothing passes any more')
    t.equal(push.stats().closes['4508'], 1)
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
    await until(() => quick.agrees(world.truth) && quick.watch.cursors()['all'] === world.truth.n)
    t.equal(quick.watch.connections, 1, 'nobody else noticed')
  },
)

t.test('a snapshot much larger than the send queue reaches a client that reads slowly', async (t) => {
  const world = new World(t, { snapshotPartBytesMax: 4000 })
  for (let unit = 0; unit < 1500; unit += 1) world.truth.change(`U${unit}`, 'XH', 'red', rule)
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
  t.equal(client.frames.filter(({ type }) => type === 'snapshot').flatMap((frame) => frame['items']).length, 1500)
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
