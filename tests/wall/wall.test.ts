/** How the page is served: what it may do in a browser, how long it is kept, and where it is told the stream is. */
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { installProblems, problemOptions } from '../../src/http/problem.js'
import { wallWords } from '../../src/node/wall-page.js'
import { registerWall } from '../../src/wall/wall.js'

async function served(
  t: Test,
  settings: { streamAddress?: string; exercise?: boolean } = {},
): Promise<FastifyInstance> {
  const directory = t.testdir({
    'secret.txt': 'outside',
    page: { 'index.html': '<title>wall</title>', assets: { 'index-abc.js': 'export {}' } },
  })
  const app = Fastify()
  t.teardown(() => app.close())
  const streamAddress = settings.streamAddress ?? 'ws://127.0.0.1:8602/v1/stream'
  await registerWall(app, { directory: `${directory}/page`, streamAddress, exercise: settings.exercise ?? false })
  return app
}

t.test('the page may load its own files, talk to its service and its stream, and nothing else', async (t) => {
  const app = await served(t)
  const { headers, body, statusCode } = await app.inject('/wall/')
  t.equal(statusCode, 200)
  t.match(body, 'wall')
  const policy = String(headers['content-security-policy'])
  t.match(policy, /^default-src 'none'; /)
  t.match(policy, /connect-src 'self' ws:\/\/127\.0\.0\.1:8602;/)
  t.notMatch(policy, /unsafe|\*|data:/)
  t.equal(headers['x-content-type-options'], 'nosniff')
})

t.test('what carries its content in its name is kept for ever, the page itself is not', async (t) => {
  const app = await served(t)
  t.match((await app.inject('/wall/assets/index-abc.js')).headers['cache-control'], /immutable/)
  t.equal((await app.inject('/wall/')).headers['cache-control'], 'no-cache')
  t.equal((await app.inject('/wall/config.json')).headers['cache-control'], 'no-store')
})

t.test('where the page was not built every address of the wall says so, and how it is built', async (t) => {
  const app = Fastify(problemOptions)
  t.teardown(() => app.close())
  installProblems(app)
  const directory = t.testdir({ assets: { 'index-abc.js': 'export {}' } })
  await registerWall(app, { directory, streamAddress: 'ws://127.0.0.1:1/v1/stream', exercise: false })
  for (const path of ['/wall', '/wall/', '/wall/assets/index-abc.js', '/wall/config.json']) {
    const answer = (await app.inject(path)).json()
    t.match(answer, { status: 404, code: 'QW_NOT_FOUND', detail: /wall page: it is not built .*build:wall/ }, path)
  }
  t.equal(wallWords('http://here', true), 'http://here/wall/')
  t.match(
    wallWords('http://here', false),
    /^not built: npm run build:wall/,
    'a start prints no address that leads nowhere',
  )
})

t.test('an address without the last slash is led on, with its query', async (t) => {
  const app = await served(t)
  const { statusCode, headers } = await app.inject('/wall?county=XH')
  t.equal(statusCode, 302)
  t.equal(headers.location, '/wall/?county=XH')
})

t.test('nothing outside the page is served', async (t) => {
  const app = await served(t)
  for (const path of ['/wall/../secret.txt', '/wall/%2e%2e/secret.txt', '/wall/..%2fsecret.txt', '/wall/assets/'])
    t.not((await app.inject(path)).statusCode, 200, path)
})

t.test('the page is told where the stream is and whether it is an exercise', async (t) => {
  const app = await served(t, { exercise: true })
  t.same((await app.inject('/wall/config.json')).json(), { stream: 'ws://127.0.0.1:8602/v1/stream', exercise: true })
})

t.test('a stream that listens everywhere is where the browser found the page', async (t) => {
  for (const any of ['0.0.0.0', '[::]']) {
    const app = await served(t, { streamAddress: `ws://${any}:8602/v1/stream` })
    const answer = await app.inject({ url: '/wall/config.json', headers: { host: 'wall.example:8600' } })
    t.equal(answer.json().stream, 'ws://wall.example:8602/v1/stream')
    t.match(answer.headers['content-security-policy'], /connect-src 'self' ws:\/\/wall\.example:8602;/)
  }
})

t.test('a host that is none gets nothing into our headers', async (t) => {
  const app = await served(t, { streamAddress: 'ws://0.0.0.0:8602/v1/stream' })
  const answer = await app.inject({ url: '/wall/', headers: { host: "x; script-src 'unsafe-inline'" } })
  t.notMatch(answer.headers['content-security-policy'], /unsafe/)
})
