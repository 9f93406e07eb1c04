/**
 * The parts of the stream that hold no socket, each against a plain model.
 */
import fc from 'fast-check'
import t from 'tap'
import type { N } from '../../src/core/names.js'
import { partsOf } from '../../src/stream/answers.js'
import { Cohorts } from '../../src/stream/cohort.js'
import { faultOf } from '../../src/stream/fault.js'
import { Fifo } from '../../src/stream/fifo.js'
import { Wheel } from '../../src/stream/heartbeat.js'
import { Returns } from '../../src/stream/returns.js'
import { Ring } from '../../src/stream/ring.js'
import { SnapshotCache } from '../../src/stream/snapshot-cache.js'
import { colourBitsOf, parseTopic, type TopicName } from '../../src/stream/topics.js'
import { type Job, Turns } from '../../src/stream/turns.js'
import type { Frame } from '../../src/stream/wire.js'
import { Truth } from './world.js'

const frameOf = (n: number, topics: readonly string[], colourBits = 1): Frame => ({
  n: n as N,
  colourBits,
  topics: topics.map((topic) => ({ topic, p: 0 as N })),
  body: Buffer.from(`"n":${n}`),
  tail: undefined,
  stamps: undefined,
})
const topicOf = (name: string): TopicName => parseTopic(name) as TopicName

t.test('a queue gives back what was put in, in order, and looks into itself', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat()), { maxLength: 500 }), (moves) => {
        const queue = new Fifo<number>()
        const model: number[] = []
        return moves.every((move) => {
          const same = move !== null || queue.shift() === model.shift()
          if (move !== null) {
            queue.push(move)
            model.push(move)
          }
          const looks = [queue.length, queue.at(0), queue.last(), queue.at(model.length), queue.at(-1)]
          return same && looks.join() === [model.length, model[0], model.at(-1), undefined, undefined].join()
        })
      }),
    ),
  )
})

t.test('the ring holds the last transitions of every topic and knows where it begins', async (t) => {
  const names = ['all', 'county/XH', 'city', 'unit/A']
  const transition = fc.record({ topics: fc.subarray(names), bits: fc.integer({ min: 0, max: 7 }) })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(transition, { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(60),
        fc.integer({ min: 1, max: 10 }),
        (made, ringTransitionsMax, after, limit) => {
          const ring = new Ring({ ringTransitionsMax, ringBytesMax: 1e9 })
          for (const [index, { topics, bits }] of made.entries()) ring.append(frameOf(index + 1, topics, bits))
          if (ring.head !== made.length || ring.floor !== Math.max(0, made.length - ringTransitionsMax)) return false
          const held = made.map((one, index) => ({ ...one, n: index + 1 })).slice(ring.floor)
          return [...names, 'all?colour=red'].map(topicOf).every((topic) => {
            const own = held.filter(
              ({ topics, bits }) => topics.includes(topic.base) && (!topic.colourBit || bits & topic.colourBit),
            )
            const wanted = own.filter(({ n }) => n > after).slice(0, limit)
            const read = ring.read(topic, after as N, limit)
            return (
              read.map(({ n }) => n).join() === wanted.map(({ n }) => n).join() && ring.lastOf(topic) === own.at(-1)?.n
            )
          })
        },
      ),
    ),
  )
})

t.test('the ring is bounded by bytes as well, refuses a gap, and begins anew where it is told', async (t) => {
  const ring = new Ring({ ringTransitionsMax: 1000, ringBytesMax: 5000 })
  for (let n = 1; n <= 100; n += 1) ring.append(frameOf(n, ['all']))
  t.ok(ring.head - ring.floor <= 12)
  t.equal(ring.head, 100)
  t.throws(() => ring.append(frameOf(102, ['all'])), RangeError)
  ring.reset(500 as N)
  t.same([ring.floor, ring.head, ring.read(topicOf('all'), 0 as N, 10)], [500, 500, []])
  ring.append(frameOf(501, ['all']))
  t.equal(ring.lastOf(topicOf('all')), 501)
})

