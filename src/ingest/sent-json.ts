/**
 * JSON as it was sent, beside what JSON.parse makes of it: a number that no double holds (`1e400`, an integer of twenty
 * digits) is another one, or none, in what was parsed. Read only of what is refused.
 */

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** The members of an object, or with an empty name the elements of a list; as text. Of text that JSON.parse has taken. */
export function membersIn(text: string): (readonly [name: string, member: string])[] {
  const members: (readonly [string, string])[] = []
  let start = 0
  let name = ''
  for (const { token, at } of ownTokens(text)) {
    const piece = text.slice(start, at).trim()
    if (token === ':') name = JSON.parse(piece) as string
    else if (piece !== '') {
      members.push([name, piece])
      name = ''
    }
    start = at + 1
  }
  return members
}

/** What parts the members of the outermost object or list: its begin, colons, commas and end. */
function* ownTokens(text: string): Generator<{ readonly token: string; readonly at: number }> {
  let depth = 0
  for (const { 0: token, index: at } of text.matchAll(tokens)) {
    if (token === '}' || token === ']') depth -= 1
    if (depth === 0 || (depth === 1 && (token === ',' || token === ':'))) yield { token, at }
    if (token === '{' || token === '[') depth += 1
  }
}

const strings = /"(?:[^"\\]|\\.)*"/g
const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Whether parsing changes one of its numbers. */
export function losesNumbers(text: string): boolean {
  for (const [number] of text.replace(strings, '""').matchAll(numbers))
    if (plain(number) !== plain(String(Number(number)))) return true
  return false
}

/** Digits without zeros at their ends, and the power of ten: the same for every way to write a number. */
function plain(number: string): string {
  const [, sign = '', whole, fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  if (whole === undefined) return number
  const digits = whole + fraction
  let [first, last] = [0, digits.length]
  while (digits[first] === '0') first++
  while (last > first && digits[last - 1] === '0') last--
  if (first === last) return '0'
  return `${sign}${digits.slice(first, last)}e${Number(power) - fraction.length + digits.length - last}`
}
