import t from 'tap'
import { ask, isRunning, startService, temporaryDirectory, until } from './service.js'

const stateOfStore = async (http: string): Promise<string> => {
  const { body } = await ask(`${http}/readyz`)
  const { parts } = body as { parts: { name: string; state: string }[] }
  return parts.find(({ name }) => name === 'store')?.state ?? ''
}

t.test('history follows the log into the embedded ClickHouse, and over its death', async (t) => {
  const options = {
    dataSet: 'data/jiangmen/events.ndjson',
    store: 'clickhouse',
    storeInsertEveryMs: 10,
    storeBackoffMs: 10,
  }
  const service = await startService({ directory: await temporaryDirectory(t), options })
  t.teardown(() => service.stop())
  const historyOf = async (unit: string) =>
    (await ask(`${service.http}/v1/history?subject=${unit}&step=1h`)).body as { items?: Record<string, unknown>[] }
  const last = async (unit: string) => (await historyOf(unit)).items?.at(-1)
  const city = await until(
    () => last('SZ-GRA-0004'),
    (point) => point !== undefined,
  )
  t.match(city, { approved: 120, filled: 138, overBy: 18, colour: 'red', freeze: 'frozen' })
  const [store] = service.children().store
  if (store === undefined) throw new Error('there is no store process')
  process.kill(store, 'SIGKILL')
  await until(
    () => isRunning(store),
    (still) => !still,
  )
  const time = new Date().toISOString()
  const left = {
    specversion: '1.0',
    source: '/departments/walk',
    id: 'left',
    type: 'staff.left',
    subject: 'SZ-GRA-0004',
    time,
  }
  const answer = await ask(
    `${service.http}/v1/events`,
    { ...left, data: { count: 18, basis: 'permanent' } },
    'application/cloudevents+json',
  )
  t.match(answer.body, { items: [{ status: 'accepted' }] }, 'ingest does not wait for the store')
  t.match((await ask(`${service.http}/v1/units/SZ-GRA-0004`)).body, { colour: 'green', freeze: { state: 'none' } })
  await until(
    () => last('SZ-GRA-0004'),
    (point) => point?.['filled'] === 120,
  )
  t.match(await stateOfStore(service.http), /holds the log up to position/)
})
