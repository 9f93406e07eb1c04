import { Agent, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { createMetrics } from '../../src/api/metrics.js'
import { QwError } from '../../src/core/errors.js'
import { Beginning, isOfTheMachine } from '../../src/node/beginning.js'
import { connectionsAllowed } from '../../src/node/descriptors.js'
import { Door } from '../../src/node/door.js'
import { openHttp } from '../../src/node/http-server.js'
import { sayRaw } from './raw.js'

async function open(connectionsMax = 100, exercise = true) {
  const beginning = new Beginning()
  const metrics = createMetrics()
  metrics.parts(beginning.parts)
  const door = await Door.open({
    host: '127.0.0.1',
    port: 0,
    connectionsMax,
    spareMax: 64,
    exercise,
    metrics,
    parts: beginning.parts,
  })
  const { port } = door.server.address() as AddressInfo
  return { beginning, door, url: `http://127.0.0.1:${port}` }
}

t.test(
  'before the service serves, health says what it is doing, and everybody else is told to come again',
  async (t) => {
    const { beginning, door, url } = await open()
    beginning.state = 'judging the log'
    const alive = await fetch(`${url}/livez`)
    t.equal(alive.headers.get('x-quotawatch-exercise'), 'true', 'an exercise is one from the first moment')
    t.same(await alive.json(), { alive: true })
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
    t.equal(refused.headers.get('x-quotawatch-exercise'), 'true')
    t.equal(refused.headers.get('refresh'), '2', 'and a browser comes again by itself')
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

t.test('events that are refused never reach the service; all else does, and the connection goes on', async (t) => {
  const { door, url } = await open()
  const http = openHttp(door, 1000, () => undefined)
  const reached: string[] = []
  for (const path of ['/v1/events', '/v1/orders'])
    http.app.post(path, async () => {
      reached.push(path)
      return {}
    })
  http.app.get('/v1/events', async () => ({}))
  let refuses = true
  await http.serve(() =>
    refuses ? new QwError('QW_TOO_LATE', { delayMs: 2100, limit: 30, retryAfterSeconds: 3 }) : undefined,
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const post = (path: string, body: string) =>
    new Promise<IncomingMessage & { text: string }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const asked = request(`${url}${path}`, { agent, method: 'POST', headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(Object.assign(response, { text })))
      })
      asked.on('error', reject).end(body)
    })
  // Its body is read to the end and thrown away, or the next request could not be read.
  const first = await post('/v1/events', `{"x":"${'x'.repeat(100_000)}"}`)
  t.equal(first.statusCode, 503)
  t.match(first.headers, { 'retry-after': '3', 'content-length': String(Buffer.byteLength(first.text)) })
  t.match(JSON.parse(first.text), { code: 'QW_TOO_LATE', detail: /in 2100 ms/, instance: '/v1/events' })
  t.equal((await post('/v1/orders', '{}')).statusCode, 200)
  t.equal((await fetch(`${url}/v1/events`)).status, 200)
  t.same(reached, ['/v1/orders'])
  refuses = false
  const last = await post('/v1/events', '{}')
  t.equal(last.statusCode, 200)
  t.same(reached, ['/v1/orders', '/v1/events'])
  t.equal(door.connections, 2, 'one of fetch, and one of all the others')
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

t.test('when there are too many connections those that rest make room, and health is always answered', async (t) => {
  const { door, url } = await open(4)
  const http = openHttp(door, 1000, () => undefined)
  const waiting: (() => void)[] = []
  http.app.get('/slow', async () => {
    await new Promise<void>((done) => waiting.push(done))
    return { late: true }
  })
  const neverRefused = ['/livez', '/readyz', '/metrics', '/v1/gate']
  for (const path of neverRefused) http.app.get(path, async () => ({ alive: true }))
  await http.serve()
  const { port } = new URL(url)
  const silent = Array.from({ length: 20 }, () => connect(Number(port), '127.0.0.1'))
  for (const socket of silent) socket.on('error', () => undefined)
  const ask = (path: string) => fetch(`${url}${path}`, { headers: { connection: 'close' } })
  t.same(await (await ask('/livez')).json(), { alive: true }, 'past twenty who say nothing')
  t.ok(door.connections <= 5)
  t.ok(door.madeRoom > 0)
  const slow: Promise<Response>[] = []
  for (let busy = 1; busy <= 4; busy++) {
    slow.push(ask('/slow'))
    while (waiting.length < busy) await pause(5)
  }
  const refused = await ask('/slow')
  t.match(await refused.json(), { code: 'QW_OVERLOADED', detail: /connections/ })
  t.equal(refused.headers.get('retry-after'), '1')
  t.equal(door.refused, 1)
  for (const path of neverRefused)
    t.same(await (await ask(path)).json(), { alive: true }, `${path}, past four who are busy`)
  for (const answer of waiting) answer()
  for (const answer of slow) t.equal((await answer).status, 200, 'who was busy is answered')
  for (const socket of silent) socket.destroy()
  await http.close()
})

t.test('who rests between two requests makes room for who comes', async (t) => {
  const { door, url } = await open(2)
  const http = openHttp(door, 1000, () => undefined)
  http.app.get('/thing', async () => ({ served: true }))
  await http.serve()
  for (let client = 1; client <= 4; client++) {
    const agent = new Agent({ keepAlive: true })
    t.teardown(() => agent.destroy())
    const status = await new Promise((resolve, reject) => {
      request(`${url}/thing`, { agent }, (response) =>
        response.resume().once('end', () => resolve(response.statusCode)),
      )
        .on('error', reject)
        .end()
    })
    t.equal(status, 200, `client ${client}`)
  }
  t.equal(door.refused, 0)
  t.ok(door.connections <= 2)
  await http.close()
})

const neverRouted = [
  ['400', 'GET / HTTP\r\n\r\n'],
  ['431', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`],
  ['400', 'GET /livez HTTP/1.1\r\n\r\n'],
  ['417', 'GET /livez HTTP/1.1\r\nhost: x\r\nexpect: wonders\r\nconnection: close\r\n\r\n'],
] as const

t.test(
  'in an exercise every answer says so, also to what never reaches a router, and none has the machine’s date',
  async (t) => {
    for (const exercise of [true, false]) {
      const { door, url } = await open(100, exercise)
      const http = openHttp(door, 1000, () => undefined)
      http.app.post('/v1/events', async () => ({}))
      const says = (heard: string, what: string) => {
        t.equal(/\r\nx-quotawatch-exercise: true\r\n/i.test(heard), exercise, what)
        if (exercise) t.notMatch(heard, /\r\ndate:/i, what)
      }
      const early = await sayRaw(url, 'GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      t.match(early, /^HTTP\/1\.1 503 /)
      says(early, 'too early')
      t.equal(/\r\ndate:/i.test(early), !exercise, 'the machine’s time is the service’s only where it is no exercise')
      await http.serve(() => new QwError('QW_TOO_LATE', { delayMs: 50, limit: 30 }))
      const post = 'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'
      says(await sayRaw(url, post), 'refused before it is read')
      for (const [status, bytes] of neverRouted) {
        const heard = await sayRaw(url, bytes)
        t.match(heard, new RegExp(`^HTTP/1\\.1 ${status} `))
        says(heard, `${status} to ${bytes.slice(0, 40)}`)
      }
      await http.close()
    }
  },
)

t.test('connections are as many as are wanted, and leave the files that are reserved', async (t) => {
  t.equal(connectionsAllowed(10_000, 256, 20_000), 10_000)
  t.equal(connectionsAllowed(10_000, 256, 1024), 768)
  t.equal(connectionsAllowed(10_000, 256, 100), 1, 'one at least')
  t.ok(connectionsAllowed(10, 16) >= 1)
})

t.test('what a machine lacks is told from a defect, wherever it stands in the chain of causes', async (t) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  t.ok(isOfTheMachine(full))
  t.ok(isOfTheMachine(new Error('the log cannot be written', { cause: full })))
  t.notOk(isOfTheMachine(new TypeError('x is not a function')))
  t.notOk(isOfTheMachine(Object.assign(new Error('no such file'), { code: 'ENOENT' })), 'nobody will bring it back')
  t.notOk(isOfTheMachine('ENOSPC'))
})
