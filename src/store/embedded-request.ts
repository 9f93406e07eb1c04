/**
 * One HTTP request to the embedded server, read: which statement, under which settings, with which body.
 *
 * ClickHouse takes settings, parameters (`param_x`) and its own switches from one query string; here they are told apart.
 * What a setting is called is the engine's business: an unknown one is refused by it with its own words.
 */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { exceptionCodes, ServerException } from './exception.js'

export interface StatementRequest {
  /** The statement, and the rows when it is an INSERT with its rows in the body. */
  readonly sql: string
  readonly rows?: Buffer
  readonly queryId: string
  readonly database: string
  readonly defaultFormat: string
  readonly settings: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
  /** GET may change nothing, as with ClickHouse. */
  readonly readonly: boolean
  readonly answerGzip: boolean
}

export interface RequestLimits {
  /** After decompression. */
  readonly bodyBytesMax: number
  /** ClickHouse's `max_query_size`. */
  readonly statementBytesMax: number
}

/**
 * Parameters that steer the transport, not the query. The result is always complete before the answer begins, so
 * `wait_end_of_query` holds by itself and no progress is sent.
 */
const transportParameters = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'wait_end_of_query',
  'buffer_size',
  'enable_http_compression',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close',
  'http_response_buffer_size',
])

const parameterName = /^param_[A-Za-z_][A-Za-z0-9_]*$/

/** They would need state that outlives the request, or a codec that Node has not. */
const refusedParameters = ['session_id', 'session_timeout', 'role', 'compress', 'decompress']

const gunzipAsync = promisify(gunzip)
const inflateAsync = promisify(inflate)

export async function readStatementRequest(
  message: IncomingMessage,
  limits: RequestLimits,
  freshId: () => string,
): Promise<StatementRequest> {
  const query = new URL(message.url ?? '/', 'http://localhost').searchParams
  refuseWhatIsNotServed(message, query)
  const body = await readBody(message, limits.bodyBytesMax)
  const fromAddress = query.get('query') ?? ''
  const sql = fromAddress === '' ? body.toString('utf8') : fromAddress
  if (Buffer.byteLength(sql) > limits.statementBytesMax)
    throw new ServerException(exceptionCodes.SYNTAX_ERROR, `Max query size exceeded: ${limits.statementBytesMax} bytes`)
  const { headers, method } = message
  return {
    sql,
    ...(fromAddress === '' || body.length === 0 ? {} : { rows: body }),
    queryId: query.get('query_id') ?? freshId(),
    database: query.get('database') ?? String(headers['x-clickhouse-database'] ?? 'default'),
    defaultFormat: query.get('default_format') ?? 'TabSeparated',
    ...settingsAndParameters(query),
    readonly: method === 'GET',
    answerGzip: query.get('enable_http_compression') === '1' && /\bgzip\b/.test(headers['accept-encoding'] ?? ''),
  }
}

function refuseWhatIsNotServed(message: IncomingMessage, query: URLSearchParams): void {
  const refused = refusedParameters.find((name) => query.has(name))
  if (refused !== undefined)
    throw new ServerException(exceptionCodes.NOT_IMPLEMENTED, `The parameter ${refused} is not served here`)
  if (message.headers['content-type']?.startsWith('multipart/'))
    throw new ServerException(exceptionCodes.NOT_IMPLEMENTED, 'Multipart bodies are not served here')
}

function settingsAndParameters(query: URLSearchParams): Pick<StatementRequest, 'settings' | 'parameters'> {
  const settings: Record<string, string> = {}
  const parameters: Record<string, string> = {}
  for (const [name, value] of query) {
    if (parameterName.test(name)) parameters[name.slice('param_'.length)] = value
    else if (!transportParameters.has(name)) settings[name] = value
  }
  return { settings, parameters }
}

async function readBody(message: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const tooLarge = () => new ServerException(exceptionCodes.BAD_ARGUMENTS, `The body is over ${bytesMax} bytes`, 413)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  const sent = Buffer.concat(chunks, bytes)
  const encoding = message.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity' || bytes === 0) return sent
  const unpack = encoding === 'gzip' ? gunzipAsync : encoding === 'deflate' ? inflateAsync : undefined
  if (!unpack)
    throw new ServerException(exceptionCodes.NOT_IMPLEMENTED, `Content-Encoding ${encoding} is not served here`)
  try {
    return await unpack(sent, { maxOutputLength: bytesMax })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw new ServerException(exceptionCodes.BAD_ARGUMENTS, `The body is not ${encoding}: ${(error as Error).message}`)
  }
}

/** Basic authentication or ClickHouse's own headers, compared in constant time. */
export function checkCredentials(message: IncomingMessage, username: string, password: string): void {
  const { authorization = '' } = message.headers
  const offered = authorization.startsWith('Basic ')
    ? Buffer.from(authorization.slice('Basic '.length), 'base64').toString('utf8')
    : `${message.headers['x-clickhouse-user'] ?? ''}:${message.headers['x-clickhouse-key'] ?? ''}`
  if (!sameText(offered, `${username}:${password}`))
    throw new ServerException(exceptionCodes.AUTHENTICATION_FAILED, 'Authentication failed: name or password is wrong')
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
