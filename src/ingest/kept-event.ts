/**
 * How much of a refused event is kept: all of it, unless it is bigger or nested deeper than any event.
 *
 * What is kept is written to the log as JSON and stays in memory, so a sender must not be able to fill either with one
 * request, nor to nest so deeply that writing it overflows the stack (V8's JSON.stringify does at about 4,000 levels).
 */

/** Characters of JSON. A valid event has at most a few thousand. */
const keptCharactersMax = 16_384
const depthMax = 32

/** Of parsed JSON: itself, or its JSON as text, cut. */
export function keptOfValue(value: unknown): unknown {
  if (isDeeperThan(value, depthMax)) return '(nested too deeply to be kept)'
  const text = JSON.stringify(value)
  return text.length <= keptCharactersMax ? value : keptOfText(text)
}

/** Of text that is no JSON. */
export function keptOfText(text: string): string {
  return text.length <= keptCharactersMax ? text : `${text.slice(0, keptCharactersMax)}…`
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(member, depth - 1))
}
