import http from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Child } from '../../bench/child.js'
import { nowUs } from '../../bench/clock.js'
import { merge } from '../../bench/histogram.js'
import type { FromGenerator, ToGenerator } from '../../bench/messages.js'

const waitMs = 30_000

/** A real generator process on a server that answers as `answer` says. */
const run = async (t: Test, answer: (i: number) => { readonly status: number; readonly body: string }) => {
  const ids: string[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      ids.push((JSON.parse(body) as { id: string }).id)
      const { status, body: text } = answer(ids.length - 1)
      response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).end(text)
    })
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
  t.teardown(() => server.close())
  const generator = new Child<ToGenerator, FromGenerator>('generator', './generator-process.js')
  t.teardown(() => generator.stop())
  const prepared = await generator.ask(
    {
      kind: 'prepare',
      host: '127.0.0.1',
      port,
      niceness: 0,
      connectionsMax: 8,
      connectionsWarm: 5,
      answerWaitMs: 5_000,
    },
    waitMs,
  )
  const report = await generator.ask(
    {
      kind: 'run',
      // in the past: everything is due at once, so the test waits for nothing
      plan: { schedule: { startUs: nowUs() - 10e6, ratePerSecond: 100, count: 300 }, firstMeasured: 100 },
      city: { units: 11, flipShare: 0.1 },
    },
    waitMs,
  )
  return { ids, prepared, report }
}

const accepted = { status: 202, body: '{"items":[{"status":"accepted"}]}' }

t.test('every event of the plan is sent once, and what is late shows as lag', async (t) => {
  const { ids, prepared, report } = await run(t, () => accepted)
  t.equal(prepared.connections, 5, 'open before the first request')
  t.equal(report.connections, 8, 'and as many as allowed when all is due at once')
  t.strictSame([...ids].sort(), Array.from({ length: 300 }, (_, i) => `qwb-${i}`).sort())
  t.match(report, { sent: 300, answered: 300, errors: 0, sentInWindow: 0 })
  const lag = merge([report.lag])
  t.equal(lag.totalCount, 200, 'only measured events have one')
  t.ok(lag.getValueAtPercentile(0) >= 7_000_000, 'the last was due 7 s ago')
  t.equal(
    report.seconds.reduce((sum, { sent }) => sum + sent, 0),
    200,
  )
})

t.test('every answer that does not say accepted is an error', async (t) => {
  const { report } = await run(t, (i) => {
    if (i === 5) return { status: 503, body: 'busy' }
    if (i === 6) return { status: 202, body: '{"items":[{"status":"quarantined"}]}' }
    return accepted
  })
  t.equal(report.errors, 2)
  t.match(report.errorExamples, ['503 busy', /^202 .*quarantined/])
})
