/**
 * Judging a task, loan, request, case or report: the rules of its scope on its facts of today.
 */
import type { Bench, Trigger } from './bench.js'
import { type Case, factsOfCase } from './case.js'
import { endHolder, judgeHolder } from './judge-holder.js'
import { factsOfLoan, type Loan } from './loan.js'
import type { Matter } from './matter.js'
import { factsOfReports, type Reports } from './reports.js'
import { factsOfRequest, type Request } from './request.js'
import type { CompiledRule } from './rules.js'
import { factsOfTask, type Task } from './task.js'

/** Whether a shown colour changed. What is done with ends green. */
export function judgeMatter(bench: Bench, matter: Matter, trigger: Trigger): boolean {
  if (matter.isSettled) return endHolder(bench, matter, { ...trigger, cause: trigger.cause ?? 'settled' })
  const { of } = bench.rules
  switch (matter.kind) {
    case 'task':
      return judge(bench, matter, of.task, taskFactsNow(matter as Task, bench), trigger)
    case 'loan':
      return judge(bench, matter, of.loan, factsOfLoan(matter as Loan, bench), trigger)
    case 'request':
      return judge(bench, matter, of.request, factsOfRequest(matter as Request, bench), trigger)
    case 'case':
      return judge(bench, matter, of.case, factsOfCase(matter as Case, bench), trigger)
    case 'report': {
      const facts = factsOfReports(matter as Reports, bench)
      if (facts) (matter as Reports).forgetOld(bench)
      return judge(bench, matter, of.report, facts, trigger)
    }
  }
}

function judge<S extends { readonly uncertain: boolean }>(
  bench: Bench,
  matter: Matter,
  rules: readonly CompiledRule<S>[],
  facts: S | undefined,
  trigger: Trigger,
): boolean {
  return facts !== undefined && judgeHolder(bench, matter, rules, facts, trigger, facts.uncertain)
}

const taskFactsNow = (task: Task, bench: Bench) => (task.isJudgedAt(bench.nowMs) ? factsOfTask(task, bench) : undefined)
