/**
 * Every error that leaves over HTTP, as a problem document (RFC 9457) with a code from the error table.
 *
 * Programs act on `code`, people read `detail`; a defect of ours says nothing about itself to the outside and
 * everything to the log. The rooms ingest, api and stream share it, so it is a room of its own that imports core only.
 */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import { type ErrorCode, errorRow, errorTable, explain, QwError } from '../core/errors.js'
import { createAddressBook } from './address-book.js'
import { exerciseHeader } from './exercise.js'

export { exerciseHeader, serverOptionsOf } from './exercise.js'

export const problemMediaType = 'application/problem+json'

export interface Problem {
  /** Names the kind of problem: `urn:quotawatch:problem:<code>`. An identifier, nothing is to be fetched there. */
  readonly type: string
  /** Short, the same for each occurrence of a code. */
  readonly title: string
  readonly status: number
  /** This occurrence, with its figures. */
  readonly detail: string
  readonly code: ErrorCode
  /** The path that was asked and the number of the request in the service's log. Never the query. */
  readonly instance: string
  /** JSON pointer of the field at fault, where one is. */
  readonly field?: string
  /** What became of each part of a request of which not all was taken. */
  readonly items?: readonly unknown[]
}

/** JSON schema of `Problem`, for the OpenAPI document; `installProblems` adds it to the app under its name. */
const problemSchema = {
  $id: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorTable) },
    instance: { type: 'string' },
    field: { type: 'string' },
    items: { type: 'array', items: {}, description: 'What became of each event, in order.' },
  },
} as const

/** `response` entries of a route's schema for the codes it may answer with; codes of one status share an entry. */
export function problemResponses(...codes: readonly ErrorCode[]): Record<number, object> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const status = errorRow(code).status ?? 500
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const responses: Record<number, object> = {}
  for (const [status, of] of byStatus)
    responses[status] = {
      description: of.join(', '),
      content: { [problemMediaType]: { schema: { $ref: 'Problem#' } } },
    }
  return responses
}

/** To be spread into the options of `Fastify(…)`: errors that happen before any route is known. */
export const problemOptions = {
  frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => answer(error, request, reply),
  clientErrorHandler: (error: RawError, socket: Socket) => refuseRaw(error, socket, false),
} satisfies FastifyServerOptions

type RawError = Error & { readonly code?: string }

/**
 * Call it on the root instance before any route is registered: it must see the routes, to tell "no such address" (404)
 * from "not by this method" (405 with `Allow`). `onDefect` is told what is not the caller's fault: the answer says no more
 * than that.
 */
export function installProblems(app: FastifyInstance, onDefect: (error: unknown) => void = () => undefined): void {
  const book = createAddressBook()
  app.addSchema(problemSchema)
  app.addHook('onRoute', (route) => book.note(route.url, route.method))
  app.setErrorHandler((error, request, reply) => answer(error, request, reply, onDefect))
  app.setNotFoundHandler((request, reply) => {
    const allowed = book.methodsOf(pathOf(request))
    if (allowed.length === 0) return sendProblem(request, reply, 'QW_NOT_FOUND', { what: 'such address' })
    reply.header('allow', allowed.join(', '))
    return sendProblem(request, reply, 'QW_METHOD_NOT_ALLOWED', { method: request.method })
  })
}

/** Answers with the problem of `code`. `detail` fills its placeholders; `detail.field` and `retryAfterSeconds` are shown. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  detail: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const row = errorRow(code)
  const status = row.status ?? 500
  if (status === 503) reply.header('retry-after', String(detail['retryAfterSeconds'] ?? 1))
  // Serialised here, so that no response schema of the route can drop a member.
  return reply
    .code(status)
    .type(problemMediaType)
    .send(JSON.stringify(problemOf(code, status, detail, `${pathOf(request)}#${request.id}`)))
}

/** A problem as text, for whoever answers without Fastify. */
export const problemText = (
  code: ErrorCode,
  detail: Readonly<Record<string, unknown>>,
  instance: string,
  status = errorRow(code).status ?? 500,
): string => JSON.stringify(problemOf(code, status, detail, instance))

function problemOf(
  code: ErrorCode,
  status: number,
  detail: Readonly<Record<string, unknown>>,
  instance: string,
): Problem {
  const { field, items } = detail
  return {
    type: `urn:quotawatch:problem:${code}`,
    title: titleOf(code),
    status,
    detail: explain(code, detail),
    code,
    instance,
    ...(typeof field === 'string' ? { field } : {}),
    ...(Array.isArray(items) ? { items } : {}),
  }
}

/** `QW_BODY_TOO_LARGE` -> `Body too large`. */
function titleOf(code: ErrorCode): string {
  const words = code.slice('QW_'.length).toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/'

function answer(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  onDefect: (error: unknown) => void = () => undefined,
): FastifyReply {
  const { code, detail } = translate(error, request, reply)
  if (code === 'QW_INTERNAL') onDefect(error)
  return sendProblem(request, reply, code, detail)
}

interface Translation {
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, unknown>>
}

/** Fastify's own errors that a client can cause. Whatever is in neither table is a defect of ours. */
function translate(error: unknown, request: FastifyRequest, reply: FastifyReply): Translation {
  if (error instanceof QwError) {
    // A code without a status is never meant for an answer: that it came here is a defect.
    return errorRow(error.code).status === undefined ? { code: 'QW_INTERNAL', detail: {} } : error
  }
  const thrown = error as Partial<FastifyError>
  switch (thrown.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { code: 'QW_MEDIA_TYPE', detail: { type: request.headers['content-type'] ?? '(none)' } }
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'QW_BODY_TOO_LARGE', detail: { limit: reply.routeOptions.bodyLimit } }
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return { code: 'QW_BODY_EMPTY', detail: {} }
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return { code: 'QW_BODY_NOT_JSON', detail: { reason: 'it cannot be parsed' } }
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return { code: 'QW_NOT_FOUND', detail: { what: 'such address' } }
    case 'FST_ERR_VALIDATION':
      return invalid(thrown)
  }
  if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500)
    return { code: 'QW_BODY_INVALID', detail: { reason: thrown.message ?? 'it cannot be read' } }
  return { code: 'QW_INTERNAL', detail: {} }
}

function invalid(error: Partial<FastifyError>): Translation {
  const first = error.validation?.[0]
  const detail = {
    reason: error.message ?? 'it does not fit',
    ...(first === undefined ? {} : { field: first.instancePath }),
  }
  return { code: error.validationContext === 'body' ? 'QW_BODY_INVALID' : 'QW_QUERY_INVALID', detail }
}

/** The bytes were no HTTP request, so there is neither a route nor a reply: answer by hand and hang up. */
export function refuseRaw(error: RawError, socket: Socket, exercise: boolean): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = rawStatus[error.code ?? ''] ?? 400
  const body = problemText('QW_BODY_INVALID', { reason: 'not an HTTP request that can be read' }, '/', status)
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${problemMediaType}\r\n${exercise ? `${exerciseHeader}: true\r\n` : ''}`
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}

const rawStatus: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }
