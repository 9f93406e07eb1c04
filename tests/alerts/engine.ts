/**
 * What tests of the engine are told with: entries in short, the shipped rules, and stories on a whole engine.
 */
import { readFileSync } from 'node:fs'
import { faultOf } from '../../src/alerts/rules.js'
import { readRules } from '../../src/config/rules-file.js'
import type { EventEntry, LogEntry } from '../../src/core/entry.js'
import type { EventDataByType, EventType, QuotaEvent } from '../../src/core/event.js'
import type { UnixMs } from '../../src/core/names.js'
import type { Order } from '../../src/core/order.js'
import { type CountingPolicy, knownPolicies } from '../../src/core/policy.js'
import { parseTime } from '../../src/core/rfc3339.js'
import type { RuleSet } from '../../src/core/rule-set.js'
import type { Transition } from '../../src/core/transition.js'
import { Engine } from '../../src/node/rule-tests/engine.js'

export { Engine, type WorldBatch } from '../../src/node/rule-tests/engine.js'

// This file runs as dist/tests/alerts/engine.js.
const rulesFile = new URL('../../../rules/jiangmen.yaml', import.meta.url)
export const rulesText = readFileSync(rulesFile, 'utf8')
export const shippedRules: RuleSet = readRules(rulesText, 'rules/jiangmen.yaml', faultOf)

/** Some of the shipped rules, and nothing that climbs: for stories about these alone. */
export function someRules(...ids: readonly string[]): RuleSet {
  const rules = shippedRules.rules.filter(({ id }) => ids.includes(id)).map(({ escalation: _, ...rule }) => rule)
  if (rules.length !== ids.length) throw new Error(`not all of ${ids.join(', ')} are rules`)
  return { name: 'some', version: ids.join(' '), rules }
}

/** The rules that most stories are about. */
export const storyRules = someRules('progress', 'over-quota', 'vacancy', 'frozen-use', 'total-cap')

export const home: CountingPolicy = { name: 'home', version: 1, bases: knownPolicies.home }
export const desk: CountingPolicy = { name: 'desk', version: 2, bases: knownPolicies.desk }

export const at = (text: string): UnixMs => {
  const ms = parseTime(text)
  if (ms === undefined) throw new Error(`${text} is no time`)
  return ms
}

let events = 0

export interface EventOptions {
  readonly time?: string
  readonly source?: string
  readonly id?: string
  readonly load?: string
}

/** An accepted event. Without a time it happened at the start of 2024; ids are given in turn. */
export function event<T extends EventType>(
  type: T,
  subject: string,
  data: EventDataByType[T],
  { time = '2024-01-02T00:00:00+08:00', source = '/departments/test', id, load }: EventOptions = {},
): EventEntry {
  events += 1
  const body = {
    specversion: '1.0',
    id: id ?? `e${events}`,
    source,
    type,
    subject,
    time,
    ...(load ? { load } : {}),
    data,
  }
  return { kind: 'event', timeMs: at(time), event: body as unknown as QuotaEvent }
}

export const order = (given: Order): LogEntry => ({ kind: 'order', order: given })
export const by = { by: '张三', reason: 'a test' }

export const rules = (set: RuleSet = storyRules): LogEntry => ({ kind: 'rules', rules: set })

export const registered = (
  unit: string,
  data: Partial<EventDataByType['unit.registered']> = {},
  options: EventOptions = {},
): EventEntry =>
  event(
    'unit.registered',
    unit,
    {
      name: `单位 ${unit}`,
      level: 'county',
      county: 'XH',
      kind: 'institution',
      sector: 'education',
      frontline: false,
      ...data,
    },
    options,
  )

export const approved = (unit: string, count: number, options: EventOptions = {}): EventEntry =>
  event('quota.approved', unit, { approved: count, cause: 'census' }, options)

export const entered = (unit: string, count: number, options: EventOptions = {}): EventEntry =>
  event('staff.entered', unit, { count, basis: 'permanent' }, options)

export const left = (unit: string, count: number, options: EventOptions = {}): EventEntry =>
  event('staff.left', unit, { count, basis: 'permanent' }, options)

/** A story in which every step is a batch of its own; time stands unless it is told to pass. */
export class Story {
  readonly engine = new Engine()
  nowMs: UnixMs

  constructor(start = '2024-07-01T09:00:00+08:00', ...entries: LogEntry[]) {
    this.nowMs = at(start)
    this.tell(rules(), ...entries)
  }

  /** One batch. @returns what follows, in short: `over-quota U1 green>red`, `freeze U1 none>frozen 1 [over-quota]`. */
  tell(...entries: LogEntry[]): string[] {
    return this.transitions(...entries).map(inShort)
  }

  transitions(...entries: LogEntry[]): Transition[] {
    return this.engine.step({ nowMs: this.nowMs, entries: entries.length === 0 ? [{ kind: 'tick' }] : entries })
  }

  /** Time passes to `text`, and nothing else happens. */
  until(text: string): string[] {
    return this.passTo(text).map(inShort)
  }

  passTo(text: string): Transition[] {
    this.nowMs = at(text)
    return this.transitions()
  }
}

export function inShort(transition: Transition): string {
  const { kind, subject, from, to } = transition
  switch (kind) {
    case 'alert':
      return `${transition.rule} ${subject} ${from}>${to}`
    case 'freeze':
      return `freeze ${subject} ${from}>${to} ${transition.sequence} [${transition.reasons.join(' ')}]`
    case 'proposal':
      return `proposal ${transition.proposalId} ${from}>${to}`
    case 'request':
      return `request ${subject} ${from}>${to}`
    default:
      return `${kind} ${transition.rule} ${subject} ${from}>${to}`
  }
}

/** A task of the reform that is due at the end of 2024. */
export const reformTask = {
  taskId: 'T',
  title: 't',
  kind: 'reform',
  target: 100,
  startsOn: '2024-01-02',
  dueOn: '2024-12-31',
} as const
