/**
 * The shorthand `units:` of a rule test: what a unit starts with, as the events that would have said so.
 */
import type { Part } from '../../config/rule-part.js'
import { expanded, type GivenEvent } from './given.js'

/** What a unit is when nothing is said of it. */
const usual = { level: 'county', county: 'XH', kind: 'institution', sector: 'education', frontline: false }

/** By unit, so that a test may have another unit of the same name than its file. */
export type Units = ReadonlyMap<string, readonly GivenEvent[]>

export function readUnits(part: Part): Units {
  if (!part.isThere) return new Map()
  return new Map(
    part
      .keys()
      .flatMap((key) => expanded(part.at(key), key).map((unit) => [unit, eventsOf(part.at(key), unit)] as const)),
  )
}

function eventsOf(part: Part, subject: string): GivenEvent[] {
  part.allow([...Object.keys(usual), 'name', 'approved', 'cause', 'filled', 'contract', 'time'])
  const { approved, cause = 'census', filled, contract, time, ...profile } = part.json() as Record<string, unknown>
  const event = (type: string, data: object): GivenEvent => ({
    kind: 'event',
    part,
    count: 1,
    attributes: { type, subject, data, ...(time === undefined ? {} : { time }) },
  })
  return [
    event('unit.registered', { name: `单位 ${subject}`, ...usual, ...profile }),
    // Quota comes last: until then its figures are missing, so no colour comes of the order of these.
    ...(filled === undefined || filled === 0 ? [] : [event('staff.entered', { count: filled, basis: 'permanent' })]),
    ...(contract === undefined || contract === 0 ? [] : [event('contract.entered', { count: contract })]),
    ...(approved === undefined ? [] : [event('quota.approved', { approved, cause })]),
  ]
}
