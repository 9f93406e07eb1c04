import http from 'node:http'
import net from 'node:net'
import t from 'tap'
import { type Answer, HttpPool } from '../../bench/http-pool.js'

const listen = (server: net.Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port)))

const poolOn = (port: number, connectionsMax: number, answerWaitMs = 10_000): HttpPool =>
  new HttpPool({ host: '127.0.0.1', port, path: '/v1/events', contentType: 'text/plain', connectionsMax, answerWaitMs })

const postAll = (pool: HttpPool, bodies: readonly string[]): Promise<Answer[]> =>
  Promise.all(bodies.map((body) => new Promise<Answer>((resolve) => pool.post(body, resolve))))

t.test('every post gets its own answer, over at most so many connections, which are used again', async (t) => {
  const sockets = new Set<net.Socket>()
  const server = http.createServer((request, response) => {
    sockets.add(request.socket)
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const answer = `${request.method} ${request.url} ${request.headers['content-type']} ${body}`
      response.writeHead(202, { 'content-length': Buffer.byteLength(answer) }).end(answer)
    })
  })
  const pool = poolOn(await listen(server), 3)
  t.teardown(() => {
    pool.close()
    server.close()
  })
  const bodies = Array.from({ length: 50 }, (_, i) => `body 编 ${i}`)
  const answers = await postAll(pool, bodies)
  t.strictSame(
    answers.map(({ status, body }) => [status, Buffer.from(body, 'latin1').toString()]),
    bodies.map((body) => [202, `POST /v1/events text/plain ${body}`]),
  )
  t.ok(answers.every(({ sentUs, answeredUs }) => sentUs > 0 && answeredUs >= sentUs))
  t.equal(sockets.size, 3)
  t.equal(pool.connections, 3)
})

t.test('an answer that comes byte by byte is read whole', async (t) => {
  const server = net.createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('data', () => {
      const bytes = Buffer.from('HTTP/1.1 503 Busy\r\nX: y\r\nContent-Length: 4\r\n\r\nbusy')
      const next = (at: number): void => {
        if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setImmediate(() => next(at + 1)))
      }
      next(0)
    })
  })
  const pool = poolOn(await listen(server), 1)
  t.teardown(() => {
    pool.close()
    server.close()
  })
  const answers = await postAll(pool, ['a', 'b'])
  t.match(answers, [
    { status: 503, body: 'busy' },
    { status: 503, body: 'busy' },
  ])
})

t.test('a connection that breaks answers with status 0 and the next request gets a new one', async (t) => {
  let seen = 0
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => {
      seen += 1
      if (seen === 1) socket.destroy()
      else socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  const pool = poolOn(await listen(server), 1)
  t.teardown(() => {
    pool.close()
    server.close()
  })
  const [first, second] = await postAll(pool, ['a', 'b'])
  t.equal(first?.status, 0)
  t.ok(first?.reason)
  t.match(second, { status: 202, body: 'ok' })
})

t.test('an answer without a length and one that never comes are errors, not hangs', async (t) => {
  let seen = 0
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => {
      seen += 1
      if (seen === 1) socket.write('HTTP/1.1 202 Accepted\r\n\r\n')
    })
  })
  const pool = poolOn(await listen(server), 1, 1)
  t.teardown(() => server.close())
  const keepAlive = setInterval(() => undefined, 1_000)
  const [first, second] = await postAll(pool, ['a', 'b'])
  clearInterval(keepAlive)
  t.match(first, { status: 0, reason: 'an answer without content-length' })
  t.match(second, { status: 0, reason: 'no answer in time' })
  pool.close()
  t.equal(pool.connections, 0)
})

t.test('a server that answers idle connections unasked and closes them takes no later request with it', async (t) => {
  let impatient = true
  let closed = 0
  let onClosed = (): void => {}
  const server = net.createServer((socket) => {
    socket.on('close', () => {
      closed += 1
      onClosed()
    })
    socket.on('error', () => undefined)
    const answer = (status: string): boolean => socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\nno`)
    if (impatient) {
      answer('408 Request Timeout')
      socket.end()
    } else socket.on('data', () => answer('202 Accepted'))
  })
  const pool = poolOn(await listen(server), 4)
  t.teardown(() => {
    pool.close()
    server.close()
  })
  const bothClosed = new Promise<void>((resolve) => {
    onClosed = () => {
      if (closed === 2) resolve()
    }
  })
  await pool.warm(2)
  await bothClosed
  impatient = false
  const answers = await postAll(pool, ['a', 'b', 'c'])
  t.ok(answers.filter(({ status }) => status === 202).length >= 1)
  t.equal(answers.length, 3, 'each is answered, or said to have failed')
})
