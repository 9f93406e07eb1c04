/**
 * The core's side alone: what a push process is told, byte by byte.
 */
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { N } from '../../src/core/names.js'
import type { Transition } from '../../src/core/transition.js'
import {
  bodyOf,
  catchUpMessage,
  createSplitter,
  jsonMessage,
  kinds,
  readCatchUp,
  readSnapshot,
  readTransitions,
  snapshotMessage,
  transitionsMessage,
} from '../../src/stream/wire.js'
import { stamps, Truth, until, World } from './world.js'

interface Told {
  readonly kind: number
  readonly payload: Buffer
}

/** A push process that only listens. */
class Ear {
  readonly told: Told[] = []
  readonly socket: Socket

  constructor(t: Test, path: string) {
    this.socket = connect(path)
    this.socket.on('error', () => undefined)
    this.socket.on(
      'data',
      createSplitter(1e6, (kind, payload) => {
        if (kind !== kinds.clock) this.told.push({ kind, payload })
      }),
    )
    t.teardown(() => this.socket.destroy())
  }

  ask(kind: number, value: unknown): void {
    this.socket.write(jsonMessage(kind, value))
  }

  async first(kind: number): Promise<Buffer> {
    await until(() => this.told.some((one) => one.kind === kind))
    return this.told.find((one) => one.kind === kind)?.payload ?? Buffer.alloc(0)
  }

  ns(): number[] {
    return this.told
      .filter(({ kind }) => kind === kinds.transitions)
      .flatMap(({ payload }) => readTransitions(payload))
      .map(({ n }) => n)
  }
}

const json = (payload: Buffer): unknown => JSON.parse(payload.toString())

t.test('what is encoded is read back, however the bytes are cut', async (t) => {
  const truth = new Truth()
  const transitions = Array.from({ length: 5 }, (_, n) => truth.change(`校-${n}`, 'XH', n % 2 ? 'red' : 'yellow'))
  const messages = [
    transitionsMessage(transitions, stamps),
    jsonMessage(kinds.current, {}),
    catchUpMessage('unit/校-1', 1 as N, 9 as N, transitions.slice(1, 2)),
    snapshotMessage('county/XH?colour=red', 7 as N, ['[1,2]', '["三"]']),
    transitionsMessage([]),
  ]
  const bytes = Buffer.concat(messages)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const told: Told[] = []
        const split = createSplitter(1e6, (kind, payload) => told.push({ kind, payload }))
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        for (const [index, end] of at.slice(1).entries()) split(bytes.subarray(at[index], end))
        const read = told.map(({ payload }) => payload.toString('hex'))
        return read.join() === messages.map((whole) => whole.subarray(5).toString('hex')).join()
      }),
    ),
  )
  const frames = readTransitions((messages[0] as Buffer).subarray(5))
  t.same(
    frames.map(({ n, topics, body, stamps }) => ({ n, topics, body: body.toString(), stamps })),
    transitions.map((transition) => ({
      n: transition.n,
      topics: Object.entries(transition.topics).map(([topic, p]) => ({ topic, p })),
      body: bodyOf(transition),
      stamps,
    })),
  )
  t.match(readCatchUp((messages[2] as Buffer).subarray(5)), {
    topic: 'unit/校-1',
    since: 1,
    upTo: 9,
    frames: [{ n: 2 }],
  })
  const snapshot = readSnapshot((messages[3] as Buffer).subarray(5))
  t.same([snapshot.topic, snapshot.n, snapshot.parts.map(String)], ['county/XH?colour=red', 7, ['[1,2]', '["三"]']])
  t.throws(() => readTransitions((messages[0] as Buffer).subarray(5, 60)), RangeError, 'a message that was cut')
  t.throws(() => createSplitter(100, () => undefined)(Buffer.from([255, 255, 255, 0, 1])), /bytes on the bus/)
})

t.test('the body of a freeze says when a lift ends, as a time with offset', async (t) => {
  const [alert] = [new Truth().change('U1', 'XH', 'red')]
  const freeze: Transition = {
    ...alert,
    kind: 'freeze',
    unit: 'U1',
    from: 'frozen',
    to: 'lifted',
    sequence: 2,
    reasons: ['over-quota'],
    until: alert.at,
    by: 'city centre',
  }
  t.match(JSON.parse(`{${bodyOf(freeze)}}`), { until: '2024-07-03T09:15:00.001+08:00', sequence: 2, by: 'city centre' })
})

