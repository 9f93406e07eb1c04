import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createMetrics } from '../../src/api/metrics.js'
import { Beginning, isOfTheMachine } from '../../src/node/beginning.js'
import { Door } from '../../src/node/door.js'
import { openHttp } from '../../src/node/http-server.js'

async function open() {
  const beginning = new Beginning()
  const metrics = createMetrics()
  metrics.parts(beginning.parts)
  const door = await Door.open({ host: '127.0.0.1', port: 0, exercise: true, metrics, parts: beginning.parts })
  const { port } = door.server.address() as AddressInfo
  return { beginning, door, url: `http://127.0.0.1:${port}` }
}

t.test(
  'before the service serves, health says what it is doing, and everybody else is told to come again',
  async (t) => {
    const { beginning, door, url } = await open()
    beginning.state = 'judging the log'
    t.same(await (await fetch(`${url}/livez`)).json(), { alive: true })
    const ready = await fetch(`${url}/readyz`)
    t.equal(ready.status, 503)
    t.same(await ready.json(), {
      ready: false,
      exercise: true,
      parts: [{ name: 'core', state: 'judging the log', ready: false }],
    })
    t.match(await (await fetch(`${url}/metrics`)).text(), /quotawatch_part_ready\{part="core"\} 0/)
    const refused = await fetch(`${url}/v1/events?x=1`, { method: 'POST', body: 'x'.repeat(200_000) })
    t.equal(refused.status, 503)
    t.equal(refused.headers.get('retry-after'), '1')
    t.match(await refused.json(), { code: 'QW_STARTING', detail: /judging the log/, instance: '/v1/events' })
    await door.close()
  },
)

t.test('when it serves, the same connections reach the service', async (t) => {
  const { beginning, door, url } = await open()
  await (await fetch(`${url}/livez`)).text()
  const http = openHttp(door, 1000, () => undefined)
  http.app.get('/thing', async () => ({ served: true }))
  beginning.serves(() => [{ name: 'log', state: 'well', ready: true }])
  await http.serve()
  t.same(await (await fetch(`${url}/thing`)).json(), { served: true })
  t.match(await (await fetch(`${url}/other`)).json(), { code: 'QW_NOT_FOUND' })
  t.same(beginning.parts(), [{ name: 'log', state: 'well', ready: true }])
  await http.close()
})

t.test('a door that closes lets what was begun be answered, and waits for no idle connection', async (t) => {
  const { door, url } = await open()
  const http = openHttp(door, 1000, () => undefined)
  let answer = () => {}
  const begun = new Promise<void>((resolve) => {
    http.app.get('/slow', async () => {
      resolve()
      await new Promise<void>((done) => {
        answer = done
      })
      return { late: true }
    })
  })
  await http.serve()
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const got = new Promise<number | undefined>((resolve) => {
    request(`${url}/slow`, { agent }, (response) => resolve(response.resume().statusCode)).end()
  })
  await begun
  const closed = http.close()
  answer()
  t.equal(await got, 200)
  await closed
  await t.rejects(fetch(`${url}/slow`))
})

t.test('what a machine lacks is told from a defect, wherever it stands in the chain of causes', async (t) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  t.ok(isOfTheMachine(full))
  t.ok(isOfTheMachine(new Error('the log cannot be written', { cause: full })))
  t.notOk(isOfTheMachine(new TypeError('x is not a function')))
  t.notOk(isOfTheMachine(Object.assign(new Error('no such file'), { code: 'ENOENT' })), 'nobody will bring it back')
  t.notOk(isOfTheMachine('ENOSPC'))
})
