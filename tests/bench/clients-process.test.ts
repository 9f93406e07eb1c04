import t, { type Test } from 'tap'
import { Child } from '../../bench/child.js'
import { countyOf, countyOfUnit, unitIdOf } from '../../bench/city.js'
import { nowUs } from '../../bench/clock.js'
import { merge } from '../../bench/histogram.js'
import { balance, expect, type RecordedTransition } from '../../bench/ledger.js'
import type { FromClients, ToClients } from '../../bench/messages.js'
import { addressOf, newBlock } from '../../bench/source.js'
import { FakeStream } from './fake-stream.js'

const waitMs = 30_000
const units = 11

type Fault = Parameters<FakeStream['publish']>[3]

/** Two real client processes on a server that publishes 60 transitions, with `faultAt` deciding what goes wrong. */
const run = async (t: Test, faultAt: (i: number) => Fault) => {
  const server = await FakeStream.listen()
  const block = newBlock()
  t.teardown(() => server.close())
  const children = [0, 1].map((i) => new Child<ToClients, FromClients>(`clients ${i}`, './clients-process.js'))
  t.teardown(() => Promise.all(children.map((child) => child.stop())))
  const connected = await Promise.all(
    children.map((child, i) =>
      child.ask(
        {
          kind: 'connect',
          host: '127.0.0.1',
          port: server.port,
          sourceAddress: addressOf(block, i),
          first: 0,
          clients: 40,
          part: i,
          parts: 2,
          units,
          countyShare: 0.5,
          connectsInFlight: 4,
        },
        waitMs,
      ),
    ),
  )
  const schedule = { startUs: nowUs() - 1e6, ratePerSecond: 1e3, count: 60 }
  await Promise.all(
    children.map((child) => child.ask({ kind: 'measure', plan: { schedule, firstMeasured: 10 } }, waitMs)),
  )
  const record: RecordedTransition[] = []
  for (let i = 0; i < 60; i += 1) {
    const subject = unitIdOf(i % units)
    const topics = [`unit/${subject}`, `county/${countyOf(i % units)}`]
    const at = nowUs()
    const stamps = { received: at, durable: at, judged: at, published: at }
    record.push({ n: server.publish(subject, topics, `qwb-${i}`, { stamps, ...faultAt(i) }), subject })
  }
  // an answered ping proves that everything sent before it on that connection has been read
  server.ping(1)
  await server.until(() => server.pongs.length === 40)
  const reports = await Promise.all(children.map((child) => child.ask({ kind: 'report' }, waitMs)))
  const receipts = reports.flatMap((report) => report.receipts)
  return { connected, reports, server, block, ledger: balance(receipts, expect(record, countyOfUnit)) }
}

t.test('what two client processes received equals the record, and only measured frames have a latency', async (t) => {
  const { connected, reports, server, block, ledger } = await run(t, () => ({}))
  t.equal((connected[0]?.ready ?? 0) + (connected[1]?.ready ?? 0), 40)
  t.equal(ledger.subscriptions, 60, '40 units and, for every second client, a county')
  t.ok(ledger.expected > 200)
  t.match(ledger, { received: ledger.expected, mismatched: 0, gaps: 0, duplicates: 0, brokenChains: 0 })
  const latency = merge(reports.map((report) => report.latency))
  t.ok(latency.totalCount > 0 && latency.totalCount < ledger.received, 'frames of the warm-up have none')
  const warmUp = merge(reports.map((report) => report.warmUpLatency))
  t.equal(warmUp.totalCount + latency.totalCount, ledger.received, 'they are told apart')
  t.equal(merge(reports.map((report) => report.stages.publishedToClient)).totalCount, latency.totalCount)
  t.ok(latency.getValueAtPercentile(0) > 900_000, 'latency counts from the intended time, a second before')
  t.strictSame([...server.addresses].sort(), [addressOf(block, 0), addressOf(block, 1)])
})

t.test('one frame left out for one topic is missed by each of its subscribers', async (t) => {
  const lost = `county/${countyOf(30 % units)}`
  const { ledger } = await run(t, (i) => (i === 30 ? { without: lost } : {}))
  t.ok(ledger.mismatched > 0)
  t.equal(ledger.received, ledger.expected - ledger.mismatched, 'each of them got one frame less')
  t.equal(ledger.gaps, ledger.mismatched)
})

t.test('one frame sent twice is a duplicate for each of its subscribers and nothing is missed', async (t) => {
  const twice = `unit/${unitIdOf(30 % units)}`
  const { ledger } = await run(t, (i) => (i === 30 ? { twice } : {}))
  t.ok(ledger.duplicates > 0)
  t.match(ledger, { received: ledger.expected, mismatched: 0, gaps: 0 })
})

