/**
 * How a refused event is kept: all of it, so that nothing that was answered is lost.
 *
 * What is bigger or nested deeper than any event is kept as its JSON text: parsed it would take many times the memory,
 * and V8's JSON.stringify overflows the stack at about 4,000 levels. Of an object only the attributes are that are at
 * fault, so that it is still known whose it is; so are attributes with a number that no double holds. How long a text may be is the sequencer's to say (`quarantinedEventBytesMax`).
 */
import { losesNumbers, membersIn } from './sent-json.js'
import { isObject, type JsonObject } from './validate.js'

/** Characters of JSON. A valid event has at most a few thousand. */
const parsedCharactersMax = 16_384
const depthMax = 32
/** An event has fewer, extensions and all. */
const attributesMax = 64

/**
 * Of parsed JSON. What has more than `charactersMax` characters is cut somewhere behind that: it is too large to be kept,
 * and is to be refused for its length.
 */
export function keptOfValue(value: unknown, charactersMax: number): unknown {
  const isDeep = isDeeperThan(value, depthMax)
  if (!isDeep && JSON.stringify(value).length <= parsedCharactersMax) return value
  if (!isObject(value) || Object.keys(value).length > attributesMax) return jsonOf(value, charactersMax)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, keptOfMember(member, charactersMax)]))
}

/** What was parsed from `text`; attributes with a number that parsing changes are the text of their JSON. */
export function exactly(value: JsonObject, text: string): JsonObject {
  const changed = new Map(membersIn(text).filter(([, member]) => losesNumbers(member)))
  if (changed.size === 0) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, changed.get(name) ?? member]))
}

/** Of text that is no JSON. A copy: a piece of a body would keep all of the body in memory. */
export const keptOfText = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')

/** Of bytes that are no text, as a `data:` URL (RFC 2397). */
export const keptOfBytes = (bytes: Buffer): string => `data:application/octet-stream;base64,${bytes.toString('base64')}`

function keptOfMember(member: unknown, charactersMax: number): unknown {
  if (typeof member !== 'object' || member === null) return member
  const text = jsonOf(member, charactersMax)
  return isDeeperThan(member, depthMax - 1) || text.length > parsedCharactersMax ? text : member
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(member, depth - 1))
}

/** A list or an object that is being written. */
interface Level {
  /** Undefined: a list. */
  readonly names: readonly string[] | undefined
  readonly values: readonly unknown[]
  next: number
}

/** As JSON.stringify, of what JSON.parse gave, however deep it is; cut once it is longer than `charactersMax`. */
export function jsonOf(value: unknown, charactersMax: number): string {
  const pieces: string[] = []
  const levels: Level[] = []
  let characters = 0
  const write = (piece: string): void => {
    pieces.push(piece)
    characters += piece.length
  }
  const begin = (begun: unknown): void => {
    if (typeof begun !== 'object' || begun === null) {
      write(JSON.stringify(begun))
      return
    }
    const isList = Array.isArray(begun)
    write(isList ? '[' : '{')
    levels.push({ names: isList ? undefined : Object.keys(begun), values: Object.values(begun), next: 0 })
  }
  begin(value)
  for (let level = levels.at(-1); level && characters <= charactersMax; level = levels.at(-1)) {
    const at = level.next++
    if (at === level.values.length) {
      write(level.names ? '}' : ']')
      levels.pop()
      continue
    }
    if (at > 0) write(',')
    const name = level.names?.[at]
    if (name !== undefined) write(`${JSON.stringify(name)}:`)
    begin(level.values[at])
  }
  return pieces.join('')
}
