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

const schemas: Readonly<Record<OrderName, object>> = {
  freeze: orderSchema('freeze', { subject: id }),
  lift: orderSchema('lift', { subject: id, until: time }),
  release: orderSchema('release', { subject: id }),
  'load.open': orderSchema('load.open', { load: id, until: time }, wholeCity),
  'load.close': orderSchema('load.close', { load: id }, wholeCity),
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
