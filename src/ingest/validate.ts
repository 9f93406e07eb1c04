/**
 * Parsed JSON -> a valid event, or the reason why not.
 *
 * The envelope is CloudEvents 1.0; that every event has a `subject` and a `time`, and the closed `data` of each type, is
 * ours (domain 2). The envelope is checked by hand in one walk over its attributes, because that costs a third of what a
 * schema with open extension attributes does. Behind this border every room may rely on `QuotaEvent`.
 */
import { type ErrorCode, explain } from '../core/errors.js'
import { ownSources, type QuotaEvent } from '../core/event.js'
import { idPattern, type UnixMs } from '../core/names.js'
import { orderNames } from '../core/order.js'
import { parseTime } from '../core/rfc3339.js'
import { checkForType } from './data-checks.js'
import { mayBeAbout } from './subjects.js'

export interface Fault {
  readonly code: ErrorCode
  readonly field?: string
  readonly reason: string
}

export type JsonObject = Readonly<Record<string, unknown>>

/** Characters of `id`, `source` and each extension attribute's text. */
export const attributeCharactersMax = 256
const extensionsMax = 32

/** Reused from event to event: `check` fills it. Valid when `fault` is undefined. */
export class Validator {
  event = undefined as unknown as QuotaEvent
  timeMs = 0 as UnixMs

  /** On the good path nothing is allocated. */
  check(candidate: JsonObject): Fault | undefined {
    const event = hasNull(candidate) ? withoutNulls(candidate) : candidate
    return checkIdentity(event) ?? checkType(event) ?? checkAttributes(event) ?? this.checkContent(event)
  }

  private checkContent(candidate: JsonObject): Fault | undefined {
    const { type, subject, time, data } = candidate
    if (typeof subject !== 'string') return subject === undefined ? missing('/subject') : wrong('/subject', 'a text')
    if (!mayBeAbout(type as string, subject))
      return fault('QW_SUBJECT_INVALID', '/subject', { type, subject: cut(subject) })
    if (time === undefined) return missing('/time')
    const timeMs = typeof time === 'string' ? parseTime(time) : undefined
    if (timeMs === undefined)
      return wrong('/time', 'a real date and time as in RFC 3339, with an offset, such as 2024-07-03T09:15:00+08:00')
    if (data === undefined) return missing('/data')
    if (!isObject(data)) return wrong('/data', 'an object')
    const misfit = checkForType(type as string)?.(data)
    if (misfit !== undefined) return fault('QW_FIELD_INVALID', misfit.field, { ...misfit })
    this.event = candidate as unknown as QuotaEvent
    this.timeMs = timeMs
    return undefined
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** CloudEvents JSON format 2.2: an attribute that is null counts as not sent. */
function hasNull(candidate: JsonObject): boolean {
  for (const name in candidate) if (candidate[name] === null) return true
  return false
}

const withoutNulls = (candidate: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(candidate).filter(([, value]) => value !== null))

function checkIdentity({ specversion, id, source, type }: JsonObject): Fault | undefined {
  if (specversion !== '1.0') return notCloudEvent('/specversion', 'specversion must be "1.0"')
  if (!isText(id)) return notCloudEvent('/id', `id must be ${textWanted}`)
  if (!isText(source) || !uriReference.test(source))
    return notCloudEvent('/source', `source must be a URI reference of 1 to ${attributeCharactersMax} characters`)
  if (source.startsWith(ownSources)) return fault('QW_SOURCE_RESERVED', '/source', { source: cut(source) })
  if (!isText(type)) return notCloudEvent('/type', `type must be ${textWanted}`)
  return undefined
}

function checkType(candidate: JsonObject): Fault | undefined {
  const type = candidate['type'] as string
  if (checkForType(type) !== undefined) return undefined
  if (orders.has(type)) return fault('QW_EVENT_IS_ORDER', '/type', {})
  return fault('QW_EVENT_TYPE_UNKNOWN', '/type', { type: cut(type) })
}

function checkAttributes(candidate: JsonObject): Fault | undefined {
  let extensions = 0
  for (const name in candidate) {
    if (isOurs(name)) continue
    extensions++
    const problem = checkExtension(name, candidate[name])
    if (problem !== undefined) return problem
  }
  if (extensions <= extensionsMax) return undefined
  const reason = `it has more than ${extensionsMax} extension attributes`
  return { code: 'QW_EVENT_INVALID', reason: explain('QW_EVENT_INVALID', { reason }) }
}

/** The attributes that are looked at one by one elsewhere in this file. */
function isOurs(name: string): boolean {
  switch (name) {
    case 'specversion':
    case 'id':
    case 'source':
    case 'type':
    case 'subject':
    case 'time':
    case 'data':
      return true
    default:
      return false
  }
}

function checkExtension(name: string, value: unknown): Fault | undefined {
  if (name === 'data_base64') return notCloudEvent('/data_base64', 'data is sent as JSON in "data"')
  if (name === 'datacontenttype')
    return typeof value === 'string' && jsonMediaType.test(value)
      ? undefined
      : notCloudEvent('/datacontenttype', 'datacontenttype must be application/json or absent')
  const field = `/${cut(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
  if (!extensionName.test(name))
    return notCloudEvent(field, 'the name of an attribute holds lower-case letters and digits only, 64 at most')
  if (name === 'load' && !(typeof value === 'string' && loadName.test(value)))
    return wrong(field, 'the name of a load: letters, digits, Chinese characters and . _ : - up to 64')
  if (isText(value) || typeof value === 'boolean' || Number.isFinite(value)) return undefined
  return notCloudEvent(field, `an attribute must be ${textWanted}, true or false, or a number`)
}

/** What a person orders (api). Never an event, whoever sends it. */
const orders: ReadonlySet<string> = new Set(orderNames)

const extensionName = /^[a-z0-9]{1,64}$/
const loadName = new RegExp(idPattern)
const jsonMediaType = /^application\/json\s*(?:;|$)/i
// RFC 3986: an optional scheme (a first segment with a colon is one), then path, query, fragment of its characters.
const uriReference =
  /^(?:[A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))(?:[\w.~!$&'()*+,;=:@/[\]-]|%[\dA-Fa-f]{2})*(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[\dA-Fa-f]{2})*)?(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[\dA-Fa-f]{2})*)?$/

const textWanted = `a text of 1 to ${attributeCharactersMax} characters without control characters`

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= attributeCharactersMax && isPrintable(value)
}

function isPrintable(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f) || unit === 0x2028 || unit === 0x2029) return false
  }
  return true
}

/** What a sender wrote, short enough to be repeated to it. */
const cut = (value: string): string => (value.length > 64 ? `${value.slice(0, 64)}…` : value)

const fault = (code: ErrorCode, field: string, detail: Readonly<Record<string, unknown>>): Fault => ({
  code,
  field,
  reason: explain(code, detail),
})
const notCloudEvent = (field: string, reason: string): Fault => fault('QW_EVENT_INVALID', field, { reason })
const missing = (field: string): Fault => fault('QW_FIELD_INVALID', field, { field, reason: 'is missing' })
const wrong = (field: string, wanted: string): Fault =>
  fault('QW_FIELD_INVALID', field, { field, reason: `must be ${wanted}` })
