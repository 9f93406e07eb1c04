/**
 * Every frame that the running service sends, and every frame that the client library sends it, held against the
 * AsyncAPI document that the service serves: closed, so that a field which nobody described is found, and counted, so
 * that a message or a field which nobody ever sends is found as well.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t from 'tap'
import { WebSocket } from 'ws'
import { connect } from '../../client/stream.js'
import { signToken } from '../../src/stream/token.js'
import { EventSource } from '../stream/event-source.js'
import { Client } from '../stream/world.js'
import { ask, type Service, startService, temporaryDirectory, until } from './service.js'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema & { readonly const?: unknown }>>
  readonly [keyword: string]: unknown
}

interface Document {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, unknown>> }>>
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly payload: Schema }>>
    readonly schemas: Readonly<Record<string, Schema>>
  }
}

type Frame = Readonly<Record<string, unknown>>

/** The same schema without room for fields that it does not name. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  const isObject = inner['type'] === 'object' && inner['properties'] !== undefined
  return (isObject ? { additionalProperties: false, ...inner } : inner) as T
}

/** What was said on a channel, and whether the document says so. */
class Listener {
  readonly #document: Document
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })
  /** `message field` of all that was seen. */
  readonly seen = new Set<string>()
  readonly wrong: string[] = []

  constructor(document: Document) {
    this.#document = closed(document)
    addFormats.default(this.#ajv)
    this.#ajv.addSchema({ ...this.#document, $id: 'document' })
  }

  hear(channel: 'stream' | 'events', frames: readonly Frame[]): void {
    for (const frame of frames) this.#hear(channel, frame)
  }

  /** Messages, and their fields, that the document describes and nobody has sent. */
  neverSeen(): string[] {
    return Object.entries(this.#document.components.messages)
      .flatMap(([name, { payload }]) => Object.keys(payload.properties ?? {}).map((field) => `${name} ${field}`))
      .filter((described) => !this.seen.has(described))
  }

  #hear(channel: string, frame: Frame): void {
    const name = String(frame['type'] === 'transition' ? frame['kind'] : frame['type'])
    const isListed = this.#document.channels[channel]?.messages[name] !== undefined
    const fits = this.#ajv.getSchema(`document#/components/messages/${name}/payload`)
    if (!isListed || !fits?.(frame))
      this.wrong.push(`${channel} ${JSON.stringify(frame)}: ${JSON.stringify(fits?.errors)}`)
    for (const field of Object.keys(frame)) this.seen.add(`${name} ${field}`)
  }
}

/** The WebSocket of Node clients, which keeps what it was told to send. */
function recording(said: Frame[]): typeof WebSocket {
  return class extends WebSocket {
    override send(text: string): void {
      said.push(JSON.parse(text) as Frame)
      super.send(text)
    }
  }
}

const timeBefore = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const time = () => timeBefore(0)
const later = () => timeBefore(-60)

let count = 0

/** One department's events, each with an id of its own. */
function events(service: Service) {
  return async (...list: readonly (readonly [type: string, subject: string, data: object, at?: string])[]) => {
    const lines = list.map(([type, subject, data, at = time()]) => {
      count += 1
      return JSON.stringify({ specversion: '1.0', source: '/walk', id: `${count}`, type, subject, time: at, data })
    })
    const answer = await ask(`${service.http}/v1/events`, lines.join('\n'), 'application/x-ndjson')
    const { items } = answer.body as { items: { status: string }[] }
    if (items.some(({ status }) => status !== 'accepted')) throw new Error(JSON.stringify(items))
  }
}

async function order(service: Service, what: object): Promise<void> {
  const answer = await ask(`${service.http}/v1/orders`, { by: 'city/zhang', reason: '核实', ...what })
  if (answer.status !== 202) throw new Error(JSON.stringify(answer))
}

const school = { level: 'county', county: 'PJ', kind: 'institution', sector: 'education', frontline: true }
const unit = 'PJ-EDU-0001'
const alert = { subject: unit, rule: 'over-quota' }

