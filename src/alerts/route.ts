/**
 * Where an entry is judged: on the shard of its unit, in the fold, or everywhere.
 *
 * FNV-1a over the UTF-8 bytes of the unit's id: the same on every machine and in every version, because a snapshot is
 * only good for the shard that made it.
 */
import type { LogEntry } from '../core/entry.js'
import { isCityWideSubject, type UnitId } from '../core/names.js'
import type { CityOrder, FreezeOrder, Order } from '../core/order.js'

/** Which shards must see the entry: all, none, or the one of its unit. */
export function shardsOf(entry: LogEntry, shards: number): 'all' | 'none' | number {
  switch (entry.kind) {
    case 'event':
      // A period is closed for every unit that was assessed in it.
      return entry.event.type === 'assessment.closed' ? 'all' : shardOf(entry.event.subject, shards)
    case 'order':
      return isOfCity(entry.order) ? 'all' : shardOf(unitOf(entry.order.subject), shards)
    case 'quarantined':
    case 'dismissed':
    case 'alarm':
    case 'skipped':
      return 'none'
    case 'tick':
    case 'rules':
    case 'calendar':
    case 'policy':
    case 'engine':
      return 'all'
  }
}

/** Whether the fold must see it too. */
export function goesToFold(entry: LogEntry): boolean {
  if (entry.kind === 'event') return isCityWideSubject(entry.event.subject)
  return entry.kind !== 'order' || !isOfFreeze(entry.order)
}

/** Whether the fold may have something to feed to the shards after a batch with this entry (fold.ts, `begin`). */
export const mayFeed = (entry: LogEntry): boolean =>
  entry.kind === 'event' &&
  (entry.event.type === 'assessment.published' || entry.event.type === 'assessment.closed') &&
  entry.event.data.kind === 'economic_contribution'

const cityOrders: readonly string[] = [
  'load.open',
  'load.close',
  'policy',
  'rules.activate',
  'reserve.open',
] satisfies readonly CityOrder['order'][]

const freezeOrders: readonly string[] = ['freeze', 'lift', 'release'] satisfies readonly FreezeOrder['order'][]

const isOfCity = (order: Order): order is CityOrder => cityOrders.includes(order.order)
const isOfFreeze = ({ order }: Order): boolean => freezeOrders.includes(order)

/** `unit`, `unit/task`, `unit/loan/id` … begin with the unit. */
function unitOf(subject: string): UnitId {
  const end = subject.indexOf('/')
  return end < 0 ? subject : subject.slice(0, end)
}

export const shardOf = (unit: UnitId, shards: number): number => (shards === 1 ? 0 : fnv1a(unit) % shards)

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  const take = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) take(code)
    else if (code < 0x800) {
      take(0xc0 | (code >> 6))
      take(0x80 | (code & 0x3f))
    } else {
      // Ids stay inside the basic plane (core/names.ts), so no surrogate pair comes here.
      take(0xe0 | (code >> 12))
      take(0x80 | ((code >> 6) & 0x3f))
      take(0x80 | (code & 0x3f))
    }
  }
  return hash >>> 0
}
