/**
 * A unit's approvals, in the order of (time, source, id), whatever order they arrived in.
 *
 * The latest is what is approved now. What each moved is the difference to the one before it in that order; before the
 * first there were no posts, so a unit that the state founds adds all of its first approval to the city's cap. A late
 * approval changes what the one after it moved, hence the list and not a running sum.
 */
import { civilFromDay, dayFromCivil, dayOf, startOfDay } from '../core/day.js'
import type { ApprovalCause } from '../core/event.js'
import type { DayNumber, UnixMs } from '../core/names.js'
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
    this.movedByState -= this.#movedAt(at, 'state')
    // A new list of the exact length: one that grows in place keeps room for 17, and most units have one approval.
    this.list = this.list.toSpliced(at, 0, approval)
    this.movedByState += this.#movedAt(at, 'state') + this.#movedAt(at + 1, 'state')
    this.approved = (this.list[this.list.length - 1] as Approval).approved
  }

  /** Undefined when nothing was approved by the end of that day. */
  approvedOn1January(year: number): number | undefined {
    const nextDayMs = startOfDay(dayFromCivil(year, 1, 2))
    return this.list.findLast(({ timeMs }) => timeMs < nextDayMs)?.approved
  }

  /** Up or down, in the calendar year of the approval's time. */
  movedByAutonomyIn(year: number): number {
    let moved = 0
    this.list.forEach(({ cause, timeMs }, at) => {
      if (cause === 'autonomy' && yearOf(timeMs) === year) moved += Math.abs(addedAt(this.list, at))
    })
    return moved
  }

  /** What the approval at this place moved, when it is of the cause. */
  #movedAt(at: number, cause: ApprovalCause): number {
    return this.list[at]?.cause === cause ? addedAt(this.list, at) : 0
  }
}

/** What the approval at this place added to the one before it. */
const addedAt = (list: readonly Approval[], at: number): number =>
  (list[at]?.approved ?? 0) - (list[at - 1]?.approved ?? 0)

/** Posts that arrived by lists, by calendar year. A list takes where it gives, so they are counted once. */
export function* arrivedByList(list: readonly Approval[]): Generator<readonly [year: number, posts: number]> {
  for (const [at, { timeMs, cause }] of list.entries()) {
    const moved = cause === 'list' ? addedAt(list, at) : 0
    if (moved > 0) yield [yearOf(timeMs), moved]
  }
}

/** What each approval added, by the first year on whose 1 January it stood. */
export function* addedByQuotaYear(list: readonly Approval[]): Generator<readonly [year: number, posts: number]> {
  for (const [at, { timeMs }] of list.entries()) yield [quotaYearOf(timeMs), addedAt(list, at)]
}

const yearOf = (ms: UnixMs): number => civilFromDay(dayOf(ms)).year

/** The first year on whose 1 January an approval of that time stands: that day itself counts. */
const quotaYearOf = (ms: UnixMs): number => civilFromDay((dayOf(ms) - 1) as DayNumber).year + 1