/** A transition of each kind, whatever may stand in it, one after the other because each needs the one before. */
async function everyKind(service: Service, watcher: Client): Promise<void> {
  const send = events(service)
  const shown = (kind: string, to: string) =>
    watcher.frame((frame) => frame['topic'] === 'all' && frame['kind'] === kind && frame['to'] === to)
  const hourAgo = timeBefore(60)
  await send(
    ['unit.registered', unit, { name: '示范小学', ...school }, hourAgo],
    ['quota.approved', unit, { approved: 10, cause: 'census' }, hourAgo],
    ['staff.entered', unit, { count: 11, basis: 'permanent' }],
  )
  await shown('freeze', 'frozen')
  await order(service, { order: 'escalate', ...alert })
  await shown('escalation', 'county')
  await order(service, { order: 'acknowledge', ...alert, until: later() })
  await shown('acknowledgement', 'acknowledged')
  await order(service, { order: 'silence', ...alert, until: later() })
  await shown('silence', 'silenced')
  // Of a moment before the last: corrections, and a silenced alert.
  await send(['staff.left', unit, { count: 1, basis: 'permanent' }, timeBefore(30)])
  await shown('freeze', 'none')
  await send(['staff.entered', unit, { count: 2, basis: 'permanent' }])
  await order(service, { order: 'lift', subject: unit, until: later() })
  await shown('freeze', 'lifted')
  await send(['request.submitted', unit, { requestId: 'R1', kind: 'pool', count: 2, investmentCny: 5 }])
  await shown('proposal', 'open')
  const { body } = await ask(`${service.http}/v1/proposals`)
  const [{ proposalId, subject } = {}] = (body as { items: { proposalId: string; subject: string }[] }).items
  await order(service, { order: 'decide', subject, proposalId, decision: 'approved' })
  await shown('request', 'refused')
  await send(['request.submitted', unit, { requestId: 'R2', kind: 'pool', count: 2, investmentCny: 5 }])
  await watcher.frame((frame) => frame['kind'] === 'proposal' && String(frame['subject']).includes('R2'))
  // After the close of its year: what is proposed corrects it.
  await send(
    ['assessment.closed', 'city', { period: '2023', kind: 'annual' }],
    ['assessment.published', unit, { period: '2023', kind: 'annual', grade: 'failed' }],
  )
  await watcher.frame((frame) => frame['kind'] === 'proposal' && frame['correction'] === true)
}

