/**
 * Whether anything was taken that may change what the engine said of a subject.
 *
 * A decision is prepared on what the engine says of its proposal, and events go on coming in meanwhile. Who decides looks
 * here before the decision is taken, in the same step, so nothing slips in between (node/orders/desk.ts).
 */
import type { LogEntry } from '../core/entry.js'
import { isCityWideSubject, type LogPosition } from '../core/names.js'

export class SubjectWatch {
  /** Whatever was taken up to here is not noted: the engine is asked when it has judged it. */
  readonly since: LogPosition
  isTouched = false
  /** Events name a unit, also where they are about its request or task. */
  readonly #unit: string
  /** What the pool has lent decides about a request to it, whoever borrowed. */
  readonly #isOfPool: boolean

  constructor(subject: string, since: LogPosition) {
    const [unit = '', kind] = subject.split('/')
    this.#unit = unit
    this.#isOfPool = kind === 'request'
    this.since = since
  }

  /** What is about another unit changes nothing of this one; what is about the city or for all may. */
  see(entry: LogEntry): void {
    if (this.isTouched || entry.kind === 'quarantined' || entry.kind === 'dismissed') return
    if (entry.kind !== 'event') {
      this.isTouched = true
      return
    }
    const { subject, type } = entry.event
    if (subject === this.#unit) this.isTouched = true
    else if (type === 'pool.lent' || type === 'pool.returned') this.isTouched = this.#isOfPool
    else if (isCityWideSubject(subject)) this.isTouched = type === 'assessment.closed'
  }
}
