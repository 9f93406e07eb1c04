/**
 * The OpenAPI document of the running service, held against what the running service answers.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t from 'tap'
import { ask, startService, temporaryDirectory, until } from './service.js'

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

/** Eleven people on ten posts, and a task that is behind: an alert, a freeze and a transition of each kind. */
const eventsAt = (time: string): string =>
  [
    {
      id: '1',
      type: 'unit.registered',
      data: { name: '小学', level: 'county', county: 'PJ', kind: 'institution', sector: 'education', frontline: true },
    },
    { id: '2', type: 'quota.approved', data: { approved: 10, cause: 'census' } },
    { id: '3', type: 'staff.entered', data: { count: 11, basis: 'permanent' } },
    { id: '4', type: 'pool.lent', data: { loanId: 'L-1', count: 0, dueOn: '2030-01-01' } },
    { id: '5', type: 'pool.lent', data: { loanId: 'L-2', count: 1, dueOn: '2030-01-01' } },
    {
      id: '6',
      type: 'task.planned',
      data: {
        taskId: 'T-1',
        title: '下乡',
        kind: 'placement',
        target: 10,
        startsOn: '2020-01-01',
        dueOn: '2020-06-30',
      },
    },
    { id: '7', type: 'task.progressed', data: { taskId: 'T-1', done: 1 } },
    { id: '8', type: 'staff.entered', data: { count: 1, basis: 'permanent' } },
  ]
    .map((event) => JSON.stringify({ specversion: '1.0', source: '/walk', subject: 'PJ-1', time, ...event }))
    .join('\n')

t.test('every answer of the running service fits the document that it serves', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  t.teardown(() => service.stop())
  const get = (path: string) => fetch(`${service.http}${path}`)
  const posted = await fetch(`${service.http}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: eventsAt(new Date().toISOString()),
  })
  t.equal(posted.status, 202)
  const document = (await (await get('/docs/json')).json()) as Document
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'document', components: document.components })

  const fits = async (path: string, method: string, status: number, answer: Response): Promise<void> => {
    t.equal(answer.status, status, `${method} ${path}`)
    const media = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? ''
    const schema = document.paths[path]?.[method]?.responses[String(status)]?.content?.[media]?.schema
    if (!schema) {
      t.fail(`${method} ${path} ${status} ${media} is not described`)
      return
    }
    const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')))
    t.ok(check(await answer.json()), `${method} ${path} ${status}`, { errors: check.errors })
  }

  await fits('/v1/events', 'post', 202, posted)
  // The answer to a request waits for the disk, not for the engine, and push processes come when they come.
  await until(
    () => ask(`${service.http}/v1/units/PJ-1`),
    ({ body }) => (body as { colour?: string }).colour === 'red',
  )
  await until(
    () => ask(`${service.http}/readyz`),
    ({ status }) => status === 200,
  )
  for (const [path, url] of [
    ['/v1/units', '/v1/units'],
    ['/v1/units/{id}', '/v1/units/PJ-1'],
    ['/v1/alerts', '/v1/alerts'],
    ['/v1/alerts', '/v1/alerts?colour=green'],
    ['/v1/freezes', '/v1/freezes'],
    ['/v1/summary', '/v1/summary?scope=county/PJ'],
    ['/v1/summary', '/v1/summary'],
    ['/v1/proposals', '/v1/proposals'],
    ['/v1/rules', '/v1/rules'],
    ['/v1/playbooks/{id}', '/v1/playbooks/over-quota'],
    ['/v1/transitions', '/v1/transitions'],
    ['/v1/quarantine', '/v1/quarantine'],
    ['/v1/clock', '/v1/clock'],
    ['/readyz', '/readyz'],
    ['/livez', '/livez'],
  ] as const)
    await fits(path, 'get', 200, await get(url))
  await fits('/v1/units/{id}', 'get', 404, await get('/v1/units/PJ-2'))
  const longest = await ask(`${service.http}/v1/units/${encodeURIComponent('蓬'.repeat(64))}`)
  t.match(longest, { status: 404, body: { detail: /unit 蓬{64}$/ } }, 'the longest id that there can be is looked for')
  await fits('/v1/units', 'get', 400, await get('/v1/units?limit=0'))

  const unit = (await (await get('/v1/units/PJ-1')).json()) as Record<string, unknown[]>
  t.match(unit, { colour: 'red', freeze: { state: 'frozen' }, loans: [{ loanId: 'L-2' }], tasks: [{ taskId: 'T-1' }] })
})

t.test('the running service describes every call of the contract that it has', async (t) => {
  const service = await startService({ directory: await temporaryDirectory(t) })
  t.teardown(() => service.stop())
  const document = (await (await fetch(`${service.http}/docs/json`)).json()) as Document
  for (const [path, method] of [
    ['/v1/events', 'post'],
    ['/v1/orders', 'post'],
    ['/v1/quarantine', 'get'],
    ['/v1/quarantine/{id}', 'get'],
    ['/v1/units', 'get'],
    ['/v1/units/{id}', 'get'],
    ['/v1/alerts', 'get'],
    ['/v1/freezes', 'get'],
    ['/v1/summary', 'get'],
    ['/v1/proposals', 'get'],
    ['/v1/rules', 'get'],
    ['/v1/playbooks/{id}', 'get'],
    ['/v1/transitions', 'get'],
    ['/v1/clock', 'get'],
    ['/v1/clock', 'post'],
  ] as const)
    t.ok(document.paths[path]?.[method], `${method} ${path}`)
})
