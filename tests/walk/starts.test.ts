/** Starts that are refused, with what is said then; and the first start of all, which loads the city. */
import { join } from 'node:path'
import t from 'tap'
import { ask, startService, temporaryDirectory, until } from './service.js'

t.test('a second start on the same data directory is refused and told which process holds it', async (t) => {
  const directory = await temporaryDirectory(t)
  const service = await startService({ directory })
  t.teardown(() => service.stop())
  await t.rejects(startService({ directory }), {
    message: new RegExp(`QW_DATA_IN_USE .* is in use by process ${service.main.pid}`),
  })
})

t.test('a port that somebody holds already is named, and nothing is started', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  t.teardown(() => service.stop())
  for (const [option, address] of Object.entries({
    httpPort: service.http,
    streamPort: service.stream,
    criticalPort: service.critical,
    gatePort: service.gate,
  })) {
    const port = Number(new URL(address).port)
    const second = startService({ directory: await temporaryDirectory(t), options: { [option]: port } })
    await t.rejects(second, { message: new RegExp(`QW_PORT_IN_USE ${option} ${port} is in use`) })
  }
})

t.test('a new directory begins with the city and its two coloured units, and loads it once', async (t) => {
  const directory = await temporaryDirectory(t)
  const options = { dataSet: 'data/jiangmen/events.ndjson' }
  const first = await startService({ directory, options })
  const colours = async (http: string) => {
    const { body } = await ask(`${http}/v1/summary?scope=city`)
    return (body as { units: number; colours: { red: number } }).colours
  }
  // Loaded is durable; it is judged right after.
  const judged = await until(
    () => colours(first.http),
    ({ red }) => red > 0,
  )
  t.same(judged, { green: 1079, yellow: 1, red: 1 })
  t.match((await ask(`${first.http}/v1/freezes`)).body, { items: [{ unit: 'SZ-GRA-0004', reasons: ['over-quota'] }] })
  t.match((await ask(`${first.http}/v1/quarantine`)).body, { items: [] })
  const head = async (http: string) =>
    (await ask(`${http}/readyz`)).body as { parts: { name: string; state: string }[] }
  const logOf = async (http: string) => (await head(http)).parts.find(({ name }) => name === 'log')?.state
  const before = await logOf(first.http)
  await first.stop()
  const second = await startService({ directory, options })
  t.teardown(() => second.stop())
  t.equal(await logOf(second.http), before, 'nothing was loaded again')
})

t.test('a configured file that cannot be read ends the start, named with its path and the reason', async (t) => {
  const directory = await temporaryDirectory(t)
  const unreadable = (option: string, file: string, reason: string, options = {}) =>
    t.rejects(startService({ directory, options: { ...options, [option]: file } }), {
      message: new RegExp(
        `^main ended with 1: .*QW_OPTION_INVALID ${option} ${file} must be a file that can be read \\(${reason}\\)`,
        's',
      ),
    })
  await unreadable('rulesFile', join(directory, 'none.yaml'), 'ENOENT')
  await unreadable('tokenSecretFile', directory, 'EISDIR')
  const server = { store: 'clickhouse', clickhouseUrl: 'http://127.0.0.1:9', clickhouseUser: 'me' }
  await unreadable('clickhousePasswordFile', join(directory, 'none'), 'ENOENT', server)
})

t.test('a data set that is not there is named, and the directory begins with it once it is', async (t) => {
  const directory = await temporaryDirectory(t)
  const missing = startService({ directory, options: { dataSet: 'data/jiangmen/none.ndjson' } })
  await t.rejects(missing, { message: /QW_OPTION_INVALID dataSet .*must be a file that can be read \(ENOENT\)/ })
  const service = await startService({ directory, options: { dataSet: 'data/jiangmen/events.ndjson' } })
  t.teardown(() => service.stop())
  const units = async () => ((await ask(`${service.http}/v1/summary?scope=city`)).body as { units: number }).units
  t.equal(await until(units, (count) => count > 0), 1081)
})
