/**
 * A request for approval 审批 (domain 2, `request.submitted`): pending until a person decides it, and then for good.
 */
import { dayOf } from '../core/day.js'
import type { EventDataByType } from '../core/event.js'
import type { UnixMs } from '../core/names.js'
import type { Decision } from '../core/order.js'
import { nextDayThatCounts, type Today, workingDaysSince } from './days.js'
import type { Fact, FactTable } from './figure.js'
import { Matter } from './matter.js'
import type { Stamp } from './stamp.js'
import { touch } from './touch.js'

export interface Submitted extends Stamp {
  readonly what: EventDataByType['request.submitted']['kind']
  readonly count: number
  readonly investmentFen?: number
}

export interface Decided {
  readonly decision: Decision
  readonly by: string
  readonly atMs: UnixMs
}

export class Request extends Matter {
  readonly kind = 'request'
  readonly scope = 'request'
  submitted: Submitted | undefined
  decided: Decided | undefined

  get isSettled(): boolean {
    return this.decided !== undefined || this.submitted === undefined
  }

  override get proposable(): { readonly requestId: string } {
    return { requestId: this.id }
  }

  nextDue(now: Today): UnixMs | 0 {
    return this.isSettled ? 0 : nextDayThatCounts(now, undefined)
  }
}

export interface RequestFacts {
  readonly what: Submitted['what']
  readonly count: number
  readonly investmentFen: number | undefined
  readonly workingDaysPending: number
  readonly uncertain: boolean
}

/** Undefined while nothing was submitted. */
export function factsOfRequest({ submitted }: Request, now: Today): RequestFacts | undefined {
  if (!submitted) return undefined
  const { what, count, investmentFen } = submitted
  const since = dayOf(submitted.timeMs)
  return {
    what,
    count,
    investmentFen,
    workingDaysPending: workingDaysSince(now, since),
    uncertain: !now.calendar.knows(since, now.today),
  }
}

const isOf = (kind: Submitted['what']): Fact<RequestFacts> => ({
  type: 'bool',
  read: ({ what }) => what === kind,
  touchedBy: touch.own,
})

export const requestFacts: FactTable<RequestFacts> = {
  fromPool: isOf('pool'),
  adjustment: isOf('adjustment'),
  onboarding: isOf('onboarding'),
  count: { type: 'int', read: ({ count }) => count, touchedBy: touch.own },
  investmentFen: {
    type: 'int',
    read: ({ investmentFen }) => investmentFen ?? 0,
    missing: ({ investmentFen }) => investmentFen === undefined,
    touchedBy: touch.own,
  },
  workingDaysPending: { type: 'int', read: (request) => request.workingDaysPending, touchedBy: touch.own },
}
