/**
 * The HTTP side of ingest: what is read, what is answered, and what the OpenAPI document says of it.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { QwError } from '../core/errors.js'
import { problemResponses } from '../http/problem.js'
import {
  correctionAnswer,
  eventsAnswer,
  eventsBody,
  orderAnswer,
  quarantineItem,
  quarantineList,
  quarantineQuery,
} from './answer-schemas.js'
import { type ReadBody, readers } from './candidates.js'
import { correctionBody, dismissalBody, readCorrection, readDismissal } from './corrections.js'
import type { IngestDeps, Request } from './deps.js'
import type { Intake } from './intake.js'
import { orderBody, readOrder } from './orders.js'
import { pageOf, readQuery, showItem } from './quarantine-pages.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** When its head was read, in microseconds of CLOCK_MONOTONIC. Set on the routes of ingest. */
    receivedUs: number
  }
}

/** A body as it came, and how it is read. */
interface Received {
  readonly read: ReadBody
  readonly bytes: Buffer
}

export function monotonicUs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + Math.floor(nanoseconds / 1000)
}

export function eventsRoute(scope: FastifyInstance, deps: IngestDeps, intake: Intake): void {
  const { bodyBytesMax, eventsPerRequestMax } = deps.limits
  const { quarantinedEventBytesMax } = deps.sequencer.limits
  const readLimits = { eventsPerRequestMax, quarantinedEventBytesMax }
  scope.removeAllContentTypeParsers()
  for (const [mediaType, read] of Object.entries(readers))
    scope.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (_request, bytes, done) =>
      done(null, { read, bytes } satisfies { read: ReadBody; bytes: string | Buffer }),
    )
  admitted(scope, deps, 'events')
  const schema = {
    summary: 'Report events',
    description: 'CloudEvents 1.0: structured, binary or batch mode, or NDJSON. Answered when all of them are durable.',
    tags: ['events'],
    body: eventsBody,
    response: {
      202: eventsAnswer,
      ...problemResponses(...badRequest, 'QW_TOO_MANY_EVENTS', 'QW_EVENT_TOO_LARGE', 'QW_QUARANTINE_FULL', ...refused),
    },
  }
  scope.post('/v1/events', { schema, bodyLimit: bodyBytesMax, ...describedOnly }, async (request, reply) => {
    assertAdmitted(deps, 'events')
    if (request.body === undefined) throw new QwError('QW_BODY_EMPTY')
    const { read, bytes } = request.body as Received
    const items = await intake.take(read(bytes, request.headers, readLimits), request.receivedUs)
    // Sent again, what was taken is a duplicate and what was kept is the same item, so the whole request can be repeated.
    const notKept = items.filter((item) => item.status === 'refused')
    if (notKept.some(({ code }) => code === 'QW_QUARANTINE_FULL'))
      throw new QwError('QW_QUARANTINE_FULL', { ...deps.sequencer.quarantine.fullBy(1), items, retryAfterSeconds })
    if (notKept.length > 0) throw new QwError('QW_EVENT_TOO_LARGE', { limit: quarantinedEventBytesMax, items })
    return reply.code(202).type(json).send(JSON.stringify({ items }))
  })
}

export function orderRoute(scope: FastifyInstance, deps: IngestDeps, intake: Intake): void {
  scope.removeContentTypeParser('text/plain')
  admitted(scope, deps, 'order')
  const schema = {
    summary: 'Give an order',
    description:
      'Checked against what is true when it comes, then logged with what follows from it. Answered when it is durable. docs/orders.md',
    tags: ['orders'],
    body: orderBody,
    response: { 202: orderAnswer, ...problemResponses(...badRequest, ...refusedOrder, ...refused) },
  }
  scope.post(
    '/v1/orders',
    { schema, bodyLimit: deps.limits.orderBytesMax, ...describedOnly },
    async (request, reply) => {
      assertAdmitted(deps, 'order')
      if (request.body === undefined) throw new QwError('QW_BODY_EMPTY')
      const order = readOrder(request.body)
      const position = await deps.desk.give(order, (prepared) => {
        assertAdmitted(deps, 'order')
        return intake.takeOrder(prepared, request.receivedUs)
      })
      return reply.code(202).type(json).send(JSON.stringify({ position }))
    },
  )
}

export function quarantineRoutes(scope: FastifyInstance, { sequencer, nowMs, workingDays }: IngestDeps): void {
  const list = {
    summary: 'What was not accepted, oldest first',
    tags: ['events'],
    querystring: quarantineQuery,
    response: { 200: quarantineList, ...problemResponses('QW_QUERY_INVALID', 'QW_CURSOR_INVALID') },
  }
  scope.get('/v1/quarantine', { schema: list, ...describedOnly }, async (request, reply) => {
    const query = readQuery(request.query as Readonly<Record<string, unknown>>)
    const page = pageOf(sequencer.quarantine, query, (item) => showItem(item, nowMs(), workingDays()))
    return reply.type(json).send(JSON.stringify(page))
  })
  const one = {
    summary: 'One event that was not accepted',
    tags: ['events'],
    params: itemParams,
    response: { 200: quarantineItem, ...problemResponses('QW_NOT_FOUND') },
  }
  scope.get('/v1/quarantine/:id', { schema: one, ...describedOnly }, async (request, reply) => {
    const { id } = request.params as { id: string }
    const item = sequencer.quarantine.get(id) ?? sequencer.quarantine.getDone(id)
    if (item === undefined) throw new QwError('QW_NOT_FOUND', { what: 'such item in the quarantine' })
    return reply.type(json).send(JSON.stringify(showItem(item, nowMs(), workingDays())))
  })
}

