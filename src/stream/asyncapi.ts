/**
 * The AsyncAPI 3 document of the stream, made from the descriptions of its frames: docs/asyncapi.json, and what the
 * service says at `/docs/asyncapi.json`.
 *
 * Pure. The schemas of what HTTP shows too are handed in, because they belong to room api.
 */
import { errorTable } from '../core/errors.js'
import { clientFrames, type FrameDescription, itemSchemas, sharedFrames, socketFrames } from './frame-schemas.js'

type Schema = Readonly<Record<string, unknown>>

export interface StreamDocumentInput {
  readonly version: string
  readonly streamPort: number
  readonly criticalPort: number
  /** By name: what HTTP shows too. They name each other as `#/components/schemas/<name>`. */
  readonly schemas: Readonly<Record<string, Schema>>
}

const about = `Transitions of alerts and freezes, pushed as they are judged. JSON text frames with a \`type\`; frames, fields
and kinds of transitions that a client does not know it must let be. What is promised, how a cursor is kept and what the
limits are: docs/stream.md.`

export function streamDocument({ version, streamPort, criticalPort, schemas }: StreamDocumentInput): object {
  const server = { ...sharedFrames, ...socketFrames }
  const messages = Object.fromEntries(
    Object.entries({ ...clientFrames, ...server }).map(([name, description]) => [name, messageOf(name, description)]),
  )
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'quotawatch stream',
      version,
      description: about,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      common: serverOf(streamPort, 'everybody'),
      critical: serverOf(criticalPort, 'wall displays and freeze triggers'),
    },
    channels: {
      stream: {
        address: '/v1/stream',
        title: 'WebSocket',
        messages: linked(messages, (name) => `#/components/messages/${name}`),
      },
      events: {
        address: '/v1/stream/sse',
        title: 'Server-sent events',
        description: 'Each event holds one frame as its data; its id goes back as Last-Event-ID.',
        messages: linked(sharedFrames, (name) => `#/components/messages/${name}`),
      },
    },
    operations: operations(Object.keys(server)),
    components: {
      messages,
      schemas: usedBy(messages, { ...schemas, ...itemSchemas(schemas) }),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

const messageOf = (name: string, { summary, payload }: FrameDescription): Schema => ({
  name,
  summary,
  payload,
  ...(name === 'bye' && { 'x-close-codes': closeCodes }),
})

const closeCodes = Object.fromEntries(
  Object.entries(errorTable).flatMap(([code, row]) => ('close' in row ? [[code, row.close]] : [])),
)

const serverOf = (port: number, whom: string) => ({
  host: `{host}:${port}`,
  protocol: 'ws',
  description: `For ${whom}. The server-sent events are on the same port, over http.`,
  variables: { host: { default: '127.0.0.1' } },
})

function operations(serverFrames: readonly string[]): object {
  const on = (channel: string, names: readonly string[]) => ({
    channel: { $ref: `#/channels/${channel}` },
    messages: names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
  })
  const taken = (name: string, ...answers: string[]) => ({
    action: 'receive',
    summary: clientFrames[name]?.summary,
    ...on('stream', [name]),
    ...(answers.length > 0 && { reply: on('stream', answers) }),
  })
  return {
    hello: taken('hello', 'wait', 'welcome', 'bye'),
    subscribe: taken('subscribe', 'subscribed', 'error'),
    unsubscribe: taken('unsubscribe'),
    pong: taken('pong'),
    follow: { action: 'send', summary: 'What the service says on a WebSocket.', ...on('stream', serverFrames) },
    followEvents: {
      action: 'send',
      summary: 'What the service says as server-sent events.',
      ...on('events', Object.keys(sharedFrames)),
      security: [{ $ref: '#/components/securitySchemes/token' }],
      bindings: {
        http: {
          method: 'GET',
          query: {
            type: 'object',
            required: ['topic'],
            properties: { topic: { type: 'array', items: { type: 'string' }, minItems: 1 } },
          },
          bindingVersion: '0.3.0',
        },
      },
    },
  }
}

const linked = (named: Readonly<Record<string, unknown>>, address: (name: string) => string) =>
  Object.fromEntries(Object.keys(named).map((name) => [name, { $ref: address(name) }]))

/** The schemas that the messages name, and those that these name. */
function usedBy(messages: unknown, schemas: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  const used = new Set<string>()
  const follow = (described: unknown): void => {
    for (const [, name = ''] of JSON.stringify(described).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      follow(schemas[name])
    }
  }
  follow(messages)
  return Object.fromEntries([...used].sort().map((name) => [name, schemas[name] as Schema]))
}
