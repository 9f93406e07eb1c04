import swagger from '@fastify/swagger'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import Fastify from 'fastify'
import t from 'tap'
import { installProblems } from '../../src/http/problem.js'
import { dataSchema, eventSchema, eventsAnswer, quarantineList } from '../../src/ingest/answer-schemas.js'
import { createWorkingDays, registerIngest, Sequencer } from '../../src/ingest/ingest.js'
import { validatedTypes } from './event-types.js'
import { entered, limits, MemoryLog, registered, send, service, startMs } from './fixtures.js'

interface Tree {
  readonly [name: string]: Tree
}

interface Document {
  readonly paths: {
    readonly '/v1/events': {
      readonly post: { readonly requestBody: { readonly content: object }; readonly responses: object }
    }
  }
}

async function documentOf(): Promise<Document> {
  const app = Fastify()
  installProblems(app)
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'x', version: '0' } },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema['$id'] ?? `schema-${index}`),
    },
  })
  registerIngest(app, {
    log: new MemoryLog(() => startMs),
    sequencer: new Sequencer(limits),
    limits,
    observer: { counted: () => {}, appended: () => {}, defect: () => {}, failed: () => {} },
    nowMs: () => startMs,
    admission: () => undefined,
    room: async () => undefined,
    desk: { give: () => Promise.reject(new Error('nothing is ordered here')) },
    workingDays: () => createWorkingDays(),
  })
  await app.ready()
  return JSON.parse(JSON.stringify(app.swagger()))
}

t.test('every media type of POST /v1/events is documented, and every reference leads somewhere', async (t) => {
  const document = await documentOf()
  const { post } = document.paths['/v1/events']
  t.same(Object.keys(post.requestBody.content).sort(), [
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/json',
    'application/x-ndjson',
  ])
  t.same(Object.keys(post.responses).sort(), ['202', '400', '413', '415', '500', '503'])
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] as string)
  t.ok(references.length > 0)
  for (const reference of references) {
    const steps = reference.split('/').map((step) => decodeURIComponent(step))
    t.ok(
      steps.reduce<Tree | undefined>((at, step) => at?.[step], document as unknown as Tree),
      reference,
    )
  }
})

t.test('the document and the checks know the same event types', async (t) => {
  const documented = eventSchema.properties.type.enum
  t.same(documented.toSorted(), validatedTypes.toSorted())
})

t.test('real answers and events fit what the document says of them', async (t) => {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  for (const name of ['day', 'two-places', 'six-places', 'report-period']) ajv.addFormat(name, true)
  ajv.addSchema(dataSchema, 'EventData')
  const isEvent = ajv.compile(eventSchema)
  t.ok(isEvent(eventSchema.examples[0]), JSON.stringify(isEvent.errors))
  t.ok(isEvent(registered()), JSON.stringify(isEvent.errors))
  t.notOk(isEvent(entered({ data: { count: -1, basis: 'permanent' } })))

  const s = service()
  const items = await send(s, entered({ subject: 'U2' }), registered(), entered(), 5, entered({ time: 'x' }))
  const isAnswer = ajv.compile(eventsAnswer)
  t.ok(isAnswer({ items }), JSON.stringify(isAnswer.errors))
  const isList = ajv.compile(quarantineList)
  t.ok(isList((await s.app.inject({ url: '/v1/quarantine' })).json()), JSON.stringify(isList.errors))
})
