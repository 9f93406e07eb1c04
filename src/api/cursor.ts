/**
 * Cursors: where a list goes on. Opaque to the caller, so that what is inside may change.
 *
 * A cursor names the list and its filter, and the key of the last item that was shown; the next page is what sorts
 * after that key. So items that come or go between two pages neither repeat nor hide others. A cursor used with
 * another list or filter is refused, because it would silently skip.
 */
import { createHash } from 'node:crypto'
import { QwError } from '../core/errors.js'

/** What a list is: its name and its filter, without paging. */
export function listIdentity(name: string, filter: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([name, parts]))
    .digest('base64url')
    .slice(0, 8)
}

export const writeCursor = (identity: string, after: string): string =>
  `${identity}${Buffer.from(after).toString('base64url')}`

/** The key to go on after; undefined without a cursor. QW_CURSOR_INVALID when this list did not make it. */
export function readCursor(identity: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const after = Buffer.from(cursor.slice(identity.length), 'base64url').toString()
  if (after === '' || writeCursor(identity, after) !== cursor) throw new QwError('QW_CURSOR_INVALID')
  return after
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** The page of `limit` items after the cursor, of items that were sorted by `keyOf` or are to be. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  identity: string,
  after: string | undefined,
  limit: number,
): Page<T> {
  const rest = items
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  const shown = rest.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ item }) => item),
    next: last && rest.length > limit ? writeCursor(identity, last.key) : null,
  }
}