t.test('a process that begins is given the near past, then what comes, once and in order', async (t) => {
  const world = new World(t)
  for (let n = 1; n <= 5; n += 1) world.truth.change('U1', 'XH', n % 2 ? 'red' : 'green')
  await world.startCore()
  const ear = new Ear(t, world.path)
  ear.ask(kinds.hello, { v: 1, lane: 'common' })
  await ear.first(kinds.current)
  t.match(json(await ear.first(kinds.sync)), { resumed: false, from: 0, clock: { kind: 'scenario' } })
  world.publish(world.truth.change('U1', 'XH', 'red'))
  await until(() => ear.ns().includes(6))
  t.same(ear.ns(), [1, 2, 3, 4, 5, 6])
})

t.test('what is published while the record is read for a process is held for it, in order', async (t) => {
  let release: (() => void) | undefined
  let asked = false
  const slow: World = new World(t, {
    onCatchUp: async () => {
      asked = true
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return slow.truth.transitions.slice(2, 5)
    },
  })
  for (let n = 1; n <= 4; n += 1) slow.truth.change('U1', 'XH', n % 2 ? 'red' : 'green')
  await slow.startCore()
  const ear = new Ear(t, slow.path)
  ear.ask(kinds.hello, { v: 1, lane: 'common', have: 2, epoch: slow.epoch })
  await until(() => asked)
  for (let n = 5; n <= 7; n += 1) slow.publish(slow.truth.change('U1', 'XH', n % 2 ? 'red' : 'green'))
  release?.()
  await ear.first(kinds.current)
  t.match(json(await ear.first(kinds.sync)), { resumed: true, from: 2 })
  t.same(ear.ns(), [3, 4, 5, 5, 6, 7], 'a repeat is for the process to pass over; a hole there is none')
  t.equal(ear.told.at(-1)?.kind, kinds.current)
})

t.test('a process that holds too little or too much begins anew from the head', async (t) => {
  const world = new World(t, { catchUpTransitionsMax: 3 })
  for (let n = 1; n <= 10; n += 1) world.truth.change('U1', 'XH', n % 2 ? 'red' : 'green')
  await world.startCore()
  for (const [have, epoch] of [
    [2, world.epoch],
    [99, world.epoch],
    [world.truth.n, 'another history'],
  ] as const) {
    const ear = new Ear(t, world.path)
    ear.ask(kinds.hello, { v: 1, lane: 'common', have, epoch })
    await ear.first(kinds.current)
    t.match(json(await ear.first(kinds.sync)), { resumed: false, from: 10 })
    t.same(ear.ns(), [])
  }
})

t.test('a question that fails is answered too', async (t) => {
  const world = new World(t, {
    onSnapshot: () => Promise.reject(new Error('the judge is being replaced')),
    onCatchUp: () => Promise.reject(new Error('the record is being opened')),
  })
  await world.startCore()
  const ear = new Ear(t, world.path)
  ear.ask(kinds.need, { kind: 'snapshot', topic: 'city' })
  t.match(json(await ear.first(kinds.refused)), { need: { kind: 'snapshot', topic: 'city' }, code: 'QW_INTERNAL' })
})

t.test('never more than coreReadsMax are read at a time, and all are answered', async (t) => {
  let reading = 0
  let most = 0
  const world = new World(t, {
    coreReadsMax: 2,
    onSnapshot: async () => {
      reading += 1
      most = Math.max(most, reading)
      await new Promise((resolve) => setImmediate(resolve))
      reading -= 1
      return { n: 0 as N, items: [] }
    },
  })
  await world.startCore()
  const ear = new Ear(t, world.path)
  for (let unit = 0; unit < 30; unit += 1) ear.ask(kinds.need, { kind: 'snapshot', topic: `unit/U${unit}` })
  await until(() => ear.told.filter(({ kind }) => kind === kinds.snapshot).length === 30)
  t.equal(most, 2)
})

t.test('the bus takes transitions in order only', async (t) => {
  const world = new World(t)
  const bus = await world.startCore()
  const [first, second, third] = ['red', 'green', 'red'].map((colour) =>
    world.truth.change('U1', 'XH', colour as 'red'),
  )
  t.throws(() => bus.publish([second as Transition]), RangeError)
  t.throws(() => bus.publish([first as Transition, third as Transition]), RangeError)
  bus.publish([first as Transition, second as Transition])
  t.equal(bus.n, 2)
  bus.publish([])
  t.equal(bus.n, 2)
})
