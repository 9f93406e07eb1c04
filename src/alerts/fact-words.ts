/**
 * What the facts mean that a rule may name, and in what unit they are: for the people who write rules.
 *
 * Apart from the tables that the engine reads, because those are made per fact and read per event. Nothing may be missing
 * here or left over: `describedFacts` throws, and docs/rules.md is made of what it gives.
 */
import type { RuleScope } from '../core/rule-set.js'
import { tableOf } from './fact-tables.js'
import type { FactTable } from './figure.js'

/** `[unit, meaning]`; a condition has no unit. */
type Words = Readonly<Record<string, readonly [unit: string, meaning: string]>>

const heads: Words = {
  permanent: ['people', 'heads of basis `permanent`; may be below 0 while reports are under way'],
  seconded_in: ['people', 'heads of basis `seconded_in` (borrowed from another unit)'],
  seconded_out: ['people', 'heads of basis `seconded_out` (lent to another unit)'],
  posted_in: ['people', 'heads of basis `posted_in` (temporary posting here)'],
  posted_out: ['people', 'heads of basis `posted_out` (temporary posting elsewhere)'],
}

const unit: Words = {
  approved: ['posts', 'approved quota, by the latest approval'],
  usable: ['posts', '`approved` + `onLoan`'],
  overBy: ['people', '`filled` - `usable`; below 0 while posts are empty'],
  workingDaysOver: ['working days', 'since it went over quota; 0 while it is not'],
  movedByState: ['posts', 'what approvals of cause `state` added, less what they took'],
  quotaOn1January: ['posts', 'approved on 1 January of this year, that day included'],
  movedByAutonomyThisYear: ['posts', 'what approvals of cause `autonomy` moved this calendar year, up or down'],
  onLoan: ['posts', 'lent to it by the pool and not returned'],
  filled: ['people', 'heads that count under the counting policy'],
  contract: ['people', 'contract staff'],
  enteredWhileFrozen: ['people', 'entered while it was frozen; 0 when the freeze ends or a person closes the alert'],
  ...heads,
  workingDaysNegative: ['working days', 'since one of its head counts went below zero; 0 while none is'],
  economicValue: ['millionths', 'economic contribution in the latest closed half-year that has one'],
  economicSum: ['millionths', 'the sum of all units in that half-year'],
  economicCount: ['units', 'how many were assessed in that half-year; the mean is `economicSum` / `economicCount`'],
  bottomYears: ['years', 'in the bottom tenth without a break, up to the latest closed year that has a rank'],
  efficiencyYear: ['year', 'that latest year'],
  grade: ['grade', 'of the latest closed year: 0 excellent, 1 good, 2 passed, 3 failed'],
  gradeYear: ['year', 'that year'],
  municipal: ['', 'its level is `municipal`'],
  township: ['', 'its level is `township`'],
  administrative: ['', 'its kind is `administrative`'],
  institution: ['', 'its kind is `institution`'],
  frontline: ['', 'it is a frontline unit'],
}

const sums: Words = {
  units: ['units', 'that stand'],
  municipalUnits: ['units', 'of level `municipal` that stand'],
  approved: ['posts', 'approved quota'],
  administrativeApproved: ['posts', 'of units of kind `administrative`'],
  institutionApproved: ['posts', 'of units of kind `institution`'],
  educationHealthInstitutionApproved: ['posts', 'of institution units in education and health'],
  growthInstitutionApproved: ['posts', 'of institution units in innovation, industry and ecology'],
  innovationApproved: ['posts', 'of units in innovation'],
  frontlineApproved: ['posts', 'of frontline units'],
  densityApproved: ['posts', 'of units that are not municipal, outside education and health'],
  onLoan: ['posts', 'lent by the pool and not returned'],
  usable: ['posts', '`approved` + `onLoan`'],
  filled: ['people', 'heads that count under the counting policy'],
  frontlineFilled: ['people', 'those of frontline units'],
  ...heads,
  contract: ['people', 'contract staff'],
  movedByState: ['posts', 'what approvals of cause `state` added, less what they took'],
  administrativeMovedByState: ['posts', 'that of units of kind `administrative`'],
}

const investmentFen = ['fen', 'investment of the project'] as const

