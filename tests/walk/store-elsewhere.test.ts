/**
 * A ClickHouse that is not ours to start, by CLICKHOUSE_URL, with a user, a password and a database of its own. It is the
 * real engine behind ClickHouse's HTTP interface, in a process that knows nothing of the service.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/config.js'
import { reachStore } from '../../src/node/store-access.js'
import { credentials, startEngine } from '../store/engine.js'
import { partOf } from './health.js'
import { school, send } from './reported.js'
import { ask, startService, temporaryDirectory, until } from './service.js'
import { verified } from './verified.js'

t.test('a server of its own is written to, asked and verified, and its password is told to nobody', async (t) => {
  const directory = await temporaryDirectory(t)
  const engine = await startEngine(join(directory, 'elsewhere'))
  t.teardown(() => engine.kill())
  const clickhousePasswordFile = join(directory, 'password')
  await writeFile(clickhousePasswordFile, `${credentials.password}\n`)
  const server = { clickhouseUser: credentials.username, clickhousePasswordFile, clickhouseDatabase: 'walked' }
  const data = join(directory, 'data')
  await mkdir(data)
  const service = await startService({
    directory: data,
    options: { store: 'clickhouse', storeInsertEveryMs: 10, storeBackoffMs: 10, logLevel: 'debug', ...server },
    environment: { CLICKHOUSE_URL: engine.url },
  })
  t.teardown(() => service.stop())
  t.equal((await send(service.http, school('PJ-EDU-1', { approved: 5, heads: { permanent: 6 } }))).status, 202)
  const history = await until(
    async () => ask(`${service.http}/v1/history?subject=PJ-EDU-1`),
    ({ body }) => ((body as { items?: unknown[] }).items ?? []).length > 0,
  )
  t.match(history.body, { items: [{ approved: 5, filled: 6, freeze: 'frozen' }] })
  t.same(service.children().store, [], 'none is embedded beside it')

  const settings = { ...server, clickhouseUrl: engine.url }
  const words = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const running = await verified(data, ...words)
  t.match(running, { code: 0, report: { verdict: 'same', store: { behindEntries: 0, rows: { unit_state: 1 } } } })

  await engine.kill()
  await send(service.http, school('PJ-EDU-2', { approved: 5, heads: { permanent: 6 } }))
  const away = await until(
    () => partOf(service, 'store'),
    (part) => /^away: /.test(part?.state ?? ''),
  )
  const lost = await ask(`${service.http}/v1/history?subject=PJ-EDU-1`)
  t.match(lost.body, { code: 'QW_STORE_AWAY' })
  const metrics = await (await fetch(`${service.http}/metrics`)).text()
  await until(service.said, (text) => text.includes('the store is away'))
  for (const told of [service.said(), history, lost, away, running, metrics])
    t.notMatch(JSON.stringify(told), credentials.password)
})

t.test('a wrong password is refused there, and is not in what is said of it', async (t) => {
  const directory = await temporaryDirectory(t)
  const engine = await startEngine(join(directory, 'elsewhere'))
  t.teardown(() => engine.stop())
  const file = join(directory, 'password')
  await writeFile(file, 'guessed at random\n')
  const named = [`clickhouseUrl=${engine.url}`, `clickhouseUser=${credentials.username}`]
  const input = { directory, environment: {}, settings: [...named, `clickhousePasswordFile=${file}`] }
  const store = await reachStore(loadConfig(input).config, 0)
  t.teardown(() => store.close())
  const refusal = await store.log().catch((error: Error) => error)
  t.match(refusal, { message: /^(?!.*guessed at random).*Authentication failed/s })
})
