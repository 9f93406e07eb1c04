import t, { type Test } from 'tap'
import { Child } from '../../bench/child.js'
import { countyOf, countyOfUnit, unitIdOf } from '../../bench/city.js'
import { nowUs } from '../../bench/clock.js'
import { merge } from '../../bench/histogram.js'
import { balance, expect, type RecordedTransition } from '../../bench/ledger.js'
import type { FromClients, ToClients } from '../../bench/messages.js'
import { FakeStream } from './fake-stream.js'

const waitMs = 30_000
const units = 11

type Fault = Parameters<FakeStream['publish']>[3]

/** Two real client processes on a server that publishes 60 transitions, with `faultAt` deciding what goes wrong. */
const run = async (t: Test, faultAt: (i: number) => Fault) => {
  const server = await FakeStream.listen()
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
          sourceAddress: `127.0.0.${2 + i}`,
          first: 20 * i,
          count: 20,
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
  return { connected, reports, server, ledger: balance(receipts, expect(record, countyOfUnit)) }
}

t.test('what two client processes received equals the record, and only measured frames have a latency', async (t) => {
  const { connected, reports, server, ledger } = await run(t, () => ({}))
  t.match(connected, [{ ready: 20 }, { ready: 20 }])
  t.equal(ledger.subscriptions, 60, '40 units and, for every second client, a county')
  t.ok(ledger.expected > 200)
  t.match(ledger, { received: ledger.expected, mismatched: 0, gaps: 0, duplicates: 0, brokenChains: 0 })
  const latency = merge(reports.map((report) => report.latency))
  t.ok(latency.totalCount > 0 && latency.totalCount < ledger.received, 'frames of the warm-up have none')
  t.equal(merge(reports.map((report) => report.stages.publishedToClient)).totalCount, latency.totalCount)
  t.ok(latency.getValueAtPercentile(0) > 900_000, 'latency counts from the intended time, a second before')
  t.strictSame([...server.addresses].sort(), ['127.0.0.2', '127.0.0.3'])
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
