/**
 * Whether an event was sent as the very JSON that we would write: then its text goes into the log as it came, and nothing
 * has to be written anew. `JSON.stringify` of every entry was a tenth of what the door does for an event under NDJSON
 * (cpu-prof); this costs a quarter of that.
 *
 * It is told by the length. Without a backslash no text holds anything that JSON must escape, so a text of JSON cannot
 * be shorter than what its value is written as, but for numbers (1e6, and 1e-3), which are therefore looked at; blanks,
 * escapes and names sent twice make it longer. Only names of digits alone may stand in another order than we would write
 * them in, which makes no difference to whoever reads it.
 */
import type { QuotaEvent } from '../core/event.js'
import type { UnixMs } from '../core/names.js'
import { isObject } from './validate.js'

/** Longer texts are written anew: they are rare, and a piece of a body keeps all of the body in memory. */
const charactersMax = 4096
const unlike = Number.NEGATIVE_INFINITY

/** The JSON of the entry of a plain event (no other members); undefined when it must be written by JSON.stringify. */
export function entryText(timeMs: UnixMs, event: QuotaEvent, text: string): string | undefined {
  if (text.length > charactersMax || text.includes('\\') || text.length !== lengthOfObject(event)) return undefined
  return `{"kind":"event","timeMs":${timeMs},"event":${text}}`
}

/** Characters that JSON.stringify writes of it. */
function lengthOfObject(object: object): number {
  const members = object as Readonly<Record<string, unknown>>
  let length = 1
  for (const name in members) length += name.length + 4 + lengthOf(members[name])
  return length === 1 ? 2 : length
}

/** The same of any value; `unlike` where it could have been sent in fewer, or is of a kind that no event holds. */
function lengthOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2
    case 'number':
      return lengthOfNumber(value)
    case 'boolean':
      return value ? 4 : 5
    default:
      return isObject(value) ? lengthOfObject(value) : unlike
  }
}

/** Whole numbers that do not end in three zeros have no shorter form than their digits. */
function lengthOfNumber(value: number): number {
  if (!Number.isSafeInteger(value) || (value % 1000 === 0 && value !== 0)) return unlike
  if (value >= 0 && value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
  return String(value).length
}
