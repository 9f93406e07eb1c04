/**
 * Newcomers in a crowd: at a rate, in order, told how long; and those who are there come first.
 */
import fc from 'fast-check'
import t from 'tap'
import { Admission } from '../../src/stream/admission.js'
import { until, World } from './world.js'

const settings = { admissionsPerSecondMax: 100, admissionLatenessMsMax: 20, admissionWaitMsMax: 1000 }

t.test('who comes singly is let in at once; a crowd waits, and each is told how long', async (t) => {
  const admission = new Admission<number>(settings)
  const verdicts = Array.from({ length: 111 }, (_, newcomer) => admission.enter(newcomer, 0))
  t.same(
    verdicts.slice(0, 10).map(({ kind }) => kind),
    Array(10).fill('now'),
    'a tenth of a second of admissions',
  )
  t.same(verdicts[10], { kind: 'waits', afterMs: 10 })
  t.same(verdicts[109], { kind: 'waits', afterMs: 1000 })
  t.same(verdicts[110], { kind: 'away', afterMs: 1010 }, 'longer than anybody may wait')
  t.same(admission.turn(10, 0), [10])
  t.same(admission.turn(30, 0), [11, 12])
  admission.leave(13)
  t.same(admission.turn(50, 0), [14, 15], 'who is gone takes nobody’s turn')
  t.equal(admission.waiting.size, 94)
})

t.test('while live frames are late fewer are let in, down to a tenth; then more again', async (t) => {
  const admission = new Admission<number>(settings)
  for (let newcomer = 0; newcomer < 110; newcomer += 1) admission.enter(newcomer, 0)
  let nowMs = 0
  const admittedIn = (turns: number, lateMs: number): number => {
    let admitted = 0
    for (let turn = 0; turn < turns; turn += 1) {
      nowMs += 10
      admitted += admission.turn(nowMs, lateMs).length
    }
    return admitted
  }
  t.equal(admittedIn(20, 20), 20, 'late as allowed is not late')
  admittedIn(10, 21)
  t.equal(admittedIn(50, 21), 5, 'ten a second')
  admittedIn(50, 0)
  t.equal(admittedIn(20, 0), 20, 'a hundred a second')
})

/** Plays arrivals and departures; whether it was ever too fast, and who was let in instead of who should have been. */
function play(arrivals: readonly Arrival[], perSecond: number): { tooFast: boolean; letIn: string; wanted: string } {
  const admission = new Admission<number>({ ...settings, admissionsPerSecondMax: perSecond })
  const letIn: number[] = []
  const wanted = new Set<number>()
  let tooFast = false
  let nowMs = 0
  const turn = (lateMs: number): void => {
    letIn.push(...admission.turn(nowMs, lateMs))
    tooFast ||= letIn.length > Math.max(1, perSecond / 10) + (nowMs * perSecond) / 1000 + 1e-6
  }
  const enter = (newcomer: number): void => {
    const { kind } = admission.enter(newcomer, nowMs)
    if (kind === 'now') letIn.push(newcomer)
    if (kind !== 'away') wanted.add(newcomer)
  }
  let next = 0
  for (const { afterMs, newcomers, lateMs, leaves } of arrivals) {
    nowMs += afterMs
    turn(lateMs)
    for (let count = newcomers; count > 0; count -= 1) enter(next++)
    const [first] = admission.waiting
    if (!leaves || first === undefined) continue
    admission.leave(first)
    wanted.delete(first)
  }
  for (; admission.waiting.size > 0; nowMs += 10) turn(0)
  return { tooFast, letIn: letIn.join(), wanted: [...wanted].join() }
}

interface Arrival {
  readonly afterMs: number
  readonly newcomers: number
  readonly lateMs: number
  readonly leaves: boolean
}

t.test('never more than the rate allows, in the order of coming, and everybody in the end', async (t) => {
  const arrival = fc.record({ afterMs: fc.nat(200), newcomers: fc.nat(40), lateMs: fc.nat(40), leaves: fc.boolean() })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), fc.integer({ min: 1, max: 500 }), (arrivals, perSecond) => {
        const { tooFast, letIn, wanted } = play(arrivals, perSecond)
        return !tooFast && letIn === wanted
      }),
    ),
  )
})

t.test('clients that wait are told so, keep what they asked for, and are welcome in their turn', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ admissionsPerSecondMax: 20 })
  await until(() => push.stats().clients === 0)
  const clients = await Promise.all(Array.from({ length: 12 }, () => world.client(address)))
  for (const client of clients) {
    client.hello()
    client.subscribe({ topic: 'city' })
  }
  await Promise.all(clients.map((client) => client.ofType('snapshot')))
  const waits = clients.flatMap(({ frames }) => frames.filter(({ type }) => type === 'wait'))
  t.ok(waits.length >= 8, `${waits.length} of 12 waited`)
  const told = new Set(waits.map(({ afterMs }) => afterMs))
  t.equal(told.size, waits.length, 'each was told its own time')
  for (const { frames } of clients)
    t.same(
      frames.map(({ type }) => type).filter((type) => type !== 'wait' && type !== 'ping'),
      ['welcome', 'subscribed', 'snapshot'],
    )
})

t.test('who would wait too long is told when to come back', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ admissionsPerSecondMax: 1, admissionWaitMsMax: 1500 })
  await until(() => push.stats().clients === 0)
  const clients = await Promise.all([1, 2, 3, 4, 5].map(() => world.client(address)))
  for (const client of clients) client.hello()
  const firsts = await Promise.all(clients.map((client) => client.frame(({ type }) => type !== 'ping')))
  const away = firsts.filter(({ type }) => type === 'bye')
  t.ok(away.length >= 3, `${away.length} of 5 were sent away, one a second is let in`)
  for (const bye of away) {
    t.match(bye, { code: 'QW_BUSY', reconnect: true, title: String })
    t.ok((bye['afterMs'] as number) > 1500)
  }
  await until(() => push.stats().closes['4503'] === away.length)
  const others = clients.filter((_, index) => firsts[index]?.type !== 'bye')
  await Promise.all(others.map((client) => client.ofType('welcome')))
})

t.test('who waits may say little, may go, and is sent away when the process stops', async (t) => {
  const world = new World(t)
  const { push, address } = await world.start({ admissionsPerSecondMax: 1, admissionWaitMsMax: 600_000 })
  const clients = await Promise.all([1, 2, 3, 4].map(() => world.client(address)))
  for (const client of clients) client.hello()
  const waiting = clients.slice(1)
  await Promise.all(waiting.map((client) => client.ofType('wait')))
  const [talker, leaver, patient] = waiting
  for (let n = 0; n < 9; n += 1) talker?.subscribe({ topic: 'city' })
  t.equal(await talker?.closed, 4429)
  leaver?.socket.terminate()
  const { clients: before } = push.stats()
  await until(() => push.stats().clients < before)
  await push.stop()
  t.equal(await patient?.closed, 4503)
})
