/**
 * A loan of posts from the pool (domain 2, `pool.lent`): its borrower's own. Returned in full it is done with; lent again
 * under the same id it is open again.
 */
import { parseDay } from '../core/day.js'
import type { DayNumber, UnixMs } from '../core/names.js'
import { nextDayThatCounts, type Today, workingDaysPast } from './days.js'
import type { FactTable } from './figure.js'
import { Matter } from './matter.js'
import type { Stamp } from './stamp.js'
import { touch } from './touch.js'

export interface Investment extends Stamp {
  readonly fen: number
}

export class Loan extends Matter {
  readonly kind = 'loan'
  readonly scope = 'loan'
  /** Lent and not yet returned. */
  out = 0
  /** `YYYY-MM-DD`, by the latest `pool.lent`; absent when only a return is known. */
  due: (Stamp & { readonly dueOn: string; readonly project?: string }) | undefined
  /** By the latest `pool.lent` that names one. */
  investment: Investment | undefined

  get isSettled(): boolean {
    return this.out === 0
  }

  /** What `due` was when its day was read. */
  private readOf: Loan['due']
  private dueDay: DayNumber | undefined

  get dueOn(): DayNumber | undefined {
    if (this.readOf !== this.due) {
      this.readOf = this.due
      this.dueDay = this.due && parseDay(this.due.dueOn)
    }
    return this.dueDay
  }

  nextDue(now: Today): UnixMs | 0 {
    const { dueOn } = this
    return this.isSettled || dueOn === undefined ? 0 : nextDayThatCounts(now, dueOn)
  }
}

export interface LoanFacts {
  readonly out: number
  readonly workingDaysPastDue: number
  readonly investmentFen: number | undefined
  readonly uncertain: boolean
}

export function factsOfLoan(loan: Loan, now: Today): LoanFacts {
  const { dueOn } = loan
  return {
    out: loan.out,
    workingDaysPastDue: dueOn === undefined ? 0 : workingDaysPast(now, dueOn),
    investmentFen: loan.investment?.fen,
    uncertain: dueOn !== undefined && now.today > dueOn && !now.calendar.knows(dueOn, now.today),
  }
}

export const loanFacts: FactTable<LoanFacts> = {
  out: { type: 'int', read: ({ out }) => out, touchedBy: touch.own },
  workingDaysPastDue: { type: 'int', read: (loan) => loan.workingDaysPastDue, touchedBy: touch.own },
  investmentFen: {
    type: 'int',
    read: ({ investmentFen }) => investmentFen ?? 0,
    missing: ({ investmentFen }) => investmentFen === undefined,
    touchedBy: touch.own,
  },
  // Under the name that it has with a request, so that one rule may be about both.
  fromPool: { type: 'bool', read: () => true, touchedBy: touch.own },
}
