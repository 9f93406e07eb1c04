/**
 * The matters of a unit, its assessments and its funds, as they are read.
 */
import { formatDay, formatTime } from '../core/day.js'
import { Case, factsOfCase } from './case.js'
import type { Today } from './days.js'
import { factsOfLoan, Loan } from './loan.js'
import { factsOfRequest, Request } from './request.js'
import type { ShardState } from './shard-state.js'
import { sorted } from './sorted.js'
import { compareText } from './stamp.js'
import { factsOfTask, Task } from './task.js'
import type { Unit } from './unit.js'

/** Loans that are out, requests that are pending, cases that are open, and all tasks. By id. */
export function viewOfMatters(now: Today, unit: Unit): object {
  const matters = [...unit.matters].sort((a, b) => compareText(a.id, b.id))
  const open = matters.filter(({ isSettled }) => !isSettled)
  return {
    loans: open.filter((matter) => matter instanceof Loan).map((loan) => viewOfLoan(now, loan)),
    requests: open.filter((matter) => matter instanceof Request).flatMap((request) => viewOfRequest(now, request)),
    cases: open.filter((matter) => matter instanceof Case).flatMap((each) => viewOfCase(now, each)),
    tasks: matters.filter((matter) => matter instanceof Task).flatMap((task) => viewOfTask(now, task)),
  }
}

function viewOfLoan(now: Today, loan: Loan): object {
  const { workingDaysPastDue, investmentFen } = factsOfLoan(loan, now)
  return {
    loanId: loan.id,
    out: loan.out,
    dueOn: loan.due?.dueOn ?? null,
    workingDaysPastDue,
    ...(loan.due?.project === undefined ? {} : { project: loan.due.project }),
    ...(investmentFen === undefined ? {} : { investmentCny: investmentFen / 100 }),
  }
}

function viewOfRequest(now: Today, request: Request): object[] {
  const facts = factsOfRequest(request, now)
  if (!facts || !request.submitted) return []
  const { what, count, investmentFen, workingDaysPending, uncertain } = facts
  return [
    {
      requestId: request.id,
      kind: what,
      count,
      ...(investmentFen === undefined ? {} : { investmentCny: investmentFen / 100 }),
      submittedAt: formatTime(request.submitted.timeMs),
      workingDaysPending,
      ...(uncertain ? { uncertain } : {}),
    },
  ]
}

function viewOfCase(now: Today, opened: Case): object[] {
  const facts = factsOfCase(opened, now)
  if (!facts || !opened.opened) return []
  const { channel, workingDaysOpen, uncertain } = facts
  return [
    {
      caseId: opened.id,
      channel,
      openedAt: formatTime(opened.opened.timeMs),
      workingDaysOpen,
      ...(uncertain ? { uncertain } : {}),
    },
  ]
}

function viewOfTask(now: Today, task: Task): object[] {
  const facts = factsOfTask(task, now)
  if (!task.plan || !facts) return []
  const { title, kind, startsOn, dueOn } = task.plan
  const dueByNow = facts.target * facts.daysGone
  return [
    {
      taskId: task.id,
      title,
      kind,
      target: facts.target / 1_000_000,
      done: facts.done / 1_000_000,
      startsOn: formatDay(startsOn),
      dueOn: formatDay(dueOn),
      workingDays: { gone: facts.daysGone, total: facts.daysTotal, ...(facts.uncertain ? { uncertain: true } : {}) },
      progressRatio: dueByNow > 0 ? (facts.done * facts.daysTotal) / dueByNow : null,
    },
  ]
}

/** By kind, newest period first; whether it counts already. */
export const viewOfAssessments = ({ closedPeriods }: ShardState, { extras }: Unit): object[] =>
  sorted(extras?.assessments)
    .reverse()
    .map(([key, { kind, period, shown }]) => ({ kind, period, figure: shown, closed: closedPeriods.has(key) }))

export const viewOfFunds = ({ extras }: Unit): object[] =>
  sorted(extras?.funds).map(([account, { budgetedFen, spentFen }]) => ({
    account,
    budgetedCny: budgetedFen / 100,
    spentCny: spentFen / 100,
  }))
