/**
 * What a stream port answers when it opens no stream: a problem document, as everywhere else over HTTP.
 *
 * The socket library knows neither Fastify nor its hooks, so what they put on every answer is put on here.
 */

import type { HttpResponse } from 'uWebSockets.js'
import { STATUS_CODES } from 'node:http'
import { type ErrorCode, errorRow } from '../core/errors.js'
import { exerciseHeader, problemMediaType, problemText } from '../http/problem.js'

export interface Refusal {
  readonly code: ErrorCode
  /** Fills the placeholders of the code's meaning. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export type Header = readonly [name: string, value: string]

/** A close code that a WebSocket is ended with is an HTTP status and this (docs/stream.md, "Limits"). */
const closeOfHttp = 4000
const afterMsDefault = 1000

/** What stands on every answer of a push process. */
export const standingHeaders = (clock: 'system' | 'scenario'): readonly Header[] =>
  clock === 'scenario' ? [[exerciseHeader, 'true']] : []

/** Answers and ends. To be called within a cork. `path`: what was asked for, without its query. */
export function refuse(
  response: HttpResponse,
  { code, detail = {} }: Refusal,
  path: string,
  headers: readonly Header[],
): void {
  const { status: own, close, retryable } = errorRow(code)
  const status = own ?? (close === undefined ? 500 : close - closeOfHttp)
  response.writeStatus(`${status} ${STATUS_CODES[status] ?? code}`)
  for (const [name, value] of [...headers, ['content-type', problemMediaType] as const])
    response.writeHeader(name, value)
  const afterMs = Number(detail['afterMs'] ?? afterMsDefault)
  if (retryable) response.writeHeader('retry-after', String(Math.ceil(afterMs / 1000)))
  response.end(problemText(code, detail, path, status))
}