t.test('a turn serves narrow topics, one wide cohort, then who catches up, and nobody is forgotten', async (t) => {
  const served: string[] = []
  const turns = new Turns(10, () => served.push('way'))
  const job = (name: string, times: number, queue: 'narrow' | 'wide' | 'catching', deliveries: number): Job => {
    let left = times
    const one: Job = {
      queued: false,
      run: () => {
        served.push(name)
        left -= 1
        if (left > 0) turns.add(one, queue)
        return deliveries
      },
    }
    turns.add(one, queue)
    return one
  }
  job('wide-1', 2, 'wide', 1000)
  job('wide-2', 1, 'wide', 1000)
  for (let n = 1; n <= 3; n += 1) job(`narrow-${n}`, 1, 'narrow', 6)
  job('late', 3, 'catching', 1)
  turns.takeNow()
  t.same(served, ['narrow-1', 'narrow-2', 'wide-1', 'late', 'way'], 'the first turn keeps within its budget')
  await new Promise((resolve) => setImmediate(resolve))
  t.same(served.slice(5), ['narrow-3', 'wide-2', 'late', 'way'])
  await new Promise((resolve) => setImmediate(resolve))
  t.same(served.slice(9), ['wide-1', 'late'], 'nothing wide is left to give way to others for')
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(served.length, 11, 'and then there is rest')
})

t.test(
  'what can be served at once is, unless somebody waits before it, and not more of it than a turn takes',
  async (t) => {
    const served: string[] = []
    const turns = new Turns(10)
    const job = (name: string, deliveries: number): Job => ({
      queued: false,
      run: () => {
        served.push(name)
        return deliveries
      },
    })
    for (const name of ['a', 'b', 'c']) turns.soon(job(name, 6), 'catching')
    t.same(served, ['a', 'b'], 'then the turn is full')
    const waiting = job('d', 1)
    turns.soon(waiting, 'catching')
    turns.soon(waiting, 'catching')
    await new Promise((resolve) => setImmediate(resolve))
    t.same(served, ['a', 'b', 'c', 'd'], 'in their order, and each once')
    turns.add(job('e', 1), 'narrow')
    turns.soon(job('f', 1), 'catching')
    t.same(served.slice(4), ['f'], 'another queue is another matter')
    await new Promise((resolve) => setImmediate(resolve))
    t.same(served.slice(5), ['e'])
  },
)

t.test('clients have places to come back at, evenly taken however many come and go', async (t) => {
  const ramp = new Returns(2000)
  const places = Array.from({ length: 8000 }, (_, before) => ramp.afterMs(before + 1))
  t.same([places[0], places[1], places[2], places[7999]], [0, 1, 1, 4000], 'one after the other')
  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 200 }), (crowds) => {
          const returns = new Returns(1000)
          return crowds.every((clients) => returns.afterMs(clients) < clients)
        }),
      ),
    'nobody waits longer than it takes to let in all who are here',
  )
  const changing = new Returns(1000)
  for (let clients = 1; clients <= 100; clients += 1) changing.afterMs(clients)
  const taken = Array.from({ length: 1000 }, () => changing.afterMs(100))
  t.same(new Set(taken).size, 100)
  t.same(taken.filter((place) => place === 42).length, 10)
})

t.test(
  'cohorts are filled up to their size, begin each time with another, and take in again who has room',
  async (t) => {
    const cohorts = new Cohorts<number>('all', 5, { serve: () => 0 })
    const places = Array.from({ length: 23 }, (_, member) => {
      const cohort = cohorts.choose()
      cohorts.add(cohort, member)
      return cohort
    })
    t.same([cohorts.size, cohorts.wide, new Set(places.map(({ name }) => name)).size], [23, true, 5])
    const firsts = Array.from({ length: 5 }, () => [...cohorts.rotated()][0]?.name)
    t.equal(new Set(firsts).size, 5, 'every cohort is first once')
    places.forEach((cohort, member) => {
      if (member % 5 !== 0) cohorts.remove(cohort, member)
    })
    t.same([cohorts.size, cohorts.wide], [5, false])
    for (let member = 100; member < 120; member += 1) cohorts.add(cohorts.choose(), member)
    t.equal([...cohorts.rotated()].length, 5, 'no cohort is opened while others have room')
    t.ok([...cohorts.rotated()].every(({ members }) => members.size === 5))
  },
)

