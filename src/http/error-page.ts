/**
 * docs/errors.md, made from the error table, so that the page cannot say anything else than the program does.
 */
import { type ErrorCode, errorRow, errorTable } from '../core/errors.js'

/** The whole page; a test keeps the file equal to it. */
export function errorPage(): string {
  const codes = Object.keys(errorTable) as ErrorCode[]
  const rows = codes.map((code) => {
    const { status, close, retryable, meaning } = errorRow(code)
    return `| \`${code}\` | ${status ?? ''} | ${close ?? ''} | ${retryable ? 'yes' : 'no'} | ${meaning} |`
  })
  return `${introduction}${rows.join('\n')}\n`
}

const introduction = `# Errors

Made from \`src/core/errors.ts\` by \`node scripts/write-docs.mjs\`. Codes are never reused.

Over HTTP an error is a problem document (RFC 9457, \`application/problem+json\`) with \`code\`; a quarantined event carries its
code in its item of the answer; a WebSocket ends with \`bye\` and the close code. "Again" says whether the same request may
succeed later without being changed. What stands in braces is filled with the figures of the case.

| code | HTTP | close | again | meaning |
|---|---|---|---|---|
`
