import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t from 'tap'
import { errorTable } from '../../src/core/errors.js'
import { serve, standingCity } from './fixture.js'

interface Operation {
  readonly summary?: string
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}

interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties: Record<string, { enum?: string[] }> }>>
  }
}

const documentOf = async (clock: 'system' | 'scenario' = 'system'): Promise<Document> => {
  const app = await serve(standingCity(), clock)
  const document = (await app.inject('/docs/json')).json<Document>()
  await app.close()
  return document
}

t.test('the document is OpenAPI 3.1.0 and describes every call that is served', async (t) => {
  const document = await documentOf()
  t.equal(document.openapi, '3.1.0')
  t.equal(document.info.title, 'quotawatch')
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  t.same(calls.sort(), [
    'GET /livez',
    'GET /metrics',
    'GET /readyz',
    'GET /v1/alerts',
    'GET /v1/clock',
    'GET /v1/freezes',
    'GET /v1/history',
    'GET /v1/playbooks/{id}',
    'GET /v1/proposals',
    'GET /v1/rules',
    'GET /v1/summary',
    'GET /v1/transitions',
    'GET /v1/units',
    'GET /v1/units/{id}',
    'POST /v1/clock',
    'POST /v1/gate',
    'POST /v1/rules/preview',
  ])
})

t.test(
  'in an exercise the document and its page say so; every description names the header that answers have',
  async (t) => {
    for (const clock of ['system', 'scenario'] as const) {
      const { title, description } = (await documentOf(clock)).info
      const app = await serve(standingCity(), clock)
      const page = (await app.inject('/docs/')).body
      await app.close()
      const isSaid = clock === 'scenario'
      t.equal(title.includes('演练'), isSaid)
      t.equal(/^\*\*演练/.test(description), isSaid)
      t.equal(/<title>[^<]*演练/.test(page), isSaid)
      t.match(description, /`x-quotawatch-exercise: true`/)
    }
  },
)

t.test('the codes of a problem are the error table and docs/errors.md, no more and no less', async (t) => {
  const inTable = Object.keys(errorTable).sort()
  const inDocument = (await documentOf()).components.schemas['Problem']?.properties['code']?.enum
  const page = await readFile('docs/errors.md', 'utf8')
  const onPage = [...page.matchAll(/^\| `(QW_[A-Z_]+)` \|/gm)].map((match) => match[1])
  t.same(inDocument?.toSorted(), inTable)
  t.same(onPage.sort(), inTable)
})

t.test('every operation has a summary, and every reference in the document leads somewhere', async (t) => {
  const document = await documentOf()
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      t.ok(operation.summary, `${method} ${path}`)
      t.ok(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        `${method} ${path}`,
      )
    }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
  t.ok(references.length > 10)
  for (const [, name] of references) t.ok(document.components.schemas[String(name)], String(name))
  t.notMatch(JSON.stringify(document), /"\$ref":"(?!#\/components\/schemas\/)/)
})

t.test('every schema is JSON Schema 2020-12, and real answers fit the schemas that describe them', async (t) => {
  const document = await documentOf()
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, validateFormats: true })
  addFormats.default(ajv)
  ajv.addKeyword('components')
  ajv.addSchema({ $id: 'document', components: document.components })
  const city = { ...standingCity(), units: ['PJ-1', 'PJ-2'], alerts: [{ subject: 'PJ-1', rule: 'over-quota' }] }
  const app = await serve({ ...city, transitions: 3 })
  for (const [path, status, media, url] of [
    ['/v1/units', '200', 'application/json', '/v1/units?limit=1'],
    ['/v1/units/{id}', '200', 'application/json', '/v1/units/PJ-1'],
    ['/v1/units/{id}', '404', 'application/problem+json', '/v1/units/PJ-9'],
    ['/v1/units', '400', 'application/problem+json', '/v1/units?limit=0'],
    ['/v1/alerts', '200', 'application/json', '/v1/alerts'],
    ['/v1/freezes', '200', 'application/json', '/v1/freezes'],
    ['/v1/summary', '200', 'application/json', '/v1/summary'],
    ['/v1/summary', '200', 'application/json', '/v1/summary?scope=county/PJ'],
    ['/v1/proposals', '200', 'application/json', '/v1/proposals'],
    ['/v1/proposals', '200', 'application/json', '/v1/proposals?state=refused&subject=PJ-1'],
    ['/v1/rules', '200', 'application/json', '/v1/rules'],
    ['/v1/rules/preview', '200', 'application/json', '/v1/rules/preview'],
    ['/v1/rules/preview', '400', 'application/problem+json', '/v1/rules/preview?limit=x'],
    ['/v1/playbooks/{id}', '200', 'application/json', '/v1/playbooks/over-quota'],
    ['/v1/playbooks/{id}', '404', 'application/problem+json', '/v1/playbooks/nonsense'],
    ['/v1/transitions', '200', 'application/json', '/v1/transitions?limit=2'],
    ['/v1/history', '200', 'application/json', '/v1/history?subject=PJ-1'],
    ['/v1/history', '200', 'application/json', '/v1/history?subject=city'],
    ['/v1/history', '404', 'application/problem+json', '/v1/history?subject=PJ-9'],
    ['/v1/clock', '200', 'application/json', '/v1/clock'],
    ['/readyz', '200', 'application/json', '/readyz'],
    ['/livez', '200', 'application/json', '/livez'],
  ] as const) {
    const method = path === '/v1/rules/preview' ? 'post' : 'get'
    const described = document.paths[path]?.[method]?.responses[status]?.content?.[media]?.schema
    if (!described) {
      t.fail(`${path} ${status} ${media} is not described`)
      continue
    }
    const schema = JSON.parse(JSON.stringify(described).replaceAll('"#/components', '"document#/components')) as object
    const fits = ajv.compile(schema)
    const answer = await app.inject(method === 'get' ? url : { method: 'POST', url, payload: { rules: 'name: x' } })
    t.equal(answer.statusCode, Number(status), url)
    t.ok(fits(answer.json()), `${url} fits`, { errors: fits.errors })
    t.notOk(fits({ items: [{}], colour: 3 }), `${url}: the schema does not let just anything through`)
  }
  await app.close()
})

t.test('the pages at /docs ask no other host for anything', async (t) => {
  const app = await serve(standingCity())
  const page = await app.inject('/docs/')
  t.equal(page.statusCode, 200)
  const policy = String(page.headers['content-security-policy'])
  t.match(policy, /^default-src 'none';/)
  t.notMatch(policy, /https?:|\*|unsafe/)
  t.notMatch(page.body, /(src|href)="(https?:)?\/\//)
  t.notMatch(page.body, /<script(?![^>]* src=)|<style|style=/, 'nothing inline, which the policy would block')
  const sources = [...page.body.matchAll(/(?:src|href)="\.?([^"]+)"/g)].map((match) => `/docs${match[1]}`)
  t.ok(sources.length >= 5)
  for (const source of sources) t.equal((await app.inject(source)).statusCode, 200, source)
  const style = await app.inject('/docs/static/swagger-ui.css')
  t.notMatch(style.body, /@import|url\((?!["']?data:)/, 'the style sheet loads nothing either')
  const start = await app.inject('/docs/static/swagger-initializer.js')
  t.notMatch(start.body.replace(/^\s*\/\/.*$/gm, ''), /https?:\/\//)
  await app.close()
})
