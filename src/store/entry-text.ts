/**
 * The text of a log entry, taken apart for the table and put together again, byte for byte.
 *
 * Most of an entry's text is said once more by the columns beside it. What they say is replaced by a hole, a control
 * character that JSON text never holds as it is; what is left (`rest`) is the same for nearly all events of a kind and
 * costs next to nothing on disk. Whichever occurrence of a value gives way, filling the hole puts the same text back, so
 * nothing here depends on the order of fields; and where a value does not stand in the text as expected, it stays.
 */
import type { EventEntry } from '../core/entry.js'
import type { UnixMs } from '../core/names.js'
import { holes } from './tables.js'

export interface EntryText {
  readonly data: string
  readonly rest: string
}

const shanghaiOffsetMs = 8 * 3_600_000
const anyHole = new RegExp(`[${Object.values(holes).join('')}]`)

/** `2024-07-03T09:15:00+08:00`: how ClickHouse writes the hole `time`. */
export const shanghaiSeconds = (ms: UnixMs): string =>
  `${new Date(Math.floor(ms / 1000) * 1000 + shanghaiOffsetMs).toISOString().slice(0, 19)}+08:00`

/** `line` is the JSON of `entry` as the log has it. */
export function takeApart({ event, timeMs }: EventEntry, line: string): EntryText {
  if (anyHole.test(line)) return { data: '', rest: line }
  const data = JSON.stringify(event.data)
  const dataAt = line.indexOf(data)
  let rest = dataAt < 0 ? line : line.slice(0, dataAt) + holes.data + line.slice(dataAt + data.length)
  rest = dig(rest, `"timeMs":${timeMs},`, `"timeMs":${holes.timeMs},`)
  rest = dig(rest, `"id":"${event.id}"`, `"id":"${holes.id}"`)
  rest = dig(rest, `"source":"${event.source}"`, `"source":"${holes.source}"`)
  rest = dig(rest, `"type":"${event.type}"`, `"type":"${holes.type}"`)
  rest = dig(rest, `"subject":"${event.subject}"`, `"subject":"${holes.subject}"`)
  if (event.time === shanghaiSeconds(timeMs)) rest = dig(rest, `"time":"${event.time}"`, `"time":"${holes.time}"`)
  return { data: dataAt < 0 ? '' : data, rest }
}

function dig(text: string, value: string, hole: string): string {
  const at = text.indexOf(value)
  return at < 0 ? text : text.slice(0, at) + hole + text.slice(at + value.length)
}
