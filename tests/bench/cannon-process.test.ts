import http from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Child } from '../../bench/child.js'
import type { FromCannon, ToCannon } from '../../bench/ingest-messages.js'

const aimAt = (port: number) => ({
  host: '127.0.0.1',
  port,
  path: '/v1/events',
  connections: 4,
  seconds: 1,
  units: 11,
  run: 'shot1',
  time: '2024-07-03T09:15:00+08:00',
})

/** A real load process on a server that accepts all lines, or all but the first of every tenth request. */
const start = async (t: Test, refuses: boolean) => {
  const ids: string[] = []
  let requests = 0
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      requests += 1
      const refused = refuses && requests % 10 === 0
      const lines = body.split('\n').filter((line) => line !== '')
      for (const line of lines) ids.push((JSON.parse(line) as { id: string }).id)
      const items = lines.map((_, i) => ({ status: refused && i === 0 ? 'quarantined' : 'accepted' }))
      const answer = JSON.stringify({ items })
      response.writeHead(202, { 'content-length': Buffer.byteLength(answer) }).end(answer)
    })
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
  const cannon = new Child<ToCannon, FromCannon>('cannon', './cannon-process.js')
  t.teardown(async () => {
    await cannon.stop()
    server.closeAllConnections()
    server.close()
  })
  return { cannon, port, ids }
}

const waitMs = 60_000

t.test('single events: what is counted was accepted, and no id was sent twice', async (t) => {
  const { cannon, port, ids } = await start(t, false)
  const shot = await cannon.ask({ kind: 'single', ...aimAt(port) }, waitMs)
  t.ok(shot.events > 0 && shot.events <= ids.length)
  t.equal(shot.refused, 0)
  t.equal(new Set(ids).size, ids.length)
})

t.test('an event that is answered 202 but quarantined counts as refused', async (t) => {
  const { cannon, port } = await start(t, true)
  const single = await cannon.ask({ kind: 'single', ...aimAt(port) }, waitMs)
  t.ok(single.refused > 0)
  const lines = await cannon.ask({ kind: 'lines', lines: 7, ...aimAt(port), run: 'shot2' }, waitMs)
  t.ok(lines.refused > 0)
  t.ok(lines.refused * 60 <= lines.events + lines.refused, 'one line in seventy')
})

t.test('NDJSON: every line is counted once', async (t) => {
  const { cannon, port, ids } = await start(t, false)
  const shot = await cannon.ask({ kind: 'lines', lines: 7, ...aimAt(port) }, waitMs)
  t.equal(shot.events, ids.length)
  t.equal(shot.events % 7, 0)
  t.equal(new Set(ids).size, ids.length)
})
