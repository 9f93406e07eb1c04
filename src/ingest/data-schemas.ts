/**
 * The closed `data` of every event type (domain 2) as JSON schemas: what the border checks and what OpenAPI shows.
 *
 * Each property's `description` completes the sentence "must be …", which is what a sender reads when it does not fit.
 */
import {
  approvalCauses,
  assessmentKinds,
  caseChannels,
  type EventType,
  fundAccounts,
  grades,
  type indicatorNames,
  requestKinds,
  taskKinds,
} from '../core/event.js'
import { bases, counties, idPattern, levels, sectors, unitKinds } from '../core/names.js'

export interface PropertySchema {
  readonly type: 'string' | 'number' | 'integer' | 'boolean'
  readonly description: string
  readonly [keyword: string]: unknown
}

export interface DataSchema {
  readonly type: 'object'
  readonly additionalProperties: false
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, PropertySchema>>
}

// Not only spaces, and no control characters: these texts stand on screens and in logs.
const textPattern = '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$'
export const text = (charactersMax: number): PropertySchema => ({
  type: 'string',
  minLength: 1,
  maxLength: charactersMax,
  pattern: textPattern,
  description: `a text of 1 to ${charactersMax} characters without control characters`,
})
const whole = (minimum: number, maximum: number): PropertySchema => ({
  type: 'integer',
  minimum,
  maximum,
  description: `a whole number, ${minimum} or more and ${maximum} or less`,
})
const oneOf = (values: readonly string[]): PropertySchema => ({
  type: 'string',
  enum: values,
  description: `one of ${values.join(', ')}`,
})

/** Posts or people: 1 to a million. */
const count = whole(1, 1_000_000)
/** Of loans, tasks, requests, cases, lists, units. */
export const id: PropertySchema = {
  type: 'string',
  pattern: idPattern,
  description: 'an id: letters, digits, Chinese characters and . _ : - up to 64, beginning with no sign',
}
const day: PropertySchema = { type: 'string', format: 'day', description: 'a real date YYYY-MM-DD' }
// A million million yuan in fen is 10^14, so sums of them stay whole numbers.
const money: PropertySchema = {
  type: 'number',
  minimum: 0,
  maximum: 1e12,
  format: 'two-places',
  description: 'an amount in CNY, 0 or more, at most two places after the point',
}
// 10^9 in millionths is 10^15, under 2^53: such figures are kept as whole millionths.
const decimal = (minimum: 'over 0' | '0 or more', maximum: number): PropertySchema => ({
  type: 'number',
  ...(minimum === 'over 0' ? { exclusiveMinimum: 0 } : { minimum: 0 }),
  maximum,
  format: 'six-places',
  description: `a number ${minimum} and ${maximum} or less, at most six places after the point`,
})
const notNegative = decimal('0 or more', 1e9)
const ratio: PropertySchema = {
  type: 'number',
  minimum: 0,
  maximum: 1.5,
  format: 'six-places',
  description: 'a ratio of 0 to 1 (over 1.5 it cannot be one), at most six places after the point',
}
const halfYear: PropertySchema = {
  type: 'string',
  pattern: '^[12][0-9]{3}H[12]$',
  description: 'a half-year such as 2024H1',
}
const year: PropertySchema = { type: 'string', pattern: '^[12][0-9]{3}$', description: 'a year such as 2024' }
const reportPeriod: PropertySchema = {
  type: 'string',
  format: 'report-period',
  description: 'a week (2024-W07), a month (2024-07) or a day (2024-07-03)',
}

function closed(required: Record<string, PropertySchema>, optional: Record<string, PropertySchema> = {}): DataSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...optional },
  }
}

const headCount = closed({ count, basis: oneOf(bases) })
const contractCount = closed({ count })
const listed = closed({ listId: id, sector: oneOf(sectors), count }, { until: day })
const fund = closed({ account: oneOf(fundAccounts), amountCny: money })

/** Types whose data has one shape. `assessment.*` and `indicator.reported` have one for each kind or name, below. */
export const dataSchemas = {
  'unit.registered': closed({
    name: text(100),
    level: oneOf(levels),
    county: oneOf(counties),
    kind: oneOf(unitKinds),
    sector: oneOf(sectors),
    frontline: { type: 'boolean', description: 'true or false' },
  }),
  'unit.closed': closed({}, { successor: id }),
  'county.described': closed({ areaKm2: decimal('over 0', 1e6) }, { pilotWave: whole(1, 9) }),
  'quota.approved': closed({ approved: whole(0, 1_000_000), cause: oneOf(approvalCauses) }, { documentNo: text(100) }),
  'staff.entered': headCount,
  'staff.left': headCount,
  'contract.entered': contractCount,
  'contract.left': contractCount,
  'pool.lent': closed({ loanId: id, count, dueOn: day }, { project: text(200), investmentCny: money }),
  'pool.returned': closed({ loanId: id, count }),
  'request.submitted': closed({ requestId: id, kind: oneOf(requestKinds), count }, { investmentCny: money }),
  'demand.listed': listed,
  'supply.listed': listed,
  'task.planned': closed({
    taskId: id,
    title: text(200),
    kind: oneOf(taskKinds),
    target: decimal('over 0', 1e9),
    startsOn: day,
    dueOn: day,
  }),
  'task.progressed': closed({ taskId: id, done: notNegative }),
  'fund.budgeted': fund,
  'fund.spent': fund,
  'case.opened': closed({ caseId: id, channel: oneOf(caseChannels) }),
  'case.answered': closed({ caseId: id }),
  'risk.reported': closed({ period: reportPeriod }),
} satisfies Partial<Record<EventType, DataSchema>>

const of = (name: string): PropertySchema => ({ type: 'string', const: name, description: name })
const [economic, efficiency, annual] = assessmentKinds

/** By `kind`. */
export const publishedSchemas: Readonly<Record<(typeof assessmentKinds)[number], DataSchema>> = {
  economic_contribution: closed({ kind: of(economic), period: halfYear, value: notNegative }),
  efficiency: closed({ kind: of(efficiency), period: year, rank: whole(1, 1_000_000), of: whole(1, 1_000_000) }),
  annual: closed({ kind: of(annual), period: year, grade: oneOf(grades) }),
}

/** By `kind`. */
export const assessmentClosedSchemas: Readonly<Record<(typeof assessmentKinds)[number], DataSchema>> = {
  economic_contribution: closed({ kind: of(economic), period: halfYear }),
  efficiency: closed({ kind: of(efficiency), period: year }),
  annual: closed({ kind: of(annual), period: year }),
}

const measured = (name: string, value: PropertySchema): DataSchema => closed({ name: of(name), value })

/** By `name`. */
export const indicatorSchemas: Readonly<Record<(typeof indicatorNames)[number], DataSchema>> = {
  gdp_per_employee_cny: measured('gdp_per_employee_cny', notNegative),
  gdp_growth_ratio: measured('gdp_growth_ratio', ratio),
  mobility_ratio: measured('mobility_ratio', ratio),
  insurance_coverage_ratio: measured('insurance_coverage_ratio', ratio),
  stock_activation_ratio: measured('stock_activation_ratio', ratio),
  negative_opinion_ratio: measured('negative_opinion_ratio', ratio),
  satisfaction_points: measured('satisfaction_points', decimal('0 or more', 100)),
  population: measured('population', whole(0, 1e9)),
}
