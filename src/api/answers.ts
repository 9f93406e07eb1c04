/**
 * What the answers of reading have in common: the `n` they are true at, lists, and where a list goes on.
 */
import type { FastifyReply } from 'fastify'
import type { N } from '../core/names.js'
import { problemResponses } from '../http/problem.js'
import { pageSchema } from './schemas.js'

/** The answer is true after this transition. */
export const nHeader = 'x-quotawatch-n'

export interface Paging {
  readonly limit: number
  readonly cursor?: string
}

export const stamped = (reply: FastifyReply, n: N): FastifyReply => reply.header(nHeader, String(n))

export const listResponses = (name: string) => ({
  200: { description: 'a page', ...pageSchema(name) },
  ...problemResponses('QW_QUERY_INVALID', 'QW_CURSOR_INVALID', 'QW_OVERLOADED'),
})

export type Item = Readonly<Record<string, unknown>>

export const itemsOf = (value: unknown): readonly Item[] => {
  if (!Array.isArray(value)) throw new TypeError('a list was read and is none')
  return value as readonly Item[]
}

/** The sort key: a separator that no id holds keeps `a` + `bc` apart from `ab` + `c`. */
export const textAt =
  (...fields: readonly string[]) =>
  (item: Item): string =>
    fields.map((field) => String(item[field])).join('\u0000')
