/**
 * Errors of the embedded server in the words of ClickHouse: a code, a text, and the HTTP status that a real server
 * gives for it, so that a client cannot tell which of the two it talks to.
 */

/** ClickHouse's own numbers; only those that this server raises itself or gives a status other than 500. */
export const exceptionCodes = {
  BAD_ARGUMENTS: 36,
  UNKNOWN_IDENTIFIER: 47,
  NOT_IMPLEMENTED: 48,
  UNKNOWN_TABLE: 60,
  SYNTAX_ERROR: 62,
  UNKNOWN_DATABASE: 81,
  UNKNOWN_SETTING: 115,
  TIMEOUT_EXCEEDED: 159,
  READONLY: 164,
  REQUIRED_PASSWORD: 194,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  ABORTED: 236,
  HTTP_LENGTH_REQUIRED: 381,
  AUTHENTICATION_FAILED: 516,
  STD_EXCEPTION: 1001,
} as const

const statusByCode: Readonly<Record<number, number>> = {
  6: 400,
  26: 400,
  27: 400,
  36: 400,
  41: 400,
  46: 404,
  47: 404,
  48: 501,
  50: 404,
  53: 400,
  60: 404,
  62: 400,
  72: 400,
  81: 404,
  115: 404,
  117: 400,
  159: 408,
  164: 403,
  194: 401,
  202: 503,
  236: 503,
  456: 400,
  516: 403,
}

const nameOf = (code: number): string =>
  Object.entries(exceptionCodes).find(([, known]) => known === code)?.[0] ?? 'STD_EXCEPTION'

/** What goes back to the client. `message` is the whole text, `Code: 62. DB::Exception: … (SYNTAX_ERROR)`. */
export class ServerException extends Error {
  readonly code: number
  readonly status: number

  constructor(code: number, text: string, status = statusByCode[code] ?? 500) {
    super(/^Code: \d+\./.test(text) ? text : `Code: ${code}. DB::Exception: ${text}. (${nameOf(code)})`)
    this.name = 'ServerException'
    this.code = code
    this.status = status
  }
}

/** Whatever was thrown, as an exception of the server. The engine's errors carry their code and their whole text. */
export function asServerException(error: unknown): ServerException {
  if (error instanceof ServerException) return error
  const { clickhouseCode } = error as { clickhouseCode?: unknown }
  const text = error instanceof Error ? error.message : String(error)
  return new ServerException(typeof clickhouseCode === 'number' ? clickhouseCode : exceptionCodes.STD_EXCEPTION, text)
}
