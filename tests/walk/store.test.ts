/**
 * History follows the log into the embedded ClickHouse, whichever of the processes dies on the way; in the end the store
 * holds exactly what follows from the log and the record that lie in the directory.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import t from 'tap'
import { loadConfig } from '../../src/config/config.js'
import { dataPaths } from '../../src/node/data-directory.js'
import { startEmbedded } from '../../src/node/store-access.js'
import { ask, isRunning, type Service, startService, temporaryDirectory, until } from './service.js'
import { verified } from './verified.js'

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
    (await ask(`${service.http}/v1/history?subject=${unit}&step=1h`)).body as {
      items?: Record<string, unknown>[]
      storedTo?: { position: number; at: string }
    }
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
  t.notMatch(service.said(), 'is away', 'a store that is starting is not away')
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
  const { storedTo, items } = await historyOf('SZ-GRA-0004')
  t.equal(`holds the log up to position ${storedTo?.position}`, await stateOfStore(service.http))
  t.equal(items?.at(-1)?.['at'], storedTo?.at, 'what nobody gave an end for ends where the store does')
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  const hours = `from=${encodeURIComponent(String(storedTo?.at))}&to=${tomorrow}&step=1h`
  const { body } = await ask(`${service.http}/v1/history?subject=SZ-GRA-0004&${hours}`)
  t.match(body, { items: [{ at: storedTo?.at }] })
  t.equal((body as { items: unknown[] }).items.length, 1, 'what is still to come is not told')
  const running = await verified(directory)
  t.match(running, { code: 0, report: { verdict: 'same', running: { pid: service.main.pid }, mismatchCount: 0 } })
  t.equal(await service.stop(), 0)
  const stopped = await verified(directory)
  t.match(stopped, { code: 0, report: { verdict: 'same', store: { behindEntries: 0 } } })
  t.match(stopped.report, running.report.record && { record: running.report.record, store: running.report.store })
  await tamper(directory)
  const { code, report } = await verified(directory)
  t.equal(code, 1)
  t.match(report.mismatches, [
    { place: 'store', what: /^table log, .* differing keys: 2$/ },
    { place: 'store', what: /^table transitions, .* differing keys: 3$/ },
  ])
})

/** One row once more, and one gone, behind everybody's back. */
async function tamper(directory: string): Promise<void> {
  const { config } = loadConfig({ directory, environment: {}, settings: [`dataDirectory=${directory}`] })
  const server = await startEmbedded(config, dataPaths(directory), 0)
  const password = (await readFile(join(directory, 'store.secret'), 'utf8')).trim()
  const client = createClient({ url: `http://127.0.0.1:${server.port}`, username: 'quotawatch', password })
  await client.command({ query: 'INSERT INTO quotawatch.log SELECT * FROM quotawatch.log WHERE position = 2' })
  await client.command({ query: 'DELETE FROM quotawatch.transitions WHERE n = 3' })
  await client.close()
  await server.stop()
}
