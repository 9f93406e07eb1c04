/**
 * Moments as a rule test writes them: short, in Asia/Shanghai, or counted from the step before.
 */
import type { Part } from '../../config/rule-part.js'
import { formatTime } from '../../core/day.js'
import type { UnixMs } from '../../core/names.js'
import { parseTime } from '../../core/rfc3339.js'

const spanMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const spanPattern = /^(?:[0-9]{1,9}(?:ms|s|m|h|d))+$/
const shortPattern = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(:\d{2})?(\.\d{1,3})?)?$/

/** `1d`, `90m`, `10d1ms`. Undefined: the text is no span. */
export function parseSpan(text: string): number | undefined {
  if (!spanPattern.test(text)) return undefined
  const pieces = [...text.matchAll(/([0-9]+)(ms|s|m|h|d)/g)]
  return pieces.reduce((sum, [, count, unit]) => sum + Number(count) * (spanMs[unit as string] as number), 0)
}

/** `2024-07-02`, `2024-07-02 09:00`, `2024-07-02 09:00:30.500` (Asia/Shanghai), or RFC 3339. Undefined: none of these. */
export function parseMoment(text: string): UnixMs | undefined {
  const [, day, minute = '00:00', second = ':00', fraction = ''] = shortPattern.exec(text) ?? []
  return parseTime(day === undefined ? text : `${day}T${minute}${second}${fraction}+08:00`)
}

/** A moment, or `+1d`: so long after `after`. */
export function readMoment(part: Part, after?: UnixMs): UnixMs {
  const text = part.text()
  const span = text.startsWith('+') && after !== undefined ? parseSpan(text.slice(1)) : undefined
  const moment = span === undefined ? parseMoment(text) : (((after as number) + span) as UnixMs)
  const relative = after === undefined ? '' : ', or +1d after the step before'
  return moment ?? part.fail(`must be a time such as 2024-07-02 09:00 in Asia/Shanghai${relative}`)
}

/** As short as it can be said: `2024-07-02 09:00`. */
export const shownMoment = (ms: UnixMs): string =>
  formatTime(ms)
    .replace('T', ' ')
    .replace('+08:00', '')
    .replace(/(:00)?\.000$/, '')
