/**
 * The small parts that the schemas of answers are put together from.
 */
import { fundAccounts } from '../core/event.js'
import { proposalKinds } from '../core/rule-set.js'

export const text = { type: 'string' } as const
export const whole = { type: 'integer' } as const
export const number = { type: 'number' } as const
export const flag = { type: 'boolean' } as const
export const time = { type: 'string', format: 'date-time', description: 'RFC 3339 with offset' } as const
export const date = { type: 'string', format: 'date' } as const
export const list = (items: object) => ({ type: 'array', items }) as const
export const nullable = (type: string) => ({ type: [type, 'null'] }) as const
export const shape = (required: readonly string[], properties: Readonly<Record<string, object>>) =>
  ({ type: 'object', required, properties }) as const

export const account = { type: 'string', enum: fundAccounts } as const
export const title = shape(['zh', 'en'], { zh: text, en: text })
export const proposalKind = { type: 'string', enum: proposalKinds } as const

const heads = { type: 'object', description: 'head counts by basis', additionalProperties: whole } as const

/** Null where it is missing (before the first approval) or a ratio over nothing. */
export const facts = {
  approved: nullable('integer'),
  onLoan: nullable('integer'),
  usable: nullable('integer'),
  filled: nullable('integer'),
  overBy: nullable('integer'),
  vacancyRatio: nullable('number'),
  contract: nullable('integer'),
  heads,
} as const
