/**
 * The body of POST /v1/orders -> a valid order.
 *
 * An order comes from a person and one at a time, so a bad one is a bad request, not a quarantined event.
 */
import { QwError } from '../core/errors.js'
import { bases } from '../core/names.js'
import { decisions, type OrderName, type OrderRequest } from '../core/order.js'
import { id, type PropertySchema, text } from './data-schemas.js'
import { type Check, compileCheck } from './schema-check.js'
import { isObject, type JsonObject } from './validate.js'

const time: PropertySchema = {
  type: 'string',
  format: 'rfc3339',
  description: 'a real date and time as in RFC 3339, with an offset',
}

type Properties = Readonly<Record<string, PropertySchema | object>>

function orderSchema(order: OrderName, more: Properties, optional: Properties = {}): object {
  const properties = {
    order: { type: 'string', const: order, description: order },
    by: text(100),
    reason: text(500),
    ...more,
  }
  const required = Object.keys(properties)
  return {
    title: order,
    type: 'object',
    additionalProperties: false,
    required,
    properties: { ...properties, ...optional },
  }
}

/** An order about no unit may name the city as its subject, as every order may name one. */
const wholeCity: Properties = {
  subject: { type: 'string', const: 'city', description: 'city' },
}

/** What an alert or a proposal is about (domain 4, "Subjects"): a unit, something of it, the city, a source … */
const subject: PropertySchema = {
  type: 'string',
  minLength: 1,
  maxLength: 300,
  pattern: '^[^\\s\\u0000-\\u001f]+$',
  description: 'a subject of alerts, as GET /v1/alerts names it',
}
const rule: PropertySchema = {
  type: 'string',
  pattern: '^[a-z][a-z0-9-]{0,63}$',
  description: 'the id of a rule',
}
const day: PropertySchema = { type: 'string', format: 'day', description: 'a real date YYYY-MM-DD' }
const alert = { subject, rule }
const decision: PropertySchema = { type: 'string', enum: decisions, description: `one of ${decisions.join(', ')}` }
const proposalId: PropertySchema = {
  type: 'string',
  minLength: 1,
  maxLength: 400,
  pattern: '^[^\\s\\u0000-\\u001f]+$',
  description: 'the id of a proposal, as GET /v1/proposals names it',
}
const name: PropertySchema = {
  type: 'string',
  pattern: '^[a-z][a-z0-9-]{0,63}$',
  description: 'a name: lower-case letters, digits and -, up to 64',
}
/** A policy that is written out. */
const writtenPolicy = {
  type: 'object',
  description: 'the name of a policy, or { name, version, bases }',
  additionalProperties: false,
  required: ['name', 'version', 'bases'],
  properties: {
    name,
    version: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'a whole number, 1 to 1000000' },
    bases: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', enum: bases, description: `one of ${bases.join(', ')}` },
      description: `some of ${bases.join(', ')}, each once`,
    },
  },
}
const rules: PropertySchema = { type: 'string', minLength: 1, description: 'the text of a rule file (YAML)' }

const schemas = {
  freeze: orderSchema('freeze', { subject: id }),
  lift: orderSchema('lift', { subject: id, until: time }),
  release: orderSchema('release', { subject: id }),
  acknowledge: orderSchema('acknowledge', alert, { until: time }),
  silence: orderSchema('silence', { ...alert, until: time }, { from: time }),
  escalate: orderSchema('escalate', { subject }, { rule }),
  close: orderSchema('close', alert),
  rectify: orderSchema('rectify', { subject, owner: text(100), dueOn: day }, { rule }),
  decide: orderSchema('decide', { subject: id, requestId: id, decision }),
  'load.open': orderSchema('load.open', { load: id, until: time }, wholeCity),
  'load.close': orderSchema('load.close', { load: id }, wholeCity),
  policy: orderSchema('policy', { policy: name }, wholeCity),
  'rules.activate': orderSchema('rules.activate', { rules }, wholeCity),
  'reserve.open': orderSchema('reserve.open', {}, wholeCity),
} satisfies Record<OrderName, object>

/** Orders of another shape under the same name. */
const decideProposal = orderSchema('decide', { subject, proposalId, decision })
const writePolicy = orderSchema('policy', { policy: writtenPolicy }, wholeCity)

/** For the OpenAPI document. */
export const orderBody = { anyOf: [...Object.values(schemas), decideProposal, writePolicy] }

const checks: ReadonlyMap<string, Check> = new Map(
  Object.entries(schemas).map(([name, schema]) => [name, compileCheck(schema, '')]),
)
const checkDecideProposal = compileCheck(decideProposal, '')
const checkWritePolicy = compileCheck(writePolicy, '')

function checkFor(name: string, body: JsonObject): Check | undefined {
  if (name === 'decide' && Object.hasOwn(body, 'proposalId')) return checkDecideProposal
  if (name === 'policy' && typeof body['policy'] === 'object') return checkWritePolicy
  return checks.get(name)
}

/** @throws QwError QW_ORDER_UNKNOWN or QW_BODY_INVALID */
export function readOrder(body: unknown): OrderRequest {
  if (!isObject(body)) throw new QwError('QW_BODY_INVALID', { reason: 'it must be a JSON object' })
  const name = Object.hasOwn(body, 'order') ? body['order'] : undefined
  if (name === undefined) throw new QwError('QW_BODY_INVALID', { reason: '/order is missing', field: '/order' })
  const check = typeof name === 'string' ? checkFor(name, body) : undefined
  if (check === undefined) throw new QwError('QW_ORDER_UNKNOWN', { order: String(name).slice(0, 64), field: '/order' })
  const misfit = check(body)
  if (misfit !== undefined)
    throw new QwError('QW_BODY_INVALID', { reason: `${misfit.field} ${misfit.reason}`, field: misfit.field })
  return body as unknown as OrderRequest
}
