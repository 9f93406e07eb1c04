import t from 'tap'
import { sayRaw } from '../node/raw.js'
import { event, school, send } from './reported.js'
import { ask, startService, temporaryDirectory, until } from './service.js'

const body = (unit: string, count: number, basis = 'permanent') => JSON.stringify({ unit, count, basis })

t.test('the gate answers on a port of its own and on the API, as events and orders change what is true', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  t.teardown(() => service.stop())
  const unit = 'PJ-EDU-0001'
  const gates = [service.gate, service.http]
  const says = async (count: number, expected: object): Promise<void> => {
    for (const gate of gates) {
      // What was acknowledged is durable; the engine judges it a moment later.
      const { status, body: answer } = await until(
        () => ask(`${gate}/v1/gate`, body(unit, count)),
        (seen) => (seen.body as { allow?: boolean }).allow === (expected as { allow: boolean }).allow,
      )
      t.equal(status, 200)
      t.match(answer, expected, gate)
    }
  }
  t.match(await ask(`${service.gate}/v1/gate`, body(unit, 1), 'text/plain'), {
    status: 415,
    body: { code: 'QW_MEDIA_TYPE' },
  })
  t.match(await ask(`${service.gate}/v1/gate`, body('x'.repeat(5000), 1)), {
    status: 413,
    body: { code: 'QW_BODY_TOO_LARGE', detail: /over 4096 bytes .*gateBodyBytesMax/ },
  })
  for (const gate of gates)
    t.match(await ask(`${gate}/v1/gate`, body(unit, 1)), { status: 404, body: { code: 'QW_NOT_FOUND' } })
  await send(service.http, [...school(unit), event('left', 'staff.left', unit, { count: 2, basis: 'permanent' })])
  await says(2, { allow: true, reasons: [] })
  await says(3, { allow: false, reasons: [{ code: 'QW_GATE_OVER_QUOTA' }] })

  const order = (fields: object) =>
    ask(`${service.http}/v1/orders`, JSON.stringify({ subject: unit, by: '张三', reason: '核查', ...fields }))
  t.equal((await order({ order: 'freeze' })).status, 202)
  await says(1, { allow: false, reasons: [{ code: 'QW_GATE_FROZEN', text: `unit ${unit} is frozen by order` }] })
  t.equal((await order({ order: 'lift', until: new Date(Date.now() + 3_600_000).toISOString() })).status, 202)
  await says(1, { allow: true, reasons: [] })

  const metrics = await (await fetch(`${service.http}/metrics`)).text()
  t.match(metrics, /quotawatch_gate_allowed_total [1-9]/)
  t.match(metrics, /quotawatch_gate_denied_total [1-9]/)
  t.match(JSON.stringify((await ask(`${service.http}/readyz`)).body), /"name":"gate","state":"answering on/)
})

t.test('a core that died answers at its gate again as before, and never from nothing', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t), options: { restartBackoffMs: 10 } })
  t.teardown(() => service.stop())
  await send(service.http, [...school('XH-EDU-0001')])
  const denied = await until(
    () => ask(`${service.gate}/v1/gate`, body('XH-EDU-0001', 1)),
    ({ status }) => status === 200,
  )
  t.match(denied.body, { allow: false, reasons: [{ code: 'QW_GATE_OVER_QUOTA' }] })
  const [core] = service.children().core
  process.kill(core as number, 'SIGKILL')
  const answers: unknown[] = []
  await until(
    async () => {
      const answer = await ask(`${service.gate}/v1/gate`, body('XH-EDU-0001', 1)).catch(() => undefined)
      if (answer) answers.push(answer.body)
      return { answer, core: service.children().core[0] }
    },
    ({ answer, core: now }) => answer?.status === 200 && now !== undefined && now !== core,
  )
  for (const answer of answers) t.same(answer, denied.body, 'every answer is the same')
})

t.test('in an exercise the gate’s port says so too, also to what is no request, and shows no other time', async (t) => {
  const options = { clock: 'scenario', scenarioStart: '2025-06-01T09:00:00+08:00' }
  const service = await startService({ directory: await temporaryDirectory(t), options })
  t.teardown(() => service.stop())
  const { status, headers } = await fetch(`${service.gate}/v1/gate`, { method: 'POST', body: '{}' })
  t.match([status, headers.get('x-quotawatch-exercise')], [415, 'true'])
  t.equal(headers.get('date'), 'Sun, 01 Jun 2025 01:00:00 GMT')
  for (const bytes of ['GET / HTTP\r\n\r\n', 'POST /v1/gate HTTP/1.1\r\n\r\n']) {
    const heard = await sayRaw(service.gate, bytes)
    t.match(heard, /^HTTP\/1\.1 400 [\s\S]*\r\nx-quotawatch-exercise: true\r\n/)
    t.notMatch(heard, /\r\ndate:/i)
  }
})

t.test('where no history is kept a wrong question is still told what is wrong with it', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  t.teardown(() => service.stop())
  const history = (rest: string) => ask(`${service.http}/v1/history?subject=city&${rest}`)
  const [from, to] = ['2024-01-02T00:00:00Z', '2024-01-01T00:00:00Z']
  t.match(await history(`from=${from}&to=${to}`), { status: 400, body: { code: 'QW_QUERY_INVALID', field: '/from' } })
  t.match(await history('step=1s'), { status: 400, body: { code: 'QW_QUERY_INVALID', field: '/step' } })
  t.match(await history('step=1d'), { status: 503, body: { code: 'QW_STORE_AWAY' } })
})
