import t from 'tap'
import type { N } from '../../src/core/names.js'
import type { CatchUp } from '../../src/stream/catch-up.js'
import type { Publisher } from '../../src/stream/channel.js'
import { newStats } from '../../src/stream/counters.js'
import { Directory } from '../../src/stream/directory.js'
import { Ring } from '../../src/stream/ring.js'
import type { Session, Subscription } from '../../src/stream/session.js'
import { parseTopic, type TopicName } from '../../src/stream/topics.js'
import { Turns } from '../../src/stream/turns.js'
import type { Frame } from '../../src/stream/wire.js'

const frameOf = (n: number, topic: string): Frame => ({
  n: n as N,
  colourBits: 7,
  topics: [{ topic, p: (n - 1) as N }],
  body: Buffer.from('"kind":"alert"'),
  tail: undefined,
  stamps: undefined,
})

/** A publication in short: cohort, n, p. */
function said(cohort: string, frame: string | Buffer): string {
  const { n, p } = JSON.parse(frame.toString())
  return `${cohort} ${n} after ${p}`
}

/** A directory with nothing behind it: what is published and who is brought up again is only noted. */
function fixture() {
  const published: string[] = []
  const resynced: number[] = []
  const ring = new Ring({ ringTransitionsMax: 4, ringBytesMax: 1e6 })
  const publisher: Publisher = {
    publish: (cohort, frame) => published.push(said(cohort, frame)),
    turns: new Turns(10),
    stats: newStats(),
    cohortSubscribersMax: 2,
    fault: undefined,
    nowUs: () => 0,
  }
  const catchUp = {
    resync: (_: Subscription, cursor: N) => resynced.push(cursor),
    forget: () => undefined,
  } as unknown as CatchUp
  const directory = new Directory({ ring, publisher, onInterest: () => undefined }, catchUp)
  const listener = { state: 'ready', owe: () => false, join: () => undefined, leave: () => undefined }
  const join = (topic: string) => {
    const session = { ...listener, subscriptions: [] } as unknown as Session
    const subscription = { session, channel: directory.open(parseTopic(topic) as TopicName) } as Subscription
    subscription.progress = subscription.channel.join(subscription).live
    return subscription
  }
  const arrive = (n: number, topic: string) => {
    const frame = frameOf(n, topic)
    ring.append(frame)
    directory.arrived(frame)
  }
  return { directory, ring, publisher, published, resynced, join, arrive }
}

t.test('one who joins a cohort does not get what the cohort still owes the others', async (t) => {
  const { publisher, published, join, arrive } = fixture()
  join('city')
  arrive(1, 'city')
  arrive(2, 'city')
  t.same(published, [], 'waits for its turn')
  join('city')
  t.same(published, ['city#0 1 after 0', 'city#0 2 after 1'], 'goes out before the other joins')
  publisher.turns.takeNow()
  t.equal(published.length, 2, 'and not again after')
})

t.test('a cohort that was overtaken by the ring is brought up from where it stood', async (t) => {
  const { publisher, published, resynced, join, arrive } = fixture()
  join('city')
  for (let n = 1; n <= 6; n += 1) arrive(n, 'city')
  publisher.turns.takeNow()
  t.same(published, [])
  t.same(resynced, [0])
})

t.test(
  'when the ring begins anew, who was served goes on from its head, who was not from where it stood',
  async (t) => {
    const { directory, publisher, resynced, join, arrive } = fixture()
    join('city')
    join('county/XH')
    arrive(1, 'city')
    publisher.turns.takeNow()
    arrive(2, 'county/XH')
    arrive(3, 'county/XH')
    directory.resyncAll()
    t.same(resynced, [3, 1])
  },
)

t.test(
  'the chain of a filtered topic begins anew when a cohort does, so that nobody sees a gap that is none',
  async (t) => {
    const { directory, publisher, published, join, arrive } = fixture()
    const topic = 'city?colour=red'
    const early = join(topic)
    // Somebody who catches up keeps the topic open.
    directory.open(parseTopic(topic) as TopicName)
    arrive(1, 'city')
    arrive(2, 'city')
    publisher.turns.takeNow()
    directory.close(early)
    join(topic)
    arrive(3, 'city')
    publisher.turns.takeNow()
    t.same(published, [`${topic}#0 1 after 0`, `${topic}#0 2 after 1`, `${topic}#0 3 after 0`])
  },
)

t.test('a topic that nobody listens to any more is forgotten', async (t) => {
  const { directory, publisher, published, join, arrive } = fixture()
  const subscription = join('city')
  directory.close(subscription)
  arrive(1, 'city')
  publisher.turns.takeNow()
  t.same(published, [])
  t.equal(publisher.stats.subscriptions, 0)
  const again = join('city')
  t.not(again.channel, subscription.channel)
})
