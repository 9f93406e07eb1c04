/**
 * The facts of a unit that a rule may name.
 *
 * Before the first `quota.approved` what is computed from it is missing; zero is a value. Facts of assessments are
 * missing while no closed period has a figure of the unit.
 */
import type { Basis, Level, UnitKind } from '../core/names.js'
import { type AssessmentKind, bottomYears, latestClosed, type Periods } from './assessments.js'
import { type Today, workingDaysSince } from './days.js'
import type { Fact, FactTable } from './figure.js'
import { touch } from './touch.js'
import type { Unit } from './unit.js'

/** A unit at the moment of judging. One object for all units of a shard: `unit` is set before each is asked. */
export interface UnitFacts {
  unit: Unit
  readonly now: Today
  readonly periods: Periods
}

const withoutQuota = ({ unit }: UnitFacts): boolean => !unit.hasQuota

const head = (read: (unit: Unit) => number): Fact<UnitFacts> => ({
  type: 'int',
  read: ({ unit }) => read(unit),
  touchedBy: touch.heads,
})

const heads: Readonly<Record<Basis, Fact<UnitFacts>>> = {
  permanent: head(({ permanent }) => permanent),
  seconded_in: head(({ secondedIn }) => secondedIn),
  seconded_out: head(({ secondedOut }) => secondedOut),
  posted_in: head(({ postedIn }) => postedIn),
  posted_out: head(({ postedOut }) => postedOut),
}

const isOfLevel = (level: Level): Fact<UnitFacts> => ({
  type: 'bool',
  read: ({ unit }) => unit.cell?.level === level,
  touchedBy: touch.profile,
})

const isOfKind = (kind: UnitKind): Fact<UnitFacts> => ({
  type: 'bool',
  read: ({ unit }) => unit.cell?.kind === kind,
  touchedBy: touch.profile,
})

const latest = ({ unit, periods }: UnitFacts, kind: AssessmentKind) =>
  latestClosed(unit.extras?.assessments, periods.closed, kind)

const mean = (facts: UnitFacts) => {
  const assessment = latest(facts, 'economic_contribution')
  return assessment && facts.periods.means.get(assessment.period)
}

const bottom = ({ unit, periods }: UnitFacts) => bottomYears(unit.extras?.assessments, periods.closed)

const yearOf = (kind: AssessmentKind): Fact<UnitFacts> => ({
  type: 'int',
  read: (facts) => Number(latest(facts, kind)?.period ?? 0),
  missing: (facts) => latest(facts, kind) === undefined,
  touchedBy: touch.assessed,
})

const quota: FactTable<UnitFacts> = {
  approved: { type: 'int', read: ({ unit }) => unit.approved, missing: withoutQuota, touchedBy: touch.quota },
  usable: {
    type: 'int',
    read: ({ unit }) => unit.usable,
    missing: withoutQuota,
    touchedBy: touch.quota | touch.loans,
  },
  overBy: {
    type: 'int',
    read: ({ unit }) => unit.filled - unit.usable,
    missing: withoutQuota,
    touchedBy: touch.quota | touch.loans | touch.heads,
  },
  /** Working days since it went over quota; 0 while it is not. */
  workingDaysOver: {
    type: 'int',
    read: ({ unit, now }) => (unit.overSince === 0 ? 0 : workingDaysSince(now, unit.overSince)),
    missing: withoutQuota,
    touchedBy: touch.over | touch.day,
  },
  movedByState: {
    type: 'int',
    read: ({ unit }) => unit.movedByState,
    missing: withoutQuota,
    touchedBy: touch.quota,
  },
  /** What was approved on 1 January of this year. */
  quotaOn1January: {
    type: 'int',
    read: ({ unit, now }) => unit.approvals.approvedOn1January(now.year) ?? 0,
    missing: ({ unit, now }) => unit.approvals.approvedOn1January(now.year) === undefined,
    touchedBy: touch.quota | touch.year,
  },
  /** Posts that cause `autonomy` moved this year, up or down. */
  movedByAutonomyThisYear: {
    type: 'int',
    read: ({ unit, now }) => unit.approvals.movedByAutonomyIn(now.year),
    missing: withoutQuota,
    touchedBy: touch.quota | touch.year,
  },
}

const assessed: FactTable<UnitFacts> = {
  /** Millionths of the value in the latest closed half-year. */
  economicValue: {
    type: 'int',
    read: (facts) => latest(facts, 'economic_contribution')?.figure ?? 0,
    missing: (facts) => mean(facts) === undefined,
    touchedBy: touch.mean,
  },
  /** The plain mean of that half-year is economicSum / economicCount. */
  economicSum: { type: 'int', read: (facts) => BigInt(mean(facts)?.sum ?? 0), touchedBy: touch.mean },
  economicCount: { type: 'int', read: (facts) => mean(facts)?.count ?? 0, touchedBy: touch.mean },
  bottomYears: {
    type: 'int',
    read: (facts) => bottom(facts) ?? 0,
    missing: (facts) => bottom(facts) === undefined,
    touchedBy: touch.assessed,
  },
  efficiencyYear: yearOf('efficiency'),
  /** 0 excellent, 1 good, 2 passed, 3 failed. */
  grade: {
    type: 'int',
    read: (facts) => latest(facts, 'annual')?.figure ?? 0,
    missing: (facts) => latest(facts, 'annual') === undefined,
    touchedBy: touch.assessed,
  },
  gradeYear: yearOf('annual'),
}

export const unitFacts: FactTable<UnitFacts> = {
  ...quota,
  onLoan: { type: 'int', read: ({ unit }) => unit.onLoan, touchedBy: touch.loans },
  filled: { type: 'int', read: ({ unit }) => unit.filled, touchedBy: touch.heads },
  contract: { type: 'int', read: ({ unit }) => unit.contract, touchedBy: touch.contract },
  enteredWhileFrozen: { type: 'int', read: ({ unit }) => unit.enteredWhileFrozen, touchedBy: touch.frozenUse },
  ...heads,
  /** Working days since a head count went below zero; 0 while none is. */
  workingDaysNegative: {
    type: 'int',
    read: ({ unit, now }) => (unit.negativeSince === 0 ? 0 : workingDaysSince(now, unit.negativeSince)),
    touchedBy: touch.negative | touch.day,
  },
  ...assessed,
  municipal: isOfLevel('municipal'),
  township: isOfLevel('township'),
  administrative: isOfKind('administrative'),
  institution: isOfKind('institution'),
  frontline: {
    type: 'bool',
    read: ({ unit }) => unit.cell?.frontline === true,
    touchedBy: touch.profile,
  },
}
