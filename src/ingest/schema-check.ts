/**
 * JSON schemas compiled by Ajv into checks that name the field and say in words what it must be.
 *
 * Ajv's own messages speak of keywords; a sender wants to read "must be a whole number, 1 or more". So each property's
 * `description` completes the sentence "must be …". The good path allocates nothing.
 */
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { dayFromCivil, parseDay, weekdayOf } from '../core/day.js'
import { parseTime } from '../core/rfc3339.js'

export interface Misfit {
  /** JSON pointer, for example `/data/count`. */
  readonly field: string
  /** Completes "the field … ". */
  readonly reason: string
}

export type Check = (data: Readonly<Record<string, unknown>>) => Misfit | undefined

const ajv = new Ajv2020({ strict: true, verbose: true, ownProperties: true })
ajv.addFormat('day', { type: 'string', validate: (value: string) => parseDay(value) !== undefined })
ajv.addFormat('rfc3339', { type: 'string', validate: (value: string) => parseTime(value) !== undefined })
ajv.addFormat('two-places', { type: 'number', validate: (value: number) => placesOf(value) <= 2 })
ajv.addFormat('six-places', { type: 'number', validate: (value: number) => placesOf(value) <= 6 })
ajv.addFormat('report-period', { type: 'string', validate: isReportPeriod })

/** `root`: the JSON pointer of what is checked, `/data` or nothing. */
export function compileCheck(schema: object, root: string): Check {
  const validate = ajv.compile(schema)
  return (value) => (validate(value) ? undefined : misfitOf(validate, root))
}

function misfitOf(validate: ValidateFunction, root: string): Misfit {
  const error = validate.errors?.[0] as ErrorObject
  const { keyword, params, instancePath } = error
  if (keyword === 'required') return { field: `${root}/${escaped(params['missingProperty'])}`, reason: 'is missing' }
  if (keyword === 'additionalProperties')
    return { field: `${root}/${escaped(params['additionalProperty'])}`, reason: 'is not known here' }
  const { description } = error.parentSchema as { description?: string }
  return { field: `${root}${instancePath}`, reason: `must be ${description ?? error.message}` }
}

/** RFC 6901, and cut: a name that is not ours can be of any length. */
const escaped = (name: unknown): string => String(name).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')

/** Places after the point of the shortest decimal that means this double. */
export function placesOf(value: number): number {
  if (Number.isInteger(value)) return 0
  const [digits = '', exponent = '0'] = String(value).split('e')
  const point = digits.indexOf('.')
  return Math.max(0, (point < 0 ? 0 : digits.length - point - 1) - Number(exponent))
}

function isReportPeriod(value: string): boolean {
  const week = /^(\d{4})-W(\d{2})$/.exec(value)
  if (week) return Number(week[2]) >= 1 && Number(week[2]) <= weeksOf(Number(week[1]))
  return parseDay(/^\d{4}-\d{2}$/.test(value) ? `${value}-01` : value) !== undefined
}

/** ISO 8601: a year has 53 weeks when it begins on a Thursday or, as a leap year, on a Wednesday; else 52. */
function weeksOf(year: number): number {
  const first = weekdayOf(dayFromCivil(year, 1, 1))
  const last = weekdayOf(dayFromCivil(year, 12, 31))
  return first === 4 || last === 4 ? 53 : 52
}