const crowd = {
  host: '127.0.0.1',
  units,
  countyShare: 0.5,
  connectsInFlight: 4,
  first: 0,
  clients: 8,
  part: 0,
  parts: 1,
}

/** One client process whose clients come back, on a server that has published something already. */
const returning = async (t: Test) => {
  const server = await FakeStream.listen()
  t.teardown(() => server.close())
  const child = new Child<ToClients, FromClients>('clients', './clients-process.js')
  t.teardown(() => child.stop())
  const comesBack = { reconnectMsMin: 1, reconnectMsMax: 10 }
  const sourceAddress = addressOf(newBlock(), 0)
  const { port } = server
  await child.ask({ kind: 'connect', ...crowd, port, sourceAddress, comesBack }, waitMs)
  const schedule = { startUs: nowUs() - 1e6, ratePerSecond: 1e3, count: 60 }
  await child.ask({ kind: 'measure', plan: { schedule, firstMeasured: 0 } }, waitMs)
  const record: RecordedTransition[] = []
  const publish = (i: number): void => {
    const subject = unitIdOf(i % units)
    record.push({
      n: server.publish(subject, [`unit/${subject}`, `county/${countyOf(i % units)}`], `qwb-${i}`),
      subject,
    })
  }
  for (let i = 0; i < 20; i += 1) publish(i)
  /** When all clients are there and have read everything. */
  const settled = async () => {
    for (;;) {
      await server.until(() => server.clients === 8)
      const { away } = await child.ask({ kind: 'progress' }, waitMs)
      if (away === 0) break
    }
    server.pongs.length = 0
    server.ping(1)
    await server.until(() => server.pongs.length === 8)
    const report = await child.ask({ kind: 'report' }, waitMs)
    return { report, ledger: balance(report.receipts, expect(record, countyOfUnit)) }
  }
  return { server, child, publish, settled }
}

t.test('clients that were cut off come back, are resumed exactly, and are no witnesses any more', async (t) => {
  const { server, publish, settled } = await returning(t)
  await settled()
  await server.cutAllOff()
  for (let i = 20; i < 40; i += 1) publish(i)
  server.welcomeAll()
  const { report, ledger } = await settled()
  t.match(ledger, { received: ledger.expected, mismatched: 0, gaps: 0, duplicates: 0, brokenChains: 0 })
  t.match(report, { disconnects: 8, recovery: { disturbed: 8, away: 0, reloads: 0 } })
  t.equal(merge([report.recovery.times]).totalCount, 8)
  t.equal(merge([report.latency]).totalCount + merge([report.disturbedLatency]).totalCount, ledger.received)
  t.ok(merge([report.disturbedLatency]).totalCount > 0, 'what they missed has the latency that it had')
})

t.test('in a storm everybody leaves and comes back; nobody was cut off by the service', async (t) => {
  const { server, child, publish, settled } = await returning(t)
  await settled()
  await child.ask({ kind: 'storm', withinMs: 1 }, waitMs)
  for (let i = 20; i < 40; i += 1) publish(i)
  const { report, ledger } = await settled()
  t.match(ledger, { received: ledger.expected, mismatched: 0, gaps: 0, duplicates: 0 })
  t.match(report, { disconnects: 0, recovery: { disturbed: 8, away: 0, reloads: 0 } })
  t.equal(server.ports.size, 16, 'each came from a new port')
})

t.test('clients that stalled get everything once they read again', async (t) => {
  const { child, publish, settled } = await returning(t)
  await child.ask({ kind: 'stall' }, waitMs)
  for (let i = 20; i < 40; i += 1) publish(i)
  await child.ask({ kind: 'goOn' }, waitMs)
  const { report, ledger } = await settled()
  t.match(ledger, { received: ledger.expected, mismatched: 0, gaps: 0, duplicates: 0 })
  t.equal(report.recovery.disturbed, 8)
})

t.test('a reload is told apart from a loss: both parts of the subscription are checked', async (t) => {
  const { server, publish, settled } = await returning(t)
  await settled()
  server.forget()
  await server.cutAllOff()
  for (let i = 20; i < 40; i += 1) publish(i)
  server.forget()
  server.welcomeAll()
  const { report, ledger } = await settled()
  t.match(ledger, { received: ledger.expected, mismatched: 0, gaps: 0, duplicates: 0 })
  t.ok(report.recovery.reloads > 0)
  t.ok(ledger.subscriptions > 12, 'a subscription that reloaded is two')
})
