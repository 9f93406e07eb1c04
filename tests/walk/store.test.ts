/**
 * History follows the log into the embedded ClickHouse, whichever of the processes dies on the way; in the end the store
 * holds exactly what follows from the log and the record that lie in the directory.
 */
import t from 'tap'
import type { LogPosition, N } from '../../src/core/names.js'
import { LogFollower } from '../../src/log/follow-log.js'
import { RecordFollower } from '../../src/log/follow-record.js'
import { dataPaths } from '../../src/node/data-directory.js'
import { storeSecret } from '../../src/node/store-access.js'
import { startEmbeddedServer } from '../../src/store/embedded-server.js'
import { openStore } from '../../src/store/store.js'
import { ask, isRunning, type Service, startService, temporaryDirectory, until } from './service.js'

const stateOfStore = async (http: string): Promise<string> => {
  const { body } = await ask(`${http}/readyz`)
  const { parts } = body as { parts: { name: string; state: string }[] }
  return parts.find(({ name }) => name === 'store')?.state ?? ''
}

async function kill(service: Service, child: 'core' | 'store' | 'writer'): Promise<void> {
  const [pid] = service.children()[child]
  if (pid === undefined) throw new Error(`there is no ${child} process`)
  process.kill(pid, 'SIGKILL')
  await until(
    () => isRunning(pid),
    (still) => !still,
  )
}

t.test('history follows the log, and over the death of the store, of its writer and of the core', async (t) => {
  const options = {
    dataSet: 'data/jiangmen/events.ndjson',
    store: 'clickhouse',
    storeInsertEveryMs: 10,
    storeBackoffMs: 10,
    restartBackoffMs: 10,
  }
  const directory = await temporaryDirectory(t)
  const service = await startService({ directory, options })
  t.teardown(() => service.stop())
  const historyOf = async (unit: string) =>
    (await ask(`${service.http}/v1/history?subject=${unit}&step=1h`)).body as { items?: Record<string, unknown>[] }
  const last = (unit: string) =>
    historyOf(unit).then(
      ({ items }) => items?.at(-1),
      () => undefined,
    )
  const city = await until(
    () => last('SZ-GRA-0004'),
    (point) => point !== undefined,
  )
  t.match(city, { approved: 120, filled: 138, overBy: 18, colour: 'red', freeze: 'frozen' })
  let filled = 138
  for (const child of ['store', 'writer', 'core', 'writer'] as const) {
    await kill(service, child)
    filled -= 6
    const left = {
      specversion: '1.0',
      source: '/departments/walk',
      id: `left-${filled}`,
      type: 'staff.left',
      subject: 'SZ-GRA-0004',
      time: new Date().toISOString(),
      data: { count: 6, basis: 'permanent' },
    }
    const send = () => ask(`${service.http}/v1/events`, left, 'application/cloudevents+json').catch(() => undefined)
    const answer = await until(send, (given) => given?.status === 202)
    t.match(answer?.body, { items: [{ status: /accepted|duplicate/ }] }, `${child} is away, and ingest does not wait`)
    await until(
      () => last('SZ-GRA-0004'),
      (point) => point?.['filled'] === filled,
    )
  }
  t.match((await ask(`${service.http}/v1/units/SZ-GRA-0004`)).body, { colour: 'green', freeze: { state: 'none' } })
  await until(
    () => stateOfStore(service.http),
    (state) => /^holds the log up to position/.test(state),
  )
  const metrics = await (await fetch(`${service.http}/metrics`)).text()
  const figure = (name: string) => Number(new RegExp(`^quotawatch_${name} (\\d+)$`, 'm').exec(metrics)?.[1])
  const { head } = (await ask(`${service.http}/v1/transitions?since=0&limit=1`)).body as { head: number }
  const settled = { position: figure('log_position') as LogPosition, n: head as N }
  await until(
    () => stateOfStore(service.http),
    (state) => state.endsWith(`position ${settled.position}`),
  )
  t.equal(await service.stop(), 0)
  t.same(await differences(directory, settled), [])
})

/** The full compare, with the service gone: of the files that it left behind, and of the store's data. */
async function differences(directory: string, settled: { readonly position: LogPosition; readonly n: N }) {
  const paths = dataPaths(directory)
  const log = await LogFollower.open(paths.logPath)
  const record = new RecordFollower(paths.recordPath)
  const source = {
    first: log.first,
    settled: settled.position,
    read: (from: LogPosition) => log.read(from, settled.position),
    transitions: (since: N, limit: number) => record.read(since, limit, settled.n),
  }
  const [username, password] = ['quotawatch', await storeSecret(directory)]
  const mebibytes = 1024 * 1024
  const server = await startEmbeddedServer({
    directory: paths.clickhousePath,
    port: 0,
    username,
    password,
    bodyBytesMax: 64 * mebibytes,
    resultBytesMax: 64 * mebibytes,
    queriesRunningMax: 2,
    queriesWaitingMax: 4,
    queryMsMax: 20_000,
    requestMsMax: 20_000,
    engineBytesMax: 1024 * mebibytes,
    queryThreadsMax: 1,
  })
  const url = `http://127.0.0.1:${server.port}`
  const store = openStore({ url, database: 'quotawatch', username, password, requestMsMax: 20_000, connectionsMax: 2 })
  try {
    return (await store.compare(source, settled.position)).differences
  } finally {
    await store.close()
    await server.stop()
  }
}