const words: Readonly<Record<RuleScope, Words>> = {
  unit,
  task: {
    done: ['millionths', 'what was reported done; 0 before the first report'],
    target: ['millionths', 'what is to be done'],
    daysGone: ['working days', 'of its span gone by, today included'],
    daysTotal: ['working days', 'of its span'],
    milestone: ['', 'its kind is `milestone`'],
    workingDaysLeft: ['working days', 'from tomorrow to its day; below 0 when it is past'],
  },
  loan: {
    out: ['posts', 'lent and not returned'],
    workingDaysPastDue: ['working days', 'since its day; 1 from the first day on, 0 while it is not past'],
    investmentFen,
    fromPool: ['', 'always true: so that one rule may be about loans and requests'],
  },
  request: {
    fromPool: ['', 'its kind is `pool`'],
    adjustment: ['', 'its kind is `adjustment`'],
    onboarding: ['', 'its kind is `onboarding`'],
    count: ['posts', 'asked for'],
    investmentFen,
    workingDaysPending: ['working days', 'since it was submitted'],
  },
  case: {
    hotline: ['', 'it came by the hotline'],
    online: ['', 'it came online'],
    appeal: ['', 'it is an appeal of contract staff'],
    workingDaysOpen: ['working days', 'since it was opened'],
  },
  report: { missedInARow: ['reports', 'missing without a break up to the last one that is past due'] },
  rectification: { workingDaysLeft: ['working days', 'from tomorrow to its day; below 0 when it is past'] },
  city: {
    ...sums,
    densestPosts: ['posts', '`densityApproved` of the county that has most of them per area'],
    densestArea: ['millionths of a km²', 'of that county'],
    thinnestPosts: ['posts', '`densityApproved` of the county that has fewest per area, and one at least'],
    thinnestArea: ['millionths of a km²', 'of that county'],
    gdpPerEmployee: ['millionths of a yuan', '`gdp_per_employee_cny`, the latest report'],
    gdpGrowth: ['millionths', '`gdp_growth_ratio`, the latest report'],
    mobility: ['millionths', '`mobility_ratio`, the latest report'],
    movedByList: ['posts', 'that arrived by cause `list` this calendar year'],
    movedByListInnovation: ['posts', 'those of them in innovation'],
    movedByListFrontline: ['posts', 'those of them in frontline units'],
    innovationBase: ['posts', '`innovationApproved` on 1 January of the last full year'],
    heardUnits: ['units', 'of which an event came within 90 days'],
    heardMunicipalUnits: ['units', 'those of level `municipal`'],
    year: ['year', 'of today'],
    month: ['month', 'of today: 1 is January'],
    dayOfYear: ['days', 'gone by of this year, today included'],
    daysInYear: ['days', 'of this year'],
  },
  county: {
    ...sums,
    insuranceCoverage: ['millionths', '`insurance_coverage_ratio`, the latest report'],
    negativeOpinion: ['millionths', '`negative_opinion_ratio`, the latest report'],
    satisfaction: ['millionths of a point', '`satisfaction_points`, the latest report'],
    stockActivation: ['millionths', '`stock_activation_ratio`, the latest report'],
    stockActivationBase: ['millionths', 'the latest report of 2023 or before'],
    pilot: ['', 'it has a pilot wave'],
  },
  sector: sums,
  pool: {
    lent: ['posts', 'out now'],
    loans: ['loans', 'ever made'],
    month: ['month', 'of today: 1 is January'],
  },
  account: {
    budgetedFen: ['fen', 'budgeted, over all subjects'],
    spentFen: ['fen', 'spent, over all subjects'],
    special: ['', 'it is the account `special`'],
    reserveOpened: ['', 'a person has opened what is kept for emergencies'],
  },
  source: {
    silentMs: ['ms', 'since it was last heard, by the service’s clock'],
    intervalMs: ['ms', 'how often it is expected to speak, by `sources` of the set'],
  },
  self: { level: ['level', 'what the part says of itself: 0 well, 1 worse, 2 bad'] },
}

export interface DescribedFact {
  readonly name: string
  readonly type: 'int' | 'bool'
  readonly unit: string
  readonly meaning: string
  readonly canBeMissing: boolean
}

/** Those of a scope, in the order of the engine's table. */
export function describedFacts(scope: RuleScope): DescribedFact[] {
  const table = tableOf[scope] as FactTable<never>
  const known = words[scope]
  const left = Object.keys(known).filter((name) => !Object.hasOwn(table, name))
  if (left.length > 0) throw new Error(`no facts of scope ${scope}: ${left.join(', ')}`)
  return Object.entries(table).map(([name, { type, missing }]) => {
    const found = known[name]
    if (!found) throw new Error(`nothing says what fact ${name} of scope ${scope} means`)
    return { name, type, unit: found[0], meaning: found[1], canBeMissing: missing !== undefined }
  })
}