/** What a person does about an item. */
export function correctionRoutes(scope: FastifyInstance, deps: IngestDeps, intake: Intake): void {
  scope.removeContentTypeParser('text/plain')
  admitted(scope, deps, 'events')
  const bodyLimit = Math.min(correctionBytesMax, deps.limits.bodyBytesMax)
  const idOf = ({ params }: FastifyRequest): string => (params as { id: string }).id
  const correction = {
    summary: 'Correct an event that was not accepted, and send it again',
    description:
      'The event is judged anew, in the place of the one that was kept. When it cannot be taken nothing changes.',
    tags: ['events'],
    params: itemParams,
    body: correctionBody,
    response: {
      202: correctionAnswer,
      ...problemResponses(...badRequest, 'QW_CORRECTION_REFUSED', ...onItem, ...refused),
    },
  }
  scope.post('/v1/quarantine/:id', { schema: correction, bodyLimit, ...describedOnly }, async (request, reply) => {
    assertAdmitted(deps, 'events')
    if (request.body === undefined) throw new QwError('QW_BODY_EMPTY')
    const answer = await intake.correct(idOf(request), readCorrection(request.body), request.receivedUs)
    return reply.code(202).type(json).send(JSON.stringify(answer))
  })
  const dismissal = {
    summary: 'Set an event that was not accepted aside for good',
    tags: ['events'],
    params: itemParams,
    body: dismissalBody,
    response: { 202: orderAnswer, ...problemResponses(...badRequest, ...onItem, ...refused) },
  }
  scope.post(
    '/v1/quarantine/:id/dismiss',
    { schema: dismissal, bodyLimit, ...describedOnly },
    async (request, reply) => {
      assertAdmitted(deps, 'events')
      if (request.body === undefined) throw new QwError('QW_BODY_EMPTY')
      const position = await intake.dismiss(idOf(request), readDismissal(request.body), request.receivedUs)
      return reply.code(202).type(json).send(JSON.stringify({ position }))
    },
  )
}

const itemParams = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }

const json = 'application/json; charset=utf-8'

// A valid event has at most a few thousand characters; as JSON of Chinese text with escapes that is under 64 KiB.
const correctionBytesMax = 65_536
// A full quarantine wants a person, and persons take longer than a second.
const retryAfterSeconds = 60

const badRequest = [
  'QW_BODY_NOT_JSON',
  'QW_BODY_INVALID',
  'QW_BODY_EMPTY',
  'QW_BODY_TOO_LARGE',
  'QW_MEDIA_TYPE',
  'QW_CONTENT_ENCODING',
] as const
const refused = [
  'QW_STARTING',
  'QW_TOO_LATE',
  'QW_OVERLOADED',
  'QW_DISK_NEARLY_FULL',
  'QW_STOPPING',
  'QW_INTERNAL',
] as const
const onItem = ['QW_NOT_FOUND', 'QW_QUARANTINE_DONE'] as const
const refusedOrder = [
  'QW_ORDER_UNKNOWN',
  'QW_NOT_FOUND',
  'QW_LIFT_END_INVALID',
  'QW_LOAD_NAME_USED',
  'QW_LOAD_NOT_OPEN',
  'QW_RULE_NOT_THERE',
  'QW_NOTHING_RAISED',
  'QW_ALERT_AMBIGUOUS',
  'QW_ALERT_NOT_RAISED',
  'QW_ALERT_NOT_CLOSABLE',
  'QW_ALERT_AT_TOP',
  'QW_FREEZE_NOT_ORDERED',
  'QW_NOT_OPEN',
  'QW_PROPOSAL_WITHOUT_FIGURE',
  'QW_POLICY_UNKNOWN',
  'QW_POLICY_VERSION_USED',
  'QW_RULES_INVALID',
  'QW_RESERVE_OPEN',
  'QW_UNIT_CLOSED',
] as const

/** The schemas are for the OpenAPI document. What they cannot express is checked in the handlers, and so is the rest. */
const describedOnly = {
  validatorCompiler: () => () => true,
  serializerCompiler: () => (value: unknown) => JSON.stringify(value),
}

/** Refuses before the body is read. */
function admitted(scope: FastifyInstance, deps: IngestDeps, kind: Request): void {
  scope.decorateRequest('receivedUs', 0)
  scope.addHook('onRequest', async (request) => {
    request.receivedUs = monotonicUs()
    assertAdmitted(deps, kind)
    assertReadable(request.headers)
  })
}

/** A body is read as it comes: plain, and in UTF-8 where its type names a character set. */
function assertReadable(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity')
    throw new QwError('QW_CONTENT_ENCODING', { encoding: encoding.slice(0, 64) })
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset))
    throw new QwError('QW_MEDIA_TYPE', { type: headers['content-type']?.slice(0, 128) })
}

/** An order is let past queues that events have filled: it is one entry, and `ordersWaitingMax` bounds how many wait. */
function assertAdmitted({ admission, log, limits, sequencer }: IngestDeps, kind: Request): void {
  const refusal = admission(kind)
  if (refusal !== undefined) throw refusal
  if (kind === 'order') return
  if (log.pendingEntries >= limits.pendingEntriesMax) throw new QwError('QW_OVERLOADED', { queue: 'log' })
  if (sequencer.isFull()) throw new QwError('QW_OVERLOADED', { queue: 'duplicate memory' })
}
