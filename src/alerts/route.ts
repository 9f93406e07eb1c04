/**
 * Where an entry is judged: on the shard of its unit, in the fold, or everywhere.
 *
 * FNV-1a over the UTF-8 bytes of the unit's id: the same on every machine and in every version, because a snapshot is
 * only good for the shard that made it.
 */
import type { LogEntry } from '../core/entry.js'
import { isCityWideSubject, type UnitId } from '../core/names.js'

/** 'all' | 'fold' | index of the shard; entries for 'all' go to the fold too. */
export function routeOf(entry: LogEntry, shards: number): 'all' | 'fold' | number {
  switch (entry.kind) {
    case 'event':
      return isCityWideSubject(entry.event.subject) ? 'fold' : shardOf(entry.event.subject, shards)
    case 'order':
      return 'subject' in entry.order ? shardOf(entry.order.subject, shards) : 'all'
    case 'quarantined':
    case 'skipped':
      return 'fold'
    case 'tick':
    case 'rules':
    case 'calendar':
    case 'policy':
    case 'engine':
      return 'all'
  }
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
