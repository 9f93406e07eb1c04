/**
 * The text of a log entry, taken apart for the table and put together again, byte for byte.
 *
 * Most of an entry's text is said once more by the columns beside it. What they say is replaced by a hole, a control
 * character that JSON text never holds as it is; what is left (`rest`) is the same for nearly all events of a kind and
 * costs next to nothing on disk. Whichever occurrence of a value gives way, filling the hole puts the same text back, so
 * nothing here depends on the order of fields; and where a value does not stand in the text as expected, it stays.
 */
import { dayOf, formatDay, startOfDay } from '../core/day.js'
import type { EventEntry } from '../core/entry.js'
import type { UnixMs } from '../core/names.js'
import { holes } from './tables.js'

export interface EntryText {
  readonly data: string
  readonly rest: string
}

const anyHole = new RegExp(`[${Object.values(holes).join('')}]`)
const holeNames = Object.keys(holes) as HoleName[]
type HoleName = keyof typeof holes
const two = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'))

let day = { number: dayOf(0 as UnixMs), text: formatDay(dayOf(0 as UnixMs)) }

/** `2024-07-03T09:15:00+08:00`: how ClickHouse writes the hole `time`. */
export function shanghaiSeconds(ms: UnixMs): string {
  const number = dayOf(ms)
  if (number !== day.number) day = { number, text: formatDay(number) }
  const second = Math.floor((ms - startOfDay(number)) / 1000)
  const [hour, minute] = [Math.floor(second / 3600), Math.floor(second / 60) % 60]
  return `${day.text}T${two[hour]}:${two[minute]}:${two[second % 60]}+08:00`
}

/** How the entries of one sender and type are written: what stands between the values, and which value comes when. */
interface Shape {
  readonly between: readonly string[]
  readonly holes: readonly HoleName[]
  readonly rest: string
}

/** By source, then type. A shape that does not fit is replaced, so it need not be right, only often right. */
const shapes = new Map<string, Map<string, Shape>>()
const sourcesMax = 1000

/** `line` is the JSON of `entry` as the log has it. */
export function takeApart(entry: EventEntry, line: string): EntryText {
  const values = valuesOf(entry)
  const ofSource = shapes.get(values.source)
  const known = ofSource?.get(values.type)
  if (known && filled(known, values) === line) return { data: values.data, rest: known.rest }
  const shape = shapeOf(line, values)
  if (shapes.size >= sourcesMax) shapes.clear()
  shapes.set(values.source, (ofSource ?? new Map()).set(values.type, shape))
  return { data: shape.holes.includes('data') ? values.data : '', rest: shape.rest }
}

type Values = Readonly<Record<HoleName, string>>

const valuesOf = ({ event, timeMs }: EventEntry): Values => ({
  data: JSON.stringify(event.data),
  timeMs: String(timeMs),
  id: event.id,
  source: event.source,
  type: event.type,
  subject: event.subject,
  time: shanghaiSeconds(timeMs),
})

function filled({ between, holes }: Shape, values: Values): string {
  let line = between[0] ?? ''
  for (let at = 0; at < holes.length; at++) line += values[holes[at] as HoleName] + between[at + 1]
  return line
}

/** Looks for each value at its name. `data` first: a name inside it belongs to it. */
function shapeOf(line: string, values: Values): Shape {
  const found: { readonly at: number; readonly end: number; readonly hole: HoleName }[] = []
  for (const hole of anyHole.test(line) ? [] : holeNames) {
    const quote = hole === 'data' || hole === 'timeMs' ? '' : '"'
    const begin = line.indexOf(`"${hole}":${quote}${values[hole]}${quote}`)
    const at = begin + hole.length + 3 + quote.length
    const end = at + values[hole].length
    if (begin >= 0 && found.every((other) => end < other.at || at > other.end)) found.push({ at, end, hole })
  }
  found.sort((a, b) => a.at - b.at)
  const ends = [0, ...found.map(({ end }) => end)]
  const between = ends.map((end, i) => line.slice(end, found[i]?.at ?? line.length))
  const order = found.map(({ hole }) => hole)
  return { between, holes: order, rest: filled({ between, holes: order, rest: '' }, holes) }
}
