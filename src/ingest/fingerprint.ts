/**
 * What the duplicate memory keeps of an event: a hash of its pair (source, id) and one of its content.
 *
 * Content is what the sender said, not how it was written down: the order of keys, the spelling of numbers and the
 * offset in which a time is given make no difference. So the members' hashes are added up, and the time counts as an
 * instant.
 */
import type { QuotaEvent } from '../core/event.js'
import type { UnixMs } from '../core/names.js'
import { Hash64 } from './hash.js'

/** Reused: `of()` fills it and gives the same object back. */
export class Fingerprint {
  keyLo = 0
  keyHi = 0
  contentLo = 0
  contentHi = 0
  private readonly hash = new Hash64()
  private last: QuotaEvent | undefined

  /** Remembers the event it was last asked about, since admitting and applying ask one after the other. */
  of(event: QuotaEvent, timeMs: UnixMs): this {
    if (event === this.last) return this
    this.last = event
    this.hash.start().text(event.source).text(event.id).finish()
    this.keyLo = this.hash.lo
    this.keyHi = this.hash.hi
    this.contentLo = 0
    this.contentHi = 0
    for (const name in event) if (isContent(name)) this.add(name, '', (event as unknown as Members)[name])
    for (const name in event.data) this.add('data', name, (event.data as unknown as Members)[name])
    this.add('time', '', timeMs)
    this.contentLo >>>= 0
    this.contentHi >>>= 0
    return this
  }

  /** Of a pair whose event is none: only the key is filled. */
  ofPair(source: string, id: string): this {
    this.last = undefined
    this.hash.start().text(source).text(id).finish()
    this.keyLo = this.hash.lo
    this.keyHi = this.hash.hi
    return this
  }

  private add(group: string, name: string, value: unknown): void {
    const hash = this.hash.start().text(group).text(name)
    if (typeof value === 'string') hash.text(value)
    else if (typeof value === 'number') hash.number(value)
    else hash.flag(value === true)
    hash.finish()
    this.contentLo = (this.contentLo + hash.lo) | 0
    this.contentHi = (this.contentHi + hash.hi) | 0
  }
}

type Members = Readonly<Record<string, unknown>>

/** The pair is the key; the envelope's version and media type say nothing about what happened. */
function isContent(name: string): boolean {
  switch (name) {
    case 'specversion':
    case 'datacontenttype':
    case 'source':
    case 'id':
    case 'time':
    case 'data':
      return false
    default:
      return true
  }
}