t.test('a wheel meets everybody once a round, and a crowd is spread over the round', async (t) => {
  for (const intervalMs of [10, 1000, 25_000]) {
    const wheel = new Wheel<number>(intervalMs)
    const ticks = Math.round(intervalMs / wheel.tickMs)
    for (let item = 0; item < 1000; item += 1) wheel.add(item)
    const round = Array.from({ length: ticks }, () => wheel.turn())
    t.same(
      round.flat().sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, item) => item),
    )
    if (ticks > 1) t.ok(Math.max(...round.map((slot) => slot.length)) <= (2 * 1000) / (ticks - 1) + 1)
  }
  const wheel = new Wheel<string>(1000)
  const slot = wheel.add('gone')
  slot.delete('gone')
  t.same(Array.from({ length: 300 }, () => wheel.turn()).flat(), [])
})

t.test('a fault leaves out the share that was asked for, always the same ones', async (t) => {
  t.equal(faultOf(0), undefined)
  for (const [ratio, wanted] of [
    [0.001, 10],
    [0.25, 2500],
    [1, 10_000],
  ] as const) {
    const runs = [faultOf(ratio), faultOf(ratio)].map((fault) => Array.from({ length: 10_000 }, () => fault?.()))
    t.equal(runs[0]?.filter(Boolean).length, wanted)
    t.same(runs[0], runs[1])
  }
})

t.test('items are parted by bytes; one that is too large stands alone; none are lost', async (t) => {
  t.same(partsOf([], 100), ['[]'])
  t.same(partsOf([1, 2, 3], 4), ['[1,2]', '[3]'])
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 50 }), (items, bytesMax) => {
        const parts = partsOf(items, bytesMax)
        const read = parts.map((part) => JSON.parse(part) as string[])
        const fits = parts.every((part, index) => Buffer.byteLength(part) <= bytesMax + 1 || read[index]?.length === 1)
        return JSON.stringify(read.flat()) === JSON.stringify(items) && (fits || items.length === 0)
      }),
    ),
  )
})

t.test('a snapshot is used again for a moment, and only while the ring holds what came after it', async (t) => {
  const cache = new SnapshotCache({ snapshotReuseMs: 1000, snapshotCacheBytesMax: 100 })
  const snapshot = (topic: string, bytes: number) => ({ topic, n: 50 as N, frames: [Buffer.alloc(bytes)] })
  cache.put(snapshot('city', 40), 0)
  t.ok(cache.get('city', 50 as N, 999))
  t.notOk(cache.get('city', 51 as N, 999), 'the ring begins after it')
  t.notOk(cache.get('city', 50 as N, 1000), 'too old')
  cache.put(snapshot('all', 40), 500)
  cache.put(snapshot('freezes', 40), 500)
  t.notOk(cache.get('city', 0 as N, 500), 'the oldest made room')
  t.ok(cache.get('all', 0 as N, 500) && cache.get('freezes', 0 as N, 500))
  cache.put(snapshot('county/XH', 400), 500)
  t.notOk(cache.get('county/XH', 0 as N, 500), 'larger than the whole cache')
})

t.test('a topic is one of those that are written down, with a colour where colours are', async (t) => {
  for (const name of ['all', 'city', 'freezes', 'county/XH', 'unit/PJ-EDU-0012', 'unit/第一中学'])
    t.same(parseTopic(name), { name, base: name, colourBit: 0 })
  for (const [name, base] of [
    ['all?colour=red', 'all'],
    ['city?colour=yellow', 'city'],
    ['county/SZ?colour=green', 'county/SZ'],
  ] as const)
    t.match(parseTopic(name), { name, base, colourBit: Number })
  for (const name of [
    '',
    'ALL',
    'county/',
    'unit/',
    'unit/a/b',
    'unit/a b',
    'all?',
    'all?colour=',
    'freezes?colour=red',
  ])
    t.equal(parseTopic(name), undefined, name)
})

t.test('a transition belongs to the colour it leaves and to the one it enters; a freeze to none', async (t) => {
  const truth = new Truth()
  const { red, yellow, green } = {
    red: topicOf('all?colour=red').colourBit,
    yellow: topicOf('all?colour=yellow').colourBit,
    green: topicOf('all?colour=green').colourBit,
  }
  const transition = truth.change('U1', 'XH', 'red')
  t.equal(colourBitsOf(transition), green | red)
  t.equal(colourBitsOf(truth.change('U1', 'XH', 'yellow')), red | yellow)
  t.equal(
    colourBitsOf({ ...transition, kind: 'freeze', unit: 'U1', from: 'none', to: 'frozen', sequence: 1, reasons: [] }),
    0,
  )
})
