/**
 * The AsyncAPI document by itself: whole, current, and what the client library knows is in it. That it is true of real
 * frames is shown in tests/walk/frames.test.ts.
 */

import { readFile } from 'node:fs/promises'
import official from '@asyncapi/specs/schemas/3.0.0-without-$id.json' with { type: 'json' }
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import t from 'tap'
import { streamPage } from '../../src/node/stream-document.js'

const text = await readFile('docs/asyncapi.json', 'utf8')
const document = JSON.parse(text) as {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, unknown>> }>>
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: object }>> }
}

t.test('docs/asyncapi.json is what the descriptions of the frames say', async (t) => {
  t.equal(text, streamPage(), 'run: node scripts/write-docs.mjs')
})

t.test('it is a document of AsyncAPI 3, and the schema of AsyncAPI 3 lets not just anything through', async (t) => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false })
  addFormats.default(ajv)
  const fits = ajv.compile(official)
  t.ok(fits(document), 'fits', { errors: fits.errors })
  t.notOk(fits({ ...document, asyncapi: '2.6.0' }))
  t.notOk(fits({ ...document, channels: { stream: { adress: '/v1/stream' } } }))
  t.notOk(fits({ ...document, operations: { follow: { action: 'publish', channel: { $ref: '#/channels/stream' } } } }))
  const { welcome, ...rest } = document.components.messages
  t.ok(welcome)
  const broken = { ...rest, welcome: { ...welcome, payload: { type: 'text' } } }
  t.notOk(fits({ ...document, components: { ...document.components, messages: broken } }))
})

t.test('every reference in it leads somewhere', async (t) => {
  const references = [...text.matchAll(/"\$ref": "#\/([^"]+)"/g)]
  t.ok(references.length > 60, `${references.length} references`)
  const leads = (path: string): boolean =>
    path.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document) !== undefined
  const lost = references.map(([, path = '']) => path).filter((path) => !leads(path))
  t.same(lost, [])
})

t.test('server-sent events have neither figures nor pings, and nothing that a client says', async (t) => {
  const { stream, events } = document.channels
  const only = Object.keys(stream?.messages ?? {}).filter((name) => !(name in (events?.messages ?? {})))
  t.same(only.sort(), ['figures', 'hello', 'ping', 'pong', 'subscribe', 'unsubscribe'])
})

t.test('the frames of docs/stream.md are its messages, no more and no less', async (t) => {
  const page = await readFile('docs/stream.md', 'utf8')
  const tableUnder = (heading: string): string[] => {
    const [, section = ''] = page.split(`\n## ${heading}\n`)
    const [body = ''] = section.split('\n## ')
    const [, rows = ''] = body.split(/^\|---.*\|$/m)
    return [...rows.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
  }
  const frames = [...tableUnder('Client frames'), ...tableUnder('Server frames')].filter(
    (name) => name !== 'transition',
  )
  const kinds = tableUnder('Kinds of transitions')
  t.same([...frames, ...kinds].sort(), Object.keys(document.components.messages).sort())
})
