import t, { type Test } from 'tap'
import { eventMaker } from '../../bench/cannon-bodies.js'
import { Child } from '../../bench/child.js'
import type { FromServer, ServerMode, ToServer } from '../../bench/ingest-messages.js'
import { foundCity } from '../../bench/service-calls.js'

const units = 11

const post = async (port: number, contentType: string, body: string) => {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body,
  })
  return { status: answer.status, text: await answer.text() }
}

const start = async (t: Test, mode: ServerMode) => {
  const child = new Child<ToServer, FromServer>(`server ${mode}`, './ingest-server-process.js')
  t.teardown(() => child.stop())
  const { port } = await child.ask({ kind: 'listen', mode, directory: t.testdir() }, 30_000)
  return port
}

const single = 'application/cloudevents+json'

t.test('the constant answer is given to an event only', async (t) => {
  const port = await start(t, 'constant')
  const next = eventMaker({ units, run: 'a', time: new Date().toISOString() })
  const answers = [await post(port, single, next()), await post(port, single, next())]
  t.match(answers[0], { status: 202, text: /"status":"accepted"/ })
  t.strictSame(answers[0], answers[1])
  t.equal((await post(port, single, '{"specversion":"1.0"}')).status, 500, 'it validates: what is no event is a defect')
  t.equal((await post(port, single, 'x')).status, 400)
})

t.test('the log target takes each event once, at positions of its own, and knows duplicates', async (t) => {
  const port = await start(t, 'log')
  await foundCity({ host: '127.0.0.1', port }, { units, flipShare: 0 })
  const next = eventMaker({ units, run: 'a', time: new Date().toISOString() })
  const event = next()
  const positionIn = (text: string) => (JSON.parse(text) as { items: { position: number }[] }).items[0]?.position ?? 0
  const first = await post(port, single, event)
  const second = await post(port, single, next())
  t.match(first, { status: 202, text: /"status":"accepted"/ })
  t.equal(positionIn(second.text), positionIn(first.text) + 1)
  t.match(await post(port, single, event), { status: 202, text: /"status":"duplicate"/ })
  const lines = await post(port, 'application/x-ndjson', `${next()}\n${next()}\n`)
  t.equal(lines.text.match(/"status":"accepted"/g)?.length, 2)
})
