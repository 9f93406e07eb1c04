import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { verifyToken } from '../../src/stream/token.js'
import { say } from './terminal.js'

t.test('help names every command; the version is that of package.json', async (t) => {
  const directory = t.testdir({})
  for (const words of [[], ['help'], ['--help'], ['watch', '--help']]) {
    const { code, out } = await say(words, { directory })
    t.equal(code, 0)
    for (const name of ['start', 'simulate', 'watch', 'config', 'token', 'log', 'verify'])
      t.match(out, `quotawatch ${name} `)
  }
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  t.same(await say(['--version'], { directory }), { code: 0, out: version, err: '' })
})

t.test(
  'a wrong command line ends with 2 and says what was wrong; an expected error ends with 1 and its code',
  async (t) => {
    const directory = t.testdir({})
    const cases: readonly (readonly [string, number, RegExp])[] = [
      ['wach all', 2, /^no command wach is known; did you mean watch\?\n/],
      ['frobnicate', 2, /^no command frobnicate is known\n/],
      ['config --jsn', 2, /^Unknown option '--jsn'/],
      ['start all', 2, /^Unexpected argument 'all'/],
      ['watch', 2, /^watch needs a topic/],
      ['watch all --since x', 2, /^--since must be/],
      ['watch all --address http://127.0.0.1', 2, /^--address must be/],
      ['token', 2, /^--role must be one of/],
      ['token --role officer', 2, /^an officer needs/],
      ['token --role viewer --county ZZ', 2, /^--county must be one of/],
      ['token --role viewer --ttl 3651d', 2, /^--ttl must be/],
      ['token --role viewer --ttl 0d', 2, /^--ttl must be/],
      ['token --role viewer --unit a/b', 2, /^--unit must be/],
      ['simulate --to 2024-13', 2, /^--from and --to: 2024-13 is no month/],
      ['simulate --from 2025-01 --to 2024-12', 2, /^--from and --to: 2024-12 is before 2025-01/],
      ['simulate --speed fast', 2, /^--speed must be/],
      ['simulate --seed -1', 2, /seed/],
      ['simulate --seed x', 2, /^--seed must be/],
      ['simulate --pause-on yellow', 2, /^--pause-on must be red/],
      ['simulate --pause-on red', 2, /^--pause-on needs a terminal/],
      ['simulate --address ws://127.0.0.1', 2, /^--address must be/],
      ['simulate --address http://127.0.0.1:1 --data d', 2, /^--data is of a service of its own/],
      ['simulate --set clock=system', 1, /^QW_CLOCK_KIND /],
      ['log', 2, /^log check, or log export/],
      ['log export --from 0', 2, /^--from must be/],
      ['verify --wait-seconds soon', 2, /^--wait-seconds must be/],
      ['config --set shards=0', 1, /^QW_OPTION_INVALID shards 0 must be between 1 and 64$/],
      ['start --set shard=2', 1, /^QW_OPTION_UNKNOWN no option shard is known; did you mean shards\?$/],
      ['config --config gone.yaml', 1, /^QW_OPTION_INVALID config .*gone\.yaml must be a file/],
    ]
    for (const [line, code, message] of cases) {
      const said = await say(line.split(' ').filter(Boolean), { directory })
      t.equal(said.code, code, line)
      t.match(said.err, message, line)
      t.equal(said.out, '', line)
    }
  },
)

t.test('config prints what would run, as a table and as JSON', async (t) => {
  const directory = t.testdir({ 'quotawatch.yaml': 'httpPort: 9600' })
  const environment = { QUOTAWATCH_SHARDS: '3' }
  const table = await say(['config', '--set', 'policy=desk'], { directory, environment })
  t.match(table, { code: 0, err: '' })
  t.match(table.out, /^httpPort +9600 +port +0 … 65535 +file$/m)
  t.match(table.out, /^shards +3 +threads +1 … 64 +environment$/m)
  t.match(table.out, /^policy +desk +home, desk +argument$/m)
  const json = JSON.parse((await say(['config', '--json'], { directory })).out) as Record<string, unknown>
  t.match(json, { file: join(directory, 'quotawatch.yaml'), options: { httpPort: { value: 9600, source: 'file' } } })
})

t.test('a token is signed with a key that is made once, for its owner alone', async (t) => {
  const directory = t.testdir({})
  const first = await say(['token', '--role', 'officer', '--county', 'XH', '--ttl', '2h'], { directory })
  t.match(first, { code: 0, err: '' })
  const file = join(directory, 'var', 'data', 'token.secret')
  const secret = (await readFile(file, 'utf8')).trim()
  t.equal((await stat(file)).mode & 0o777, 0o600)
  t.notMatch(first.out, secret)
  const grant = await verifyToken(secret, first.out)
  t.match(grant, { role: 'officer', county: 'XH' })
  const other = await say(['token', '--role', 'wall'], { directory })
  t.match(await verifyToken(secret, other.out), { role: 'wall' }, 'the second token has the same key')
})

