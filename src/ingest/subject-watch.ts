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
  readonly #subject: string

  constructor(subject: string, since: LogPosition) {
    this.#subject = subject
    this.since = since
  }

  /** What is about another unit changes nothing of this one; what is about the city or for all may. */
  see(entry: LogEntry): void {
    if (this.isTouched || entry.kind === 'quarantined' || entry.kind === 'dismissed') return
    if (entry.kind !== 'event') this.isTouched = true
    else if (entry.event.subject === this.#subject) this.isTouched = true
    else if (isCityWideSubject(entry.event.subject)) this.isTouched = entry.event.type === 'assessment.closed'
  }
}
