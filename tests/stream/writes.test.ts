/**
 * Several transitions for one client within a turn of the loop leave in one write.
 *
 * Counted where nothing can hide: the segments with data that this machine's TCP has sent. On loopback a write of less
 * than 64 kB is one segment. Others on the machine only add to the count, so the least of many rounds is ours.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { type Client, World } from './world.js'

/** Segments with data that were sent since the start of the machine; repeats do not count. */
function segmentsSent(): number {
  const [names, values] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  return Number(values?.[names?.indexOf('TCPOrigDataSent') ?? -1])
}

/** The least that a round has sent; a round that sent `expected` ends the search. */
async function least(expected: number, round: () => Promise<void>): Promise<number> {
  let found = Number.POSITIVE_INFINITY
  for (let rounds = 0; rounds < 300 && found > expected; rounds += 1) {
    const before = segmentsSent()
    await round()
    found = Math.min(found, segmentsSent() - before)
  }
  return found
}

const topics = ['unit/U1', 'county/XH', 'all']
const perBatch = 7

async function follow(world: World, address: string, since?: number): Promise<Client> {
  const client = await world.client(address)
  client.hello()
  await client.ofType('welcome')
  client.subscribe(...topics.map((topic) => ({ topic, ...(since !== undefined && { since }) })))
  return client
}

const changes = (world: World) =>
  Array.from({ length: perBatch }, () => world.truth.change('U1', 'XH', world.truth.n % 2 ? 'red' : 'yellow'))

const everywhere = (client: Client, n: number) =>
  Promise.all(topics.map((topic) => client.frame((frame) => frame['topic'] === topic && frame['n'] === n)))

t.test('21 transitions for one client, on three topics, are one write', async (t) => {
  const world = new World(t)
  const { address } = await world.start()
  const client = await follow(world, address)
  await client.frame(({ type, topic }) => type === 'snapshot' && topic === 'all')
  const together = await least(1, async () => {
    world.publish(...changes(world))
    await everywhere(client, world.truth.n)
  })
  t.equal(together, 1)
  const before = segmentsSent()
  for (const change of changes(world)) {
    world.publish(change)
    await everywhere(client, change.n)
  }
  t.ok(segmentsSent() - before >= perBatch, 'one after the other they are so many writes, and the count shows it')
  for (const topic of topics) t.same(client.ns(topic), world.truth.ns(topic), 'and nothing is missing')
})

t.test('what a client is resumed with is one write', async (t) => {
  const world = new World(t)
  const { address } = await world.start({ topicsPerClientMax: 1000, clientFramesPerSecondMax: 100_000 })
  const before = await follow(world, address)
  await before.frame(({ type, topic }) => type === 'snapshot' && topic === 'all')
  world.publish(...changes(world))
  await everywhere(before, world.truth.n)
  const asking = 1
  const resumed = await least(asking + 1, async () => {
    before.subscribe(...topics.map((topic) => ({ topic, since: 0 })))
    const { length } = before.frames
    const last = (topic: string) =>
      before.frame((frame) => frame['topic'] === topic && frame['n'] === world.truth.n, length)
    await Promise.all(topics.map(last))
  })
  t.equal(resumed, asking + 1, 'three answers and 21 transitions')
})
