/**
 * What a department reports in the walks.
 */
import { ask } from './service.js'

const now = () => new Date().toISOString()
export const event = (id: string, type: string, subject: string, fields: object) =>
  JSON.stringify({ specversion: '1.0', source: '/departments/walk', id, type, subject, time: now(), data: fields })

/** A primary school with ten posts, all of them filled. */
export const school = (unit: string) => [
  event(`${unit}-1`, 'unit.registered', unit, {
    name: '江门市示范小学',
    level: 'county',
    county: 'PJ',
    kind: 'institution',
    sector: 'education',
    frontline: true,
  }),
  event(`${unit}-2`, 'staff.entered', unit, { count: 10, basis: 'permanent' }),
  event(`${unit}-3`, 'quota.approved', unit, { approved: 10, cause: 'census' }),
]

export const send = (http: string, lines: readonly string[]) =>
  ask(`${http}/v1/events`, lines.join('\n'), 'application/x-ndjson')
