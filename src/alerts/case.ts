/**
 * A complaint or an appeal (domain 2, `case.opened`), open until it is answered; the later report decides.
 */
import { dayOf } from '../core/day.js'
import type { EventDataByType } from '../core/event.js'
import type { UnixMs } from '../core/names.js'
import { nextDayThatCounts, type Today, workingDaysSince } from './days.js'
import type { Fact, FactTable } from './figure.js'
import { Matter } from './matter.js'
import { replaces, type Stamp } from './stamp.js'
import { touch } from './touch.js'

type Channel = EventDataByType['case.opened']['channel']

export class Case extends Matter {
  readonly kind = 'case'
  readonly scope = 'case'
  opened: (Stamp & { readonly channel: Channel }) | undefined
  answered: Stamp | undefined

  get isSettled(): boolean {
    const { opened, answered } = this
    return opened === undefined || (answered !== undefined && !replaces(opened, answered))
  }

  nextDue(now: Today): UnixMs | 0 {
    return this.isSettled ? 0 : nextDayThatCounts(now, undefined)
  }
}

export interface CaseFacts {
  readonly channel: Channel
  readonly workingDaysOpen: number
  readonly uncertain: boolean
}

/** Undefined while only an answer is known. */
export function factsOfCase({ opened }: Case, now: Today): CaseFacts | undefined {
  if (!opened) return undefined
  const since = dayOf(opened.timeMs)
  const { channel } = opened
  return { channel, workingDaysOpen: workingDaysSince(now, since), uncertain: !now.calendar.knows(since, now.today) }
}

const isBy = (channel: Channel): Fact<CaseFacts> => ({
  type: 'bool',
  read: (facts) => facts.channel === channel,
  touchedBy: touch.own,
})

export const caseFacts: FactTable<CaseFacts> = {
  hotline: isBy('hotline'),
  online: isBy('online'),
  appeal: isBy('appeal'),
  workingDaysOpen: { type: 'int', read: ({ workingDaysOpen }) => workingDaysOpen, touchedBy: touch.own },
}