t.test('whatever is said on the stream stands in its AsyncAPI document, and the other way round', async (t) => {
  const service = await startService({
    directory: await temporaryDirectory(t),
    options: {
      rulesFile: 'rules/jiangmen.yaml',
      pushProcesses: 1,
      heartbeatMs: 1000,
      admissionsPerSecondMax: 10,
      restartBackoffMs: 10,
      snapshotReuseMs: 0,
    },
  })
  t.teardown(() => service.stop())
  await until(
    () => ask(`${service.http}/readyz`),
    ({ status }) => status === 200,
  )
  const document = (await ask(`${service.http}/docs/asyncapi.json`)).body as Document
  const listener = new Listener(document)
  const clients: Client[] = []
  const open = async (address = service.critical): Promise<Client> => {
    const client = await Client.open(t, address)
    clients.push(client)
    return client
  }

  const topics = ['all', 'city', 'county/PJ', `unit/${unit}`, 'freezes'].map((topic) => ({ topic, figures: true }))
  const watcher = await open()
  watcher.hello()
  watcher.subscribe(...topics, { topic: 'county/ZZ', figures: false })
  await watcher.frame(({ type, topic }) => type === 'snapshot' && topic === 'freezes')
  await watcher.ofType('error')
  const { hostname, port } = new URL(service.stream)
  const eventsAddress = `http://${hostname}:${port}/v1/stream/sse?topic=all&topic=unit/${unit}`
  const source = await EventSource.open(t, eventsAddress)
  await source.frame(({ type, topic }) => type === 'snapshot' && topic === `unit/${unit}`)

  await everyKind(service, watcher)
  await watcher.frame(({ type, topic }) => type === 'figures' && topic === 'all')
  await watcher.frame(({ type, topic }) => type === 'figures' && topic === `unit/${unit}`)
  await watcher.ofType('ping')

  await t.test('what the client library says', async (t) => {
    const said: Frame[] = []
    const secret = await readFile(join(service.directory, 'token.secret'), 'utf8')
    const token = await signToken(secret.trim(), { role: 'wall' }, 600)
    const stream = connect({ url: service.stream, token, locale: 'zh', WebSocket: recording(said) })
    t.teardown(() => stream.close())
    const first = stream.subscribe('all', { figures: true, onFigures: () => undefined })
    const other = stream.subscribe(`unit/${unit}`, {})
    await until(
      () => first.cursor !== undefined && other.cursor !== undefined && stream.state.kind,
      (kind) => kind === 'live',
    )
    other.unsubscribe()
    await until(
      () => said.some(({ type }) => type === 'pong'),
      (ponged) => ponged,
    )
    const { cursor, epoch } = { cursor: first.cursor as number, epoch: stream.epoch as string }
    const again = connect({ url: service.critical, epoch, WebSocket: recording(said) })
    t.teardown(() => again.close())
    const resumed = again.subscribe('all', { since: cursor })
    await until(
      () => again.state.kind,
      (kind) => kind === 'live',
    )
    t.ok((resumed.cursor ?? 0) >= cursor)
    listener.hear('stream', said)
  })

  await t.test('a wait, a way to the other lane, and what stands', async () => {
    const crowd = await Promise.all(Array.from({ length: 3 }, () => open()))
    for (const client of crowd) client.hello()
    await Promise.all(crowd.map((client) => client.ofType('welcome')))
    t.ok(crowd.some(({ frames }) => frames[0]?.type === 'wait'))
    const secret = await readFile(join(service.directory, 'token.secret'), 'utf8')
    const astray = await open(service.stream)
    astray.hello(await signToken(secret.trim(), { role: 'wall' }, 600))
    await astray.ofType('bye')
    const [late] = crowd
    late?.subscribe(...topics)
    await late?.frame(({ type, topic, part, parts }) => type === 'snapshot' && topic === 'freezes' && part === parts)
    const items = late?.frames.flatMap((frame) => (frame['items'] ?? []) as Frame[]) ?? []
    const kinds = new Set(items.map(({ kind }) => kind))
    t.same([...kinds].sort(), ['alert', 'freeze', 'institution', 'proposal'], 'and units, whose kind is another')
    late?.socket.send(Buffer.from([1, 2, 3]))
    t.equal(await late?.closed, 4400)
  })

  await t.test('the core is away, and back', async () => {
    for (const pid of service.children().core) process.kill(pid, 'SIGKILL')
    await Promise.all([watcher.ofType('fresh'), source.ofType('fresh')])
    t.ok(watcher.frames.some(({ type }) => type === 'stale'))
  })

  await t.test('events go on after the last one that was heard', async (t) => {
    source.disconnect()
    const { lastEventId } = source
    const leaving = () => events(service)(['staff.left', unit, { count: 9, basis: 'permanent' }, time()])
    await until(
      () =>
        leaving().then(
          () => true,
          () => false,
        ),
      (taken) => taken,
    )
    const again = await EventSource.open(t, eventsAddress, { 'last-event-id': lastEventId })
    const cursor = Math.max(...source.frames.map(({ n }) => Number(n ?? 0)))
    t.match(await again.frame(({ type, topic }) => type === 'subscribed' && topic === 'all'), { resumed: true })
    const next = await again.frame(({ type, topic }) => type === 'transition' && topic === 'all')
    t.equal(next['n'], cursor + 1)
    listener.hear('events', again.frames)
  })

  for (const { frames } of clients) listener.hear('stream', frames)
  listener.hear('events', source.frames)
  t.same(listener.wrong, [])
  t.same(listener.neverSeen(), [])
})
