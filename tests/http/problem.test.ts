import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { QwError } from '../../src/core/errors.js'
import { installProblems, problemMediaType, problemOptions, problemResponses } from '../../src/http/problem.js'

function build(): FastifyInstance {
  const app = Fastify({ ...problemOptions, bodyLimit: 100 })
  installProblems(app)
  const bodySchema = { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } }
  const querySchema = { type: 'object', properties: { limit: { type: 'integer' } } }
  app.post('/things', { schema: { body: bodySchema } }, async () => ({}))
  app.get('/things/:id', { schema: { querystring: querySchema } }, async (request) => {
    const { id } = request.params as { id: string }
    if (id === 'gone') throw new QwError('QW_LOG_TRIMMED', { first: 7 })
    if (id === 'full') throw new QwError('QW_OVERLOADED', { queue: 'log', retryAfterSeconds: 3 })
    if (id === 'boot') throw new QwError('QW_OPTION_INVALID', { option: 'x' })
    if (id === 'wild') throw new Error('the password is hunter2')
    return { id }
  })
  return app
}

const cases = [
  ['no such address', 'GET', '/nothing?token=secret', undefined, 404, 'QW_NOT_FOUND'],
  ['an address that cannot be decoded', 'GET', '/things/%zz', undefined, 404, 'QW_NOT_FOUND'],
  ['a method the address does not answer', 'DELETE', '/things/1', undefined, 405, 'QW_METHOD_NOT_ALLOWED'],
  ['broken JSON', 'POST', '/things', '{"a":', 400, 'QW_BODY_NOT_JSON'],
  ['a body that would poison a prototype', 'POST', '/things', '{"__proto__":{"a":1}}', 400, 'QW_BODY_NOT_JSON'],
  ['no body at all', 'POST', '/things', '', 400, 'QW_BODY_EMPTY'],
  ['a body that does not fit the schema', 'POST', '/things', '{"a":"x"}', 400, 'QW_BODY_INVALID'],
  ['a body over the limit', 'POST', '/things', `{"a":"${'x'.repeat(100)}"}`, 413, 'QW_BODY_TOO_LARGE'],
  ['a query that does not fit the schema', 'GET', '/things/1?limit=x', undefined, 400, 'QW_QUERY_INVALID'],
  ['an expected error', 'GET', '/things/gone', undefined, 410, 'QW_LOG_TRIMMED'],
  ['an error that is not for answers', 'GET', '/things/boot', undefined, 500, 'QW_INTERNAL'],
  ['a defect of ours', 'GET', '/things/wild', undefined, 500, 'QW_INTERNAL'],
] as const

for (const [name, method, url, payload, status, code] of cases)
  t.test(`${name} is answered ${status} ${code}`, async (t) => {
    const app = build()
    const answer = await app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload, headers: { 'content-type': 'application/json' } }),
    })
    const problem = answer.json()
    t.equal(answer.statusCode, status)
    t.match(answer.headers['content-type'], problemMediaType)
    t.match(problem, { status, code, type: `urn:quotawatch:problem:${code}` })
    t.hasProps(problem, ['title', 'detail', 'instance'])
    t.notMatch(answer.payload, /secret|hunter2|node_modules/)
    await app.close()
  })

t.test('a wrong content type is named in the answer', async (t) => {
  const app = build()
  const headers = { 'content-type': 'text/csv' }
  const answer = await app.inject({ method: 'POST', url: '/things', payload: 'a;b', headers })
  t.match(answer.json(), { status: 415, code: 'QW_MEDIA_TYPE', detail: /text\/csv/ })
  await app.close()
})

t.test('a wrong method learns the right ones', async (t) => {
  const app = build()
  t.equal((await app.inject({ method: 'PUT', url: '/things/1' })).headers['allow'], 'GET, HEAD')
  t.equal((await app.inject({ method: 'GET', url: '/things' })).headers['allow'], 'POST')
  await app.close()
})

t.test('a 503 says when to come again', async (t) => {
  const app = build()
  const answer = await app.inject({ method: 'GET', url: '/things/full' })
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '3')
  await app.close()
})

t.test('bytes that are no HTTP get a problem document and are hung up on', async (t) => {
  const app = build()
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.setEncoding('utf8')
  let heard = ''
  socket.on('data', (text: string) => {
    heard += text
  })
  socket.write('what is this\r\n\r\n')
  await once(socket, 'close')
  t.match(heard, /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.equal(JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4)).code, 'QW_BODY_INVALID')
  await app.close()
})

t.test('the OpenAPI responses group the codes by status', async (t) => {
  const responses = problemResponses('QW_BODY_TOO_LARGE', 'QW_TOO_MANY_EVENTS', 'QW_MEDIA_TYPE')
  t.same(Object.keys(responses), ['413', '415'])
  t.match(responses[413], { description: 'QW_BODY_TOO_LARGE, QW_TOO_MANY_EVENTS' })
})
