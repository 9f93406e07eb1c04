/**
 * What a rule test puts into the log, in short: `{ staff.left: U1, count: 1, basis: permanent }`.
 *
 * The first key says what it is: an event's type, with its subject behind it, or a word of ours (`order`, `alarm`,
 * `policy`, `rules`, `calendar`, `quarantined`). What remains is the event's `data`. `U{1..9}` as a subject is nine
 * events. Whether the border would let it in is asked when the test runs (desk.ts).
 */
import { readCalendar } from '../../config/calendar.js'
import type { Part } from '../../config/rule-part.js'
import { parseDay } from '../../core/day.js'
import type { CalendarEntry, LogEntry } from '../../core/entry.js'
import { type Basis, bases } from '../../core/names.js'
import { type CountingPolicy, knownPolicies } from '../../core/policy.js'
import type { RuleSet } from '../../core/rule-set.js'

/** One event, still without what it has by default. */
export interface GivenEvent {
  readonly kind: 'event'
  readonly part: Part
  /** As many of it as are logged, one after the other. */
  readonly count: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export type Given =
  | GivenEvent
  | { readonly kind: 'order'; readonly part: Part; readonly order: Readonly<Record<string, unknown>> }
  /** A feed sends nonsense, which is kept in quarantine. */
  | { readonly kind: 'quarantined'; readonly source: string }
  | { readonly kind: 'entry'; readonly entry: LogEntry }

/** Reads the rule file that a part of the test file names. */
export type RulesNamed = (part: Part) => RuleSet

/** One item of `input`. */
export function readGiven(part: Part, rulesNamed: RulesNamed): Given[] {
  const [word = ''] = part.keys()
  switch (word) {
    case 'order':
      return [{ kind: 'order', part, order: { by: 'a test', reason: 'a test', ...jsonOf(part) } }]
    case 'alarm':
      return [readAlarm(part)]
    case 'policy':
      part.allow(['policy'])
      return [{ kind: 'entry', entry: { kind: 'policy', policy: readPolicy(part.at('policy')) } }]
    case 'rules':
      part.allow(['rules'])
      return [{ kind: 'entry', entry: { kind: 'rules', rules: rulesNamed(part.at('rules')) } }]
    case 'calendar': {
      part.allow(['calendar'])
      const entry = readCalendarOf(part.at('calendar'))
      return entry ? [{ kind: 'entry', entry }] : part.at('calendar').fail('cannot be taken away once it is there')
    }
    case 'quarantined':
      part.allow(['quarantined'])
      return [{ kind: 'quarantined', source: part.at('quarantined').text() }]
    default:
      return readEvents(part, word)
  }
}

function readAlarm(part: Part): Given {
  part.allow(['alarm', 'level', 'reason'])
  const level = Number(part.at('level').oneOf(['0', '1', '2'])) as 0 | 1 | 2
  const reason = part.at('reason').isThere ? part.at('reason').text() : 'a test'
  return { kind: 'entry', entry: { kind: 'alarm', part: part.at('alarm').text(), level, reason } }
}

function readEvents(part: Part, type: string): GivenEvent[] {
  const { [type]: _, time, source, id, load, repeat, ...data } = jsonOf(part)
  const count = part.at('repeat').isThere ? readCount(part.at('repeat')) : 1
  if (count > 1 && id !== undefined) part.at('id').fail('cannot be repeated')
  return expanded(part.at(type)).map((subject) => ({
    kind: 'event',
    part,
    count,
    attributes: { type, subject, data, ...withoutUndefined({ time, source, id, load }) },
  }))
}

const withoutUndefined = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const jsonOf = (part: Part): Readonly<Record<string, unknown>> => part.json() as Readonly<Record<string, unknown>>

export function readCount(part: Part): number {
  const text = part.text()
  return /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : part.fail('must be a whole number from 1 to 99999')
}

/** `U{1..3}` -> U1, U2, U3. */
export function expanded(part: Part, text = part.text()): string[] {
  const match = /^(.*)\{(\d{1,4})\.\.(\d{1,4})\}(.*)$/.exec(text)
  if (!match) return [text]
  const [first, last] = [Number(match[2]), Number(match[3])]
  if (last < first) part.fail(`${text} counts down`)
  return Array.from({ length: last - first + 1 }, (_, i) => `${match[1]}${first + i}${match[4]}`)
}

/** `home`, `desk`, or a definition of its own: `{ name: wide, bases: [permanent, seconded_in] }`. */
export function readPolicy(part: Part): CountingPolicy {
  if (part.isText) {
    const name = part.oneOf(Object.keys(knownPolicies) as (keyof typeof knownPolicies)[])
    return { name, version: 1, bases: knownPolicies[name] }
  }
  part.allow(['name', 'bases'])
  return {
    name: part.at('name').text(),
    version: 1,
    bases: part.at('bases').list((basis) => basis.oneOf<Basis>(bases)),
  }
}

/** `shipped`, `none` (every year is unknown), or one of its own. */
export function readCalendarOf(part: Part): CalendarEntry | undefined {
  if (!part.isThere) return readCalendar()
  if (part.isText) return part.oneOf(['shipped', 'none']) === 'shipped' ? readCalendar() : undefined
  part.allow(['years', 'holidays', 'makeUpWorkdays'])
  const [first, last] = part.at('years').list((year) => readCount(year))
  if (first === undefined || last === undefined) part.at('years').fail('must be the first and the last year')
  return {
    kind: 'calendar',
    years: { first: first as number, last: last as number },
    holidays: readDays(part.at('holidays')),
    makeUpWorkdays: readDays(part.at('makeUpWorkdays')),
  }
}

const readDays = (part: Part): string[] =>
  part.isThere
    ? part.list((day) =>
        parseDay(day.text()) === undefined ? day.fail('must be a day such as 2024-05-01') : day.text(),
      )
    : []