t.test('a key that everybody may read, or that is too short, is refused', async (t) => {
  const directory = t.testdir({ open: 'x'.repeat(40), short: 'x'.repeat(31) })
  await chmod(join(directory, 'open'), 0o644)
  await chmod(join(directory, 'short'), 0o600)
  const refusal = async (file: string) =>
    say(['token', '--role', 'wall', '--set', `tokenSecretFile=${file}`], { directory })
  t.match(await refusal('open'), {
    code: 1,
    err: /^QW_OPTION_INVALID tokenSecretFile .*open must not be open to everybody/,
  })
  t.match(await refusal('short'), {
    code: 1,
    err: /^QW_OPTION_INVALID tokenSecretFile .* must hold at least 32 characters/,
  })
  await chmod(join(directory, 'open'), 0o640)
  t.match(await refusal('open'), { code: 0 }, 'a group may read it')
})

/** A server of the stream that says what it is told to, to whoever subscribes. */
async function streamOf(frames: readonly object[], t: { teardown(end: () => void): void }): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  t.teardown(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket) => {
    socket.on('message', (bytes) => {
      const { type } = JSON.parse(String(bytes)) as { type: string }
      if (type === 'subscribe') for (const frame of frames) socket.send(JSON.stringify(frame))
    })
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address')
  return `ws://127.0.0.1:${address.port}/v1/stream`
}

const alert = {
  type: 'transition',
  topic: 'all',
  n: 8,
  p: 7,
  kind: 'alert',
  subject: 'PJ-EDU-1',
  rule: 'over-quota',
  from: 'green',
  to: 'red',
  at: '2024-07-03T09:15:00.000+08:00',
  why: { figure: { numerator: '1', denominator: '1', value: 1 }, threshold: { above: '0' }, events: [] },
}

const frames = [
  { type: 'welcome', v: 1, role: 'wall', lane: 'critical', exercise: true },
  { type: 'subscribed', topic: 'all', head: 7, resumed: false },
  {
    type: 'snapshot',
    topic: 'all',
    n: 7,
    part: 1,
    parts: 1,
    items: [{ kind: 'freeze', unit: 'XH-1', sequence: 3, state: 'lifted' }],
  },
  alert,
  {
    ...alert,
    n: 9,
    p: 8,
    kind: 'freeze',
    rule: undefined,
    from: 'none',
    to: 'frozen',
    sequence: 1,
    reasons: ['over-quota'],
    why: {},
  },
]

t.test('watch prints one line per transition with the reason, and what the snapshot holds', async (t) => {
  const address = await streamOf(frames, t)
  const ending = new AbortController()
  const said = await say(['watch', 'all', '--address', address], {
    directory: t.testdir({}),
    ended: ending.signal,
    onOut: (line) => {
      if (line.includes('n 9')) ending.abort()
    },
  })
  t.equal(said.code, 0)
  t.same(said.out.split('\n'), [
    'at n 7  XH-1  freeze 3  lifted',
    '2024-07-03T09:15:00.000+08:00  n 8  PJ-EDU-1  over-quota  green → red  (1 > 0)',
    '2024-07-03T09:15:00.000+08:00  n 9  PJ-EDU-1  freeze 1  none → frozen  (for over-quota)',
  ])
  t.match(said.err, /^connected as wall, critical lane, 演练 exercise\nall stands at n 7/)
})

t.test('watch --json prints the frames as they came', async (t) => {
  const address = await streamOf(frames, t)
  const ending = new AbortController()
  const said = await say(['watch', 'all', '--json', '--address', address], {
    directory: t.testdir({}),
    ended: ending.signal,
    onOut: (line) => {
      if (line.includes('"n":9')) ending.abort()
    },
  })
  t.same(
    said.out.split('\n').map((line) => JSON.parse(line) as unknown),
    JSON.parse(JSON.stringify(frames)),
  )
})

t.test('watch ends with 1 when every topic is refused, or the service does not want it back', async (t) => {
  const refused = { type: 'error', code: 'QW_TOPIC_UNKNOWN', title: 'no topic nowhere is known', topic: 'nowhere' }
  const address = await streamOf([refused], t)
  const said = await say(['watch', 'nowhere', '--address', address], { directory: t.testdir({}) })
  t.match(said, { code: 1, out: '', err: /^QW_TOPIC_UNKNOWN no topic nowhere is known/ })
  const bye = { type: 'bye', code: 'QW_TOKEN_INVALID', title: 'the token is not ours', reconnect: false, afterMs: 0 }
  const away = await say(['watch', 'all', '--address', await streamOf([bye], t)], { directory: t.testdir({}) })
  t.match(away, { code: 1, err: /^QW_TOKEN_INVALID the token is not ours/ })
})

t.test('log check of a directory without a log says that it is empty, or why it cannot', async (t) => {
  const directory = t.testdir({ var: { data: { log: {} } } })
  const said = await say(['log', 'check'], { directory })
  t.match(said, { code: 0, out: /^segments +0$/m })
  t.match(await say(['log', 'export'], { directory }), { code: 0, out: '' })
  t.match(await say(['log', 'check', '--set', 'dataDirectory=gone'], { directory }), { code: 1, err: /ENOENT/ })
})
