/**
 * A unit's approvals, in the order of (time, source, id), whatever order they arrived in.
 *
 * The latest is what is approved now. What each moved is the difference to the one before it in that order; before the
 * first there were no posts, so a unit that the state founds adds all of its first approval to the city's cap. A late
 * approval changes what the one after it moved, hence the list and not a running sum.
 */
import type { ApprovalCause } from '../core/event.js'
import { compareStamps, type Stamp } from './stamp.js'

export interface Approval extends Stamp {
  readonly approved: number
  readonly cause: ApprovalCause
}

export class Approvals {
  list: readonly Approval[] = []
  /** What is approved now; 0 before the first approval. */
  approved = 0
  /** Posts that cause `state` added (or took), over the whole list. */
  movedByState = 0

  get isEmpty(): boolean {
    return this.list.length === 0
  }

  add(approval: Approval): void {
    let at = this.list.length
    while (at > 0 && compareStamps(this.list[at - 1] as Approval, approval) > 0) at -= 1
    this.movedByState -= this.#movedAt(at)
    // A new list of the exact length: one that grows in place keeps room for 17, and most units have one approval.
    this.list = this.list.toSpliced(at, 0, approval)
    this.movedByState += this.#movedAt(at) + this.#movedAt(at + 1)
    this.approved = (this.list[this.list.length - 1] as Approval).approved
  }

  /** What the approval at this place moved by cause `state`. */
  #movedAt(at: number): number {
    const approval = this.list[at]
    if (approval?.cause !== 'state') return 0
    return approval.approved - (this.list[at - 1]?.approved ?? 0)
  }
}
