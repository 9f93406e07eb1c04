/**
 * The body of POST /v1/orders -> a valid order.
 *
 * An order comes from a person and one at a time, so a bad one is a bad request, not a quarantined event.
 */
import { QwError } from '../core/errors.js'
import type { Order, OrderName } from '../core/order.js'
import { id, type PropertySchema, text } from './data-schemas.js'
import { type Check, compileCheck } from './schema-check.js'
import { isObject } from './validate.js'

const time: PropertySchema = {
  type: 'string',
  format: 'rfc3339',
  description: 'a real date and time as in RFC 3339, with an offset',
}

function orderSchema(
  order: OrderName,
  more: Readonly<Record<string, PropertySchema>>,
  optional: Readonly<Record<string, PropertySchema>> = {},
): object {
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
const wholeCity: Readonly<Record<string, PropertySchema>> = {
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

const schemas: Readonly<Partial<Record<OrderName, object>>> = {
  freeze: orderSchema('freeze', { subject: id }),
  lift: orderSchema('lift', { subject: id, until: time }),
  release: orderSchema('release', { subject: id }),
  acknowledge: orderSchema('acknowledge', alert, { until: time }),
  silence: orderSchema('silence', { ...alert, until: time }),
  escalate: orderSchema('escalate', alert),
  close: orderSchema('close', alert),
  rectify: orderSchema('rectify', { ...alert, owner: text(100), dueOn: day }),
  'load.open': orderSchema('load.open', { load: id, until: time }, wholeCity),
  'load.close': orderSchema('load.close', { load: id }, wholeCity),
  'reserve.open': orderSchema('reserve.open', {}, wholeCity),
}

/** For the OpenAPI document. */
export const orderBody = { anyOf: Object.values(schemas) }

const checks: ReadonlyMap<string, Check> = new Map(
  Object.entries(schemas).map(([name, schema]) => [name, compileCheck(schema, '')]),
)

/** @throws QwError QW_ORDER_UNKNOWN or QW_BODY_INVALID */
export function readOrder(body: unknown): Order {
  if (!isObject(body)) throw new QwError('QW_BODY_INVALID', { reason: 'it must be a JSON object' })
  const name = Object.hasOwn(body, 'order') ? body['order'] : undefined
  if (name === undefined) throw new QwError('QW_BODY_INVALID', { reason: '/order is missing', field: '/order' })
  const check = typeof name === 'string' ? checks.get(name) : undefined
  if (check === undefined) throw new QwError('QW_ORDER_UNKNOWN', { order: String(name).slice(0, 64), field: '/order' })
  const misfit = check(body)
  if (misfit !== undefined)
    throw new QwError('QW_BODY_INVALID', { reason: `${misfit.field} ${misfit.reason}`, field: misfit.field })
  return body as unknown as Order
}
