/**
 * A query parameter as it stands in the address, handed to the engine with the same meaning.
 *
 * The client sends values escaped like a field of TabSeparated; the library escapes what it is given once more. So a
 * scalar is unescaped here. Inside an array or a map the quoted strings have escapes of their own, which the library
 * would double: those are refused, because a wrong value must never be compared with quietly.
 */
import { exceptionCodes, ServerException } from './exception.js'

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
const unescaped = new Map([...Object.entries(escapes).map(([c, escaped]) => [escaped, c] as const), ["\\'", "'"]])
const needsEscape = new RegExp(`[${Object.values(escapes).join('')}]`)
const toEscape = new RegExp(`[${Object.values(escapes).join('')}]`, 'g')

/** As a field of TabSeparated. Nearly all texts need nothing, and to see that is cheaper than to replace nothing. */
export const escapeField = (text: string): string =>
  needsEscape.test(text) ? text.replace(toEscape, (c) => escapes[c] ?? c) : text

export function parameterValue(statement: string, name: string, sent: string): string | null {
  const composite = new RegExp(`\\{\\s*${name}\\s*:\\s*(?:Array|Tuple|Map)\\b`).test(statement)
  if (!composite) return sent === '\\N' ? null : sent.replace(/\\[\s\S]/g, (pair) => unescaped.get(pair) ?? pair)
  if (escapeField(sent) === sent) return sent
  throw new ServerException(
    exceptionCodes.NOT_IMPLEMENTED,
    `The parameter ${name} has escapes inside an array, which are not served here`,
  )
}
