/**
 * The facts that a rule may name, by scope. What `docs/rules.md` lists is made from these tables.
 */
import type { RuleScope } from '../core/rule-set.js'
import { type CaseFacts, caseFacts } from './case.js'
import {
  type AccountFacts,
  accountFacts,
  type PoolFacts,
  poolFacts,
  type SelfFacts,
  type SourceFacts,
  selfFacts,
  sourceFacts,
} from './city-things.js'
import type { FactTable } from './figure.js'
import { type LoanFacts, loanFacts } from './loan.js'
import { type ReportFacts, reportFacts } from './reports.js'
import { type RequestFacts, requestFacts } from './request.js'
import { cityFacts, countyFacts, type ScopeFacts, sectorFacts } from './scope-facts.js'
import { type TaskFacts, taskFacts } from './task.js'
import { touch } from './touch.js'
import { type UnitFacts, unitFacts } from './unit-facts.js'

export interface RectificationFacts {
  /** Working days from tomorrow to its day; below 0 when it is past. */
  readonly workingDaysLeft: number
}

const rectificationFacts: FactTable<RectificationFacts> = {
  workingDaysLeft: { type: 'int', read: (facts) => facts.workingDaysLeft, touchedBy: touch.own },
}

export interface FactsOf {
  readonly unit: UnitFacts
  readonly task: TaskFacts
  readonly loan: LoanFacts
  readonly request: RequestFacts
  readonly case: CaseFacts
  readonly report: ReportFacts
  readonly rectification: RectificationFacts
  readonly city: ScopeFacts
  readonly county: ScopeFacts
  readonly sector: ScopeFacts
  readonly pool: PoolFacts
  readonly account: AccountFacts
  readonly source: SourceFacts
  readonly self: SelfFacts
}

export const tableOf: { readonly [Scope in RuleScope]: FactTable<FactsOf[Scope]> } = {
  unit: unitFacts,
  task: taskFacts,
  loan: loanFacts,
  request: requestFacts,
  case: caseFacts,
  report: reportFacts,
  rectification: rectificationFacts,
  city: cityFacts,
  county: countyFacts,
  sector: sectorFacts,
  pool: poolFacts,
  account: accountFacts,
  source: sourceFacts,
  self: selfFacts,
}
