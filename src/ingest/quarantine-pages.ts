/**
 * The quarantine as it is read: one item, or a page of those that match, oldest first.
 */
import { formatTime } from '../core/day.js'
import { type ErrorCode, errorTable, QwError } from '../core/errors.js'
import type { UnixMs } from '../core/names.js'
import type { DoneItem, Quarantine, QuarantineItem, Resolution, SignedCorrection } from './quarantine.js'
import { isObject } from './validate.js'
import type { WorkingDays } from './working-days.js'

export interface QuarantineQuery {
  readonly limit: number
  /** Items after this position. */
  readonly after: number
  readonly source?: string
  readonly code?: ErrorCode
  readonly waiting?: boolean
  /** True: what was done with; otherwise what is still there. */
  readonly done: boolean
}

const limitDefault = 100
const limitMax = 1000
const cursorShape = /^q([1-9]\d{0,15})$/

/** @throws QwError QW_QUERY_INVALID or QW_CURSOR_INVALID */
export function readQuery(query: Readonly<Record<string, unknown>>): QuarantineQuery {
  const { limit, cursor, source, code, waiting, done, ...unknown } = query
  const stranger = Object.keys(unknown)[0]
  if (stranger !== undefined) throw invalid(stranger.slice(0, 64), 'is not known')
  return {
    limit: limit === undefined ? limitDefault : readLimit(limit),
    after: cursor === undefined ? 0 : readCursor(cursor),
    ...(source === undefined ? {} : { source: readText(source) }),
    ...(code === undefined ? {} : { code: readCode(code) }),
    ...(waiting === undefined ? {} : { waiting: readFlag('waiting', waiting) }),
    done: done === undefined ? false : readFlag('done', done),
  }
}

/** `next` is null on the last page. */
export function pageOf(
  quarantine: Quarantine,
  query: QuarantineQuery,
  show: (item: QuarantineItem | DoneItem) => object,
): { items: object[]; next: string | null } {
  const found: (QuarantineItem | DoneItem)[] = []
  const items = query.done ? quarantine.doneItems() : quarantine.items(query.waiting)
  for (const item of items) if (matches(item, query)) found.push(item)
  found.sort((a, b) => Number(a.item) - Number(b.item))
  const page = found.slice(0, query.limit)
  const last = page.at(-1)
  return { items: page.map(show), next: found.length > page.length && last !== undefined ? `q${last.item}` : null }
}

export function showItem(item: QuarantineItem | DoneItem, nowMs: UnixMs, workingDays: WorkingDays): object {
  const resolution = 'resolution' in item ? item.resolution : undefined
  const waiting = item.waitsFor !== undefined && resolution === undefined
  return {
    id: item.item,
    event: item.event,
    code: item.code,
    field: item.field,
    reason: item.reason,
    at: formatTime(item.atMs),
    waiting,
    waitsFor: item.waitsFor,
    impossible: waiting && workingDays.isOverdue(item.atMs, nowMs),
    corrected: item.corrected && showSigned(item.corrected),
    done: resolution && showSigned(resolution),
  }
}

const showSigned = ({ atMs, ...rest }: SignedCorrection | Resolution): object => ({ ...rest, at: formatTime(atMs) })

function matches(item: QuarantineItem, query: QuarantineQuery): boolean {
  if (Number(item.item) <= query.after) return false
  if (query.code !== undefined && item.code !== query.code) return false
  return query.source === undefined || (isObject(item.event) && item.event['source'] === query.source)
}

function readLimit(value: unknown): number {
  const limit = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : 0
  if (limit < 1 || limit > limitMax) throw invalid('limit', `must be a whole number of 1 to ${limitMax}`)
  return limit
}

function readCursor(value: unknown): number {
  const match = cursorShape.exec(String(value))
  if (match === null) throw new QwError('QW_CURSOR_INVALID')
  return Number(match[1])
}

function readText(value: unknown): string {
  if (typeof value !== 'string') throw invalid('source', 'must be given once')
  return value
}

function readCode(value: unknown): ErrorCode {
  if (typeof value !== 'string' || !Object.hasOwn(errorTable, value)) throw invalid('code', 'must be an error code')
  return value as ErrorCode
}

function readFlag(name: string, value: unknown): boolean {
  if (value !== 'true' && value !== 'false') throw invalid(name, 'must be true or false')
  return value === 'true'
}

const invalid = (name: string, reason: string): QwError =>
  new QwError('QW_QUERY_INVALID', { reason: `${name} ${reason}` })
