/**
 * Query parameters, checked: a wrong or unknown one is QW_QUERY_INVALID and is named, never silently left out, because
 * a list without its filter looks like an answer.
 */
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyInstance, FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { QwError } from '../core/errors.js'

const ajv = new Ajv({ coerceTypes: true, useDefaults: true, removeAdditional: false, allErrors: false })
addFormats.default(ajv)

// What stands in an address is text; in a body a number is a number.
const ofBodies = new Ajv({ removeAdditional: false })
addFormats.default(ofBodies)

/** Validation for the routes of this scope. */
export function checkStrictly(scope: FastifyInstance): void {
  scope.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? ofBodies : ajv).compile(schema as object))
  scope.setSchemaErrorFormatter((errors, where) => refusal(errors[0], where))
}

/** For a route whose body is text: what is wrong in it is said with its line by whoever reads it. */
export const queryOnly: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) =>
  httpPart === 'body' ? () => true : ajv.compile(schema as object)

function refusal(error: FastifySchemaValidationError | undefined, where: string): QwError {
  const { name, reason } = error ? faultOf(error) : { name: where, reason: 'does not fit' }
  const code = where === 'body' ? 'QW_BODY_INVALID' : 'QW_QUERY_INVALID'
  return new QwError(code, { reason: `${name} ${reason}`, field: `/${name}` })
}

function faultOf({ keyword, params, instancePath, message }: FastifySchemaValidationError) {
  if (keyword === 'additionalProperties')
    return { name: String(params['additionalProperty']), reason: 'is not a parameter of this call' }
  if (keyword === 'required') return { name: String(params['missingProperty']), reason: 'is missing' }
  const name = instancePath.slice(1)
  if (keyword === 'enum') return { name, reason: `must be one of ${[params['allowedValues']].flat().join(', ')}` }
  return { name, reason: message ?? 'does not fit' }
}

/** The schema of a closed set of query parameters, none of them required. */
export const parameters = (properties: Readonly<Record<string, object>>) =>
  ({ type: 'object', additionalProperties: false, properties }) as const

export const paging = {
  limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  cursor: { type: 'string', maxLength: 1000, description: 'the `next` of the page before' },
} as const
