/**
 * What a department reports in the walks.
 */
import { ask } from './service.js'

const now = () => new Date().toISOString()

export const event = (id: string, type: string, subject: string, data: object, time = now()) =>
  JSON.stringify({ specversion: '1.0', source: '/departments/walk', id, type, subject, time, data })

interface SchoolOptions {
  readonly name?: string
  readonly approved?: number
  /** By basis. */
  readonly heads?: Readonly<Record<string, number>>
  readonly time?: string
}

/** A primary school; as it comes with ten posts, all of them filled. */
export function school(unit: string, options: SchoolOptions = {}): string[] {
  const { name = '江门市示范小学', approved = 10, heads = { permanent: 10 }, time = now() } = options
  const profile = { name, level: 'county', county: 'PJ', kind: 'institution', sector: 'education', frontline: true }
  return [
    event(`${unit}-1`, 'unit.registered', unit, profile, time),
    ...Object.entries(heads).map(([basis, count]) =>
      event(`${unit}-${basis}`, 'staff.entered', unit, { count, basis }, time),
    ),
    event(`${unit}-2`, 'quota.approved', unit, { approved, cause: 'census' }, time),
  ]
}

export const send = (http: string, lines: readonly string[]) =>
  ask(`${http}/v1/events`, lines.join('\n'), 'application/x-ndjson')
