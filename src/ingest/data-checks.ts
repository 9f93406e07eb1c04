/**
 * The checks of `data` by event type: the compiled schemas, then what a schema cannot say (an order of two days, a rank).
 */
import type { assessmentKinds, EventType } from '../core/event.js'
import {
  assessmentClosedSchemas,
  type DataSchema,
  dataSchemas,
  indicatorSchemas,
  publishedSchemas,
} from './data-schemas.js'
import { type Check, compileCheck, type Misfit } from './schema-check.js'

const byType: Readonly<Record<EventType, Check>> = {
  ...mapped(dataSchemas),
  'task.planned': both(checkOf(dataSchemas['task.planned']), daysInOrder),
  'assessment.published': both(checkByMember('kind', publishedSchemas), rankWithin),
  'assessment.closed': checkByMember('kind', assessmentClosedSchemas),
  'indicator.reported': checkByMember('name', indicatorSchemas),
}
const checks: ReadonlyMap<string, Check> = new Map(Object.entries(byType))

/** Undefined when the type is not known. */
export const checkForType = (type: string): Check | undefined => checks.get(type)

function mapped<T extends string>(schemas: Readonly<Record<T, DataSchema>>): Record<T, Check> {
  const entries = Object.entries<DataSchema>(schemas).map(([type, schema]) => [type, checkOf(schema)])
  return Object.fromEntries(entries) as Record<T, Check>
}

function checkOf(schema: DataSchema): Check {
  return compileCheck(schema, '/data')
}

function checkByMember(member: string, schemas: Readonly<Record<string, DataSchema>>): Check {
  const byValue = new Map(Object.entries(schemas).map(([value, schema]) => [value, checkOf(schema)]))
  const reason = `must be one of ${[...byValue.keys()].join(', ')}`
  return (data) => {
    const value = Object.hasOwn(data, member) ? data[member] : undefined
    if (value === undefined) return { field: `/data/${member}`, reason: 'is missing' }
    const check = typeof value === 'string' ? byValue.get(value) : undefined
    return check === undefined ? { field: `/data/${member}`, reason } : check(data)
  }
}

function both(first: Check, second: Check): Check {
  return (data) => first(data) ?? second(data)
}

function daysInOrder(data: Readonly<Record<string, unknown>>): Misfit | undefined {
  // `YYYY-MM-DD` sorts as text.
  if (String(data['dueOn']) > String(data['startsOn'])) return undefined
  return { field: '/data/dueOn', reason: 'must be after /data/startsOn' }
}

function rankWithin(data: Readonly<Record<string, unknown>>): Misfit | undefined {
  const kind = data['kind'] as (typeof assessmentKinds)[number]
  if (kind !== 'efficiency' || Number(data['rank']) <= Number(data['of'])) return undefined
  return { field: '/data/rank', reason: 'must not be over /data/of' }
}
