/**
 * The bodies of POST /v1/quarantine/:id and POST /v1/quarantine/:id/dismiss: what a person says about an item.
 *
 * As with orders, one comes at a time and from a person, so a bad one is a bad request and changes nothing.
 */
import type { Correction } from '../core/entry.js'
import { QwError } from '../core/errors.js'
import { text } from './data-schemas.js'
import type { CorrectionBody } from './intake.js'
import { type Check, compileCheck } from './schema-check.js'
import { isObject } from './validate.js'

const signature = { by: text(100), reason: text(500) }

/** For the OpenAPI document; the event itself is checked as every other. */
export const dismissalBody = {
  type: 'object',
  additionalProperties: false,
  required: ['by', 'reason'],
  properties: signature,
}

export const correctionBody = {
  type: 'object',
  additionalProperties: false,
  required: ['event', 'by', 'reason'],
  properties: {
    event: { type: 'object', description: 'an object, the whole event as it should have been' },
    ...signature,
  },
}

const checkCorrection = compileCheck(correctionBody, '')
const checkDismissal = compileCheck(dismissalBody, '')

/** @throws QwError QW_BODY_INVALID */
export const readCorrection = (body: unknown): CorrectionBody => checked(body, checkCorrection) as CorrectionBody

/** @throws QwError QW_BODY_INVALID */
export const readDismissal = (body: unknown): Correction => checked(body, checkDismissal) as Correction

function checked(body: unknown, check: Check): unknown {
  if (!isObject(body)) throw new QwError('QW_BODY_INVALID', { reason: 'it must be a JSON object' })
  const misfit = check(body)
  if (misfit === undefined) return body
  throw new QwError('QW_BODY_INVALID', { reason: `${misfit.field} ${misfit.reason}`, field: misfit.field })
}
