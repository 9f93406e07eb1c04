/** The first start of all, which loads the city. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { freePorts } from '../../bench/free-ports.js'
import { ask, root, shippedCity, startService, temporaryDirectory, until } from './service.js'

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

t.test(
  'until the data set is in, events of others are refused, readiness says why, and all else is answered',
  async (t) => {
    const directory = await temporaryDirectory(t)
    const [httpPort = 0] = await freePorts(1)
    const http = `http://127.0.0.1:${httpPort}`
    const starting = startService({ directory, options: { dataSet: shippedCity, httpPort } })
    const served = starting.then(
      () => true,
      () => true,
    )
    const seen: { readonly events: Answer; readonly ready: Answer; readonly units: Answer }[] = []
    let over = false
    void served.then(() => {
      over = true
    })
    while (!over) {
      // Written in another way it is the same address.
      const path = seen.length % 2 === 0 ? '/v1/events' : '/v1/%65vents'
      const looks = [answerOf(`${http}${path}`, left), answerOf(`${http}/readyz`), answerOf(`${http}/v1/units`)]
      const [events, ready, units] = await Promise.all(looks)
      if (events && ready && units) seen.push({ events, ready, units })
    }
    const service = await starting
    t.teardown(() => service.stop())
    const loading = seen.filter(({ events }) => events.text.includes('the data set is being loaded'))
    t.ok(loading.length > 1, 'the load was seen')
    for (const { events, units } of loading) {
      t.match([events.status, events.after], [503, '1'])
      t.match(JSON.parse(events.text), { code: 'QW_STARTING' })
      t.equal(units.status, 200, 'reading goes on')
    }
    t.ok(loading.some(({ ready }) => ready.status === 503 && ready.text.includes('the data set is being loaded')))
    const taken = await until(
      () => ask(`${service.http}/v1/events`, left, 'application/cloudevents+json'),
      ({ status }) => status === 202,
    )
    const [item] = (taken.body as { items: { position: number }[] }).items
    const lines = (await readFile(join(root, shippedCity), 'utf8')).trimEnd().split('\n').length
    t.ok(item && item.position > lines, 'it comes after all of the city')
  },
)

interface Answer {
  readonly status: number
  readonly text: string
  readonly after: string | null
}

/** Undefined where nobody listens yet. */
async function answerOf(url: string, event?: object): Promise<Answer | undefined> {
  const headers = { 'content-type': 'application/cloudevents+json' }
  const sent = event ? { method: 'POST', headers, body: JSON.stringify(event) } : {}
  const answer = await fetch(url, sent).catch(() => undefined)
  return answer && { status: answer.status, text: await answer.text(), after: answer.headers.get('retry-after') }
}

const left = {
  specversion: '1.0',
  source: '/departments/walk',
  id: 'early',
  type: 'staff.left',
  subject: 'SZ-GRA-0004',
  time: new Date().toISOString(),
  data: { count: 1, basis: 'permanent' },
}

t.test('a data set that is not there is named, and the directory begins with it once it is', async (t) => {
  const directory = await temporaryDirectory(t)
  const missing = startService({ directory, options: { dataSet: 'data/jiangmen/none.ndjson' } })
  await t.rejects(missing, { message: /QW_OPTION_INVALID dataSet .*must be a file that can be read \(ENOENT\)/ })
  const service = await startService({ directory, options: { dataSet: 'data/jiangmen/events.ndjson' } })
  t.teardown(() => service.stop())
  const units = async () => ((await ask(`${service.http}/v1/summary?scope=city`)).body as { units: number }).units
  t.equal(await until(units, (count) => count > 0), 1081)
})
